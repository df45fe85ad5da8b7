import { beforeEach, describe, expect, test } from 'vitest';
import { MutatingWebhookConfigurationKind } from '../../src/api/admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingWebhookConfigurationKind } from '../../src/api/admissionregistration/validating-webhook-configuration.ts';
import { ConfigMapKind, PodKind } from '../../src/api/index.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import { ApiError } from '../../src/api/status.ts';
import type {
  ConfigMap,
  MutatingWebhookConfiguration,
  Pod,
  Service,
  ValidatingWebhookConfiguration,
} from '../../src/api/types.ts';
import { createCluster, type Cluster } from '../../src/cluster/index.ts';

let cluster: Cluster;

beforeEach(() => {
  cluster = createCluster({ seed: 5, nodes: 1, trace: { capacity: 0 } });
  cluster.kernel.runFor(10_000);
});

/** Runs a webhook in a Pod behind a Service, until it answers. */
function serve(name: string, image: string, args: readonly string[]): void {
  const client = cluster.client();
  client.resource(PodKind).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'webhook', image, args: [...args] }] },
  } as Pod);
  client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { selector: { app: name }, ports: [{ port: 443, targetPort: 8443 }] },
  } as unknown as Service);
  cluster.kernel.runFor(20_000);
}

const AGNHOST = 'registry.k8s.io/e2e-test-images/agnhost:2.53';

const webhook = (service: string, path: string | undefined, rest: object = {}): object => ({
  name: 'check.example.com',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { service: { namespace: 'default', name: service, path } },
  rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['configmaps'] }],
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
  ...rest,
});

function validating(...webhooks: object[]): void {
  const body = { metadata: { name: 'hooks' }, webhooks } as unknown as ValidatingWebhookConfiguration;
  cluster.client().resource(ValidatingWebhookConfigurationKind).create(body);
}

function mutating(...webhooks: object[]): void {
  const body = { metadata: { name: 'hooks' }, webhooks } as unknown as MutatingWebhookConfiguration;
  cluster.client().resource(MutatingWebhookConfigurationKind).create(body);
}

const create = (name: string, data: Record<string, string> = {}, options: object = {}): ConfigMap =>
  cluster
    .client()
    .resource(ConfigMapKind)
    .create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data }, options);

function refusal(name: string, data: Record<string, string> = {}, options: object = {}): string {
  try {
    create(name, data, options);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.reason}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('a validating webhook', () => {
  test('in a Pod is asked, and its word counts', () => {
    serve('hook', AGNHOST, ['webhook', '--port=8443']);
    validating(webhook('hook', '/configmaps'));
    expect(create('good').metadata.name).toBe('good');
    expect(refusal('bad', { 'webhook-e2e-test': 'webhook-disallow' })).toBe(
      '400 the configmap contains unwanted key and value: admission webhook "check.example.com" denied the request: the configmap contains unwanted key and value',
    );
  });

  test.each([
    ['no Service', 'missing', '/x', `service "missing" not found`],
    ['a Service without endpoints', 'idle', '/x', /^dial tcp 10\.96\.\d+\.\d+:443: connect: connection refused$/],
    ['a path that nothing answers at', 'hook', '/nothing', undefined],
  ])('%s fails the request, or nothing with failurePolicy Ignore', (_, service, path, problem) => {
    if (service === 'hook') serve('hook', AGNHOST, ['webhook', '--port=8443']);
    if (service === 'idle')
      cluster
        .client()
        .resource(ServiceKind)
        .create({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name: 'idle', namespace: 'default' },
          spec: { selector: { app: 'nobody' }, ports: [{ port: 443 }] },
        } as unknown as Service);
    validating(webhook(service, path, { timeoutSeconds: 5 }));
    const told = refusal('a');
    const start =
      '500 InternalError: Internal error occurred: failed calling webhook "check.example.com": failed to call webhook: ';
    expect(told.startsWith(start)).toBe(true);
    const rest = told.slice(start.length);
    if (problem === undefined) expect(rest).toBe('the server could not find the requested resource');
    else {
      const post = `Post "https://${service}.default.svc:443${path}?timeout=5s": `;
      expect(rest.startsWith(post)).toBe(true);
      expect(rest.slice(post.length)).toMatch(problem);
    }
    const hooks = cluster.client().resource(ValidatingWebhookConfigurationKind);
    hooks.patch('hooks', undefined, 'json', [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: 'Ignore' }]);
    expect(create('a').metadata.name).toBe('a');
  });

  test('outside the cluster cannot be reached', () => {
    validating(webhook('', '', { clientConfig: { url: 'https://hook.example.com/check' } }));
    expect(refusal('a')).toContain(
      'failed to call webhook: Post "https://hook.example.com/check?timeout=10s": dial tcp: lookup hook.example.com: no such host',
    );
  });

  test('with side effects is not asked about dry runs', () => {
    validating(webhook('missing', '/x', { sideEffects: 'NoneOnDryRun', failurePolicy: 'Ignore' }));
    expect(create('a', {}, { dryRun: ['All'] }).metadata.name).toBe('a');
  });

  test('is not asked where its conditions do not hold', () => {
    validating(
      webhook('missing', '/x', {
        matchConditions: [{ name: 'not-free', expression: '!object.metadata.name.startsWith("free-")' }],
      }),
    );
    expect(create('free-one').metadata.name).toBe('free-one');
    expect(refusal('other')).toContain('service "missing" not found');
  });

  test('speaks CEL in the image for labs, with a warning', () => {
    serve('cel', 'k8scookbook/cel-webhook:1', [
      '--allow=has(object.data) && size(object.data) < 2',
      '--message="too much in " + object.metadata.name',
      '--warn="looked at " + request.name',
    ]);
    validating(webhook('cel', undefined));
    expect(create('one', { a: '1' }).data).toEqual({ a: '1' });
    expect(refusal('two', { a: '1', b: '2' })).toBe(
      '400 : admission webhook "check.example.com" denied the request: too much in two',
    );
  });
});

describe('a mutating webhook', () => {
  test('changes what is written', () => {
    serve('hook', AGNHOST, ['webhook', '--port=8443']);
    mutating(webhook('hook', '/add-label'));
    expect(create('a').metadata.labels).toEqual({ 'added-label': 'yes' });
  });

  test('sees what a later one changed, if it wants to', () => {
    serve('hook', AGNHOST, ['webhook', '--port=8443']);
    serve('cel', 'k8scookbook/cel-webhook:1', [
      '--patch=[{"op": "add", "path": "/data/mutation-stage-1", "value": "yes"}]',
    ]);
    const again = (reinvocationPolicy: string): object =>
      webhook('hook', '/mutating-configmaps', { name: 'first.example.com', reinvocationPolicy });
    mutating(again('IfNeeded'), webhook('cel', undefined, { name: 'second.example.com' }));
    expect(create('a', { x: 'y' }).data).toEqual({ x: 'y', 'mutation-stage-1': 'yes', 'mutation-stage-2': 'yes' });
    const hooks = cluster.client().resource(MutatingWebhookConfigurationKind);
    hooks.patch('hooks', undefined, 'json', [
      { op: 'replace', path: '/webhooks/0/reinvocationPolicy', value: 'Never' },
    ]);
    expect(create('b', { x: 'y' }).data).toEqual({ x: 'y', 'mutation-stage-1': 'yes' });
  });
});
