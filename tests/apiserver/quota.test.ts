import { describe, expect, test } from 'vitest';
import { pod, Rig } from './rig.ts';

const withResources = (name: string, resources: object): object => {
  const made = pod(name) as { spec: { containers: object[] } };
  return { ...made, spec: { ...made.spec, containers: [{ ...made.spec.containers[0], resources }] } };
};

const quota = (rig: Rig, hard: Record<string, string>, used: Record<string, string>, spec: object = {}): void => {
  rig.create('resourcequotas', { metadata: { name: 'q' }, spec: { hard, ...spec } });
  rig.patch('resourcequotas', 'q', { status: { hard, used } }, { subresource: 'status' });
};

const used = (rig: Rig): unknown => (rig.get('resourcequotas', 'q')['status'] as { used: unknown }).used;

describe('ResourceQuota', () => {
  test('counts what is created and refuses what is too much', () => {
    const rig = new Rig();
    quota(rig, { pods: '2', 'requests.cpu': '1' }, { pods: '0', 'requests.cpu': '0' });
    rig.create('pods', withResources('a', { requests: { cpu: '600m' } }));
    expect(used(rig)).toEqual({ pods: '1', 'requests.cpu': '600m' });
    const refuse = (name: string, resources: object): string | undefined =>
      rig.refusal({ verb: 'create', resource: 'pods', body: withResources(name, resources) }).message;
    expect(refuse('b', { requests: { cpu: '500m' } })).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    expect(refuse('b', {})).toMatch(/^pods "b" is forbidden: failed quota: q: must specify requests.cpu for: /);
    rig.create('pods', withResources('b', { requests: { cpu: '400m' } }), { options: { dryRun: ['All'] } });
    expect(used(rig)).toEqual({ pods: '1', 'requests.cpu': '600m' });
  });

  test('with scopes counts only Pods in them', () => {
    const rig = new Rig();
    quota(rig, { pods: '0' }, { pods: '0' }, { scopes: ['BestEffort'] });
    rig.create('pods', withResources('a', { requests: { cpu: '1m' } }));
    expect(rig.refusal({ verb: 'create', resource: 'pods', body: withResources('b', {}) }).message).toContain(
      'exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
    );
  });
});

test('LimitRange fills in defaults, and says so', () => {
  const rig = new Rig();
  const limits = [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } }];
  rig.create('limitranges', { metadata: { name: 'l' }, spec: { limits } });
  const made = rig.create('pods', withResources('a', {}));
  expect((made['spec'] as { containers: { resources: unknown }[] }).containers[0]!.resources).toEqual({
    limits: { cpu: '500m' },
    requests: { cpu: '100m' },
  });
  expect(made.metadata.annotations?.['kubernetes.io/limit-ranger']).toMatch(
    /^LimitRanger plugin set: cpu request for container \S+; cpu limit for container \S+$/,
  );
  expect(
    rig.refusal({ verb: 'create', resource: 'pods', body: withResources('b', { limits: { cpu: '2' } }) }).message,
  ).toBe('pods "b" is forbidden: maximum cpu usage per Container is 1, but limit is 2');
});

test('Pod Security refuses by the level enforced and warns by the level warned of', () => {
  const rig = new Rig();
  const labels = { 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' };
  rig.ask({
    verb: 'patch',
    resource: 'namespaces',
    name: 'default',
    patchType: 'merge',
    body: { metadata: { labels } },
  });
  const privileged = { ...pod('a'), spec: { ...(pod('a') as { spec: object }).spec, hostNetwork: true } };
  expect(rig.refusal({ verb: 'create', resource: 'pods', body: privileged }).message).toBe(
    'pods "a" is forbidden: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)',
  );
  const { warnings } = rig.server.serve(rig.request({ verb: 'create', resource: 'pods', body: pod('b') }));
  expect(warnings.join()).toContain('would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false');
});
