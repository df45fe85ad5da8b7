import { describe, expect, test } from 'vitest';
import { Counter, exposition, Histogram } from '../../src/apiserver/metrics/metric-family.ts';
import { countRequests, serveMetrics } from '../../src/apiserver/metrics/server-metrics.ts';
import { signTokens } from '../../src/apiserver/tokens/rs256-signer.ts';
import { publishIssuer } from '../../src/apiserver/tokens/openid.ts';
import { Rig } from './rig.ts';

const get = (rig: Rig, url: string): { status: number; body?: unknown } =>
  rig.server.http({ method: 'GET', url, headers: {}, user: { username: 'root', groups: ['system:masters'] } });

const lines = (rig: Rig): string[] => String(get(rig, '/metrics').body).split('\n');

describe('Prometheus text', () => {
  test('has families by name, labels escaped, buckets that add up', () => {
    const counter = new Counter('b_total', 'Things.', ['kind']);
    counter.add(2, 'a "quote"');
    const histogram = new Histogram('a_seconds', 'Time.', ['verb'], [0.1, 1]);
    for (const value of [0.05, 0.5, 0.7, 3]) histogram.observe(value, 'GET');
    expect(exposition([counter, histogram]).split('\n')).toEqual([
      '# HELP a_seconds Time.',
      '# TYPE a_seconds histogram',
      'a_seconds_bucket{verb="GET",le="0.1"} 1',
      'a_seconds_bucket{verb="GET",le="1"} 3',
      'a_seconds_bucket{verb="GET",le="+Inf"} 4',
      'a_seconds_sum{verb="GET"} 4.25',
      'a_seconds_count{verb="GET"} 4',
      '# HELP b_total Things.',
      '# TYPE b_total counter',
      'b_total{kind="a \\"quote\\""} 2',
      '',
    ]);
  });
});

describe('/metrics of the API server', () => {
  test('counts requests, and tells what is stored', () => {
    const rig = new Rig({ extensions: [serveMetrics] });
    countRequests(rig.server);
    rig.create('configmaps', { metadata: { name: 'a' } });
    rig.refusal({ verb: 'get', resource: 'configmaps', name: 'nope' });
    const text = lines(rig);
    const request = 'component="apiserver",dry_run="",group="",resource="configmaps",scope="resource",subresource=""';
    expect(text).toContain(`apiserver_request_total{code="201",${request},verb="POST",version="v1"} 1`);
    expect(text).toContain(`apiserver_request_total{code="404",${request},verb="GET",version="v1"} 1`);
    expect(text).toContain('apiserver_storage_objects{resource="configmaps"} 1');
    expect(text).toContain('apiserver_storage_objects{resource="deployments.apps"} 0');
  });

  test('knows watches as long as they are open, and how long that was', () => {
    const rig = new Rig({ extensions: [serveMetrics] });
    countRequests(rig.server);
    const seen = rig.watch('pods');
    const place = 'group="",resource="pods",scope="namespace",subresource="",verb="WATCH",version="v1"';
    expect(lines(rig)).toContain(`apiserver_longrunning_requests{component="apiserver",${place}} 1`);
    expect(lines(rig)).toContain('apiserver_registered_watchers{group="",kind="Pod",version="v1"} 1');
    rig.kernel.runFor(7_000);
    seen.stop();
    expect(lines(rig)).toContain(`apiserver_longrunning_requests{component="apiserver",${place}} 0`);
    expect(lines(rig)).toContain(`apiserver_request_duration_seconds_sum{component="apiserver",dry_run="",${place}} 7`);
  });
});

describe('health', () => {
  test('is told in full when asked, with checks left out by name', () => {
    const rig = new Rig();
    expect(get(rig, '/livez').body).toBe('ok');
    expect(get(rig, '/livez/etcd').body).toBe('ok');
    expect(get(rig, '/readyz/poststarthook/rbac/bootstrap-roles').body).toBe('ok');
    expect(get(rig, '/livez/nope').status).toBe(404);
    const text = String(get(rig, '/readyz?verbose&exclude=etcd&exclude=nope').body);
    expect(text).toContain('[+]ping ok\n');
    expect(text).toContain('[+]etcd excluded: ok\n');
    expect(text).toContain('[+]informer-sync ok\n');
    expect(
      text.endsWith('warn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n'),
    ).toBe(true);
    expect(String(get(rig, '/livez?verbose').body)).not.toContain('[+]informer-sync ');
  });
});

describe('the issuer of tokens', () => {
  test('is discovered with its keys', () => {
    const rig = new Rig({ extensions: [signTokens, publishIssuer] });
    const configuration = JSON.parse(String(get(rig, '/.well-known/openid-configuration').body)) as object;
    expect(configuration).toMatchObject({
      issuer: 'https://kubernetes.default.svc',
      id_token_signing_alg_values_supported: ['RS256'],
    });
    const { keys } = JSON.parse(String(get(rig, '/openid/v1/jwks').body)) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid)).toEqual([rig.server.tokens.signer.keyId]);
  });
});
