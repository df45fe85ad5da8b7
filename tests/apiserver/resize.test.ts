import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

type Resources = { requests?: object; limits?: object };

const container = (name: string, resources: Resources, rest: object = {}): object => ({
  name,
  image: 'nginx',
  resources,
  ...rest,
});

class ResizeRig extends Rig {
  constructor(resources: Resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '2Gi' } }) {
    super();
    this.create('nodes', {
      metadata: { name: 'n', labels: { 'kubernetes.io/os': 'linux' } },
      status: { allocatable: { cpu: '4', memory: '8Gi' } },
    });
    const body = { metadata: { name: 'web' }, spec: { nodeName: 'n', containers: [container('a', resources)] } };
    this.create('pods', body);
  }

  resize(name: string, resources: Resources, rest: object = {}): { message?: string; spec?: { containers: object[] } } {
    const url = `/api/v1/namespaces/default/pods/${name}/resize`;
    const headers = { 'content-type': 'application/strategic-merge-patch+json' };
    const body = { spec: { containers: [{ name: 'a', resources, ...rest }] } };
    return this.http('PATCH', url, body, headers).body as never;
  }
}

const refused = (name: string, text: string): string => `Pod "${name}" is invalid: ${text}`;

describe('a Pod is resized', () => {
  test('in its cpu and memory; whatever else is asked for is passed over', () => {
    const rig = new ResizeRig();
    const resized = rig.resize('web', { requests: { cpu: '1500m' } }, { image: 'other' });
    expect(resized).toMatchObject({
      metadata: { generation: 2 },
      spec: { containers: [{ image: 'nginx', resources: { requests: { cpu: '1500m', memory: '1Gi' } } }] },
    });
    expect(
      rig.refusal({
        verb: 'patch',
        resource: 'pods',
        name: 'web',
        patchType: 'strategic',
        body: {
          spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }] },
        },
      }).message,
    ).toContain('spec: Forbidden: pod updates may not change fields other than');
  });

  test('but not into another class, nor by taking requests or limits away, nor in other resources', () => {
    const rig = new ResizeRig();
    const equal = { cpu: '2', memory: '2Gi' };
    expect(rig.resize('web', { requests: equal, limits: equal }).message).toBe(
      refused('web', 'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'),
    );
    expect(rig.resize('web', { limits: { memory: null } }).message).toBe(
      refused('web', 'spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed'),
    );
    expect(rig.resize('web', { limits: { 'ephemeral-storage': '1Gi' } }).message).toContain(
      'spec: Forbidden: only cpu and memory resources are mutable',
    );
    expect(rig.resize('web', { requests: { cpu: '3' } }).message).toBe(
      refused(
        'web',
        'spec.containers[0].resources.requests: Invalid value: "3": must be less than or equal to cpu limit of 2',
      ),
    );
    const policy = [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }];
    expect(rig.resize('web', {}, { resizePolicy: policy }).message).toContain(
      'spec: Forbidden: only cpu and memory resources are mutable',
    );
  });

  test('with its containers as they are, init containers only when they are sidecars', () => {
    const rig = new ResizeRig();
    const spec = (containers: object[], initContainers: object[] = []): object => ({
      spec: { containers, initContainers },
    });
    const put = (change: object): string => {
      const old = rig.get('pods', 'two');
      const body = { ...old, spec: { ...(old['spec'] as object), ...(change as { spec: object }).spec } };
      return rig.refusal({ verb: 'update', resource: 'pods', name: 'two', subresource: 'resize', body }).message ?? '';
    };
    const small = { requests: { cpu: '100m' } };
    const big = { requests: { cpu: '200m' } };
    const init = container('init', small);
    const sidecar = container('side', small, { restartPolicy: 'Always' });
    const [a, b] = [container('a', small), container('b', small)];
    rig.create('pods', { metadata: { name: 'two' }, ...spec([a, b], [init, sidecar]) });
    const stored = (rig.get('pods', 'two') as unknown as { spec: { containers: object[]; initContainers: object[] } })
      .spec;
    const [first, second] = stored.containers as [object, object];
    const [i, s] = stored.initContainers as [object, object];
    expect(put(spec([first], [i, s]))).toBe(
      refused('two', 'spec.containers: Forbidden: containers may not be added or removed on resize'),
    );
    expect(put(spec([second, first], [i, s]))).toBe(
      refused(
        'two',
        '[spec.containers[0].name: Forbidden: containers may not be renamed or reordered on resize, ' +
          'spec.containers[1].name: Forbidden: containers may not be renamed or reordered on resize]',
      ),
    );
    expect(put(spec([first, second], [{ ...i, resources: big }, s]))).toBe(
      refused('two', 'spec: Forbidden: resources for non-sidecar init containers are immutable'),
    );
    const update = {
      ...rig.get('pods', 'two'),
      ...{ spec: { ...stored, initContainers: [i, { ...s, resources: big }] } },
    };
    const done = rig.ask({ verb: 'update', resource: 'pods', name: 'two', subresource: 'resize', body: update });
    expect(done).toMatchObject({ spec: { initContainers: [{ resources: small }, { resources: big }] } });
  });

  test('as far as its node, its quota and the limits of its namespace reach', () => {
    const rig = new ResizeRig({ requests: { cpu: '1', memory: '1Gi' } });
    expect(rig.resize('web', { requests: { cpu: '5', memory: '9Gi' } }).message).toBe(
      'pods "web" is forbidden: node didn\'t have enough allocatable resources: ' +
        'cpu, requested: 5000, allocatable: 4000; memory, requested: 9663676416, allocatable: 8589934592',
    );
    const limits = [{ type: 'Container', max: { cpu: '3' } }];
    rig.create('limitranges', { metadata: { name: 'small' }, spec: { limits } });
    expect(rig.resize('web', { requests: { cpu: '3500m' } }).message).toContain('maximum cpu usage per Container is 3');
    rig.delete('limitranges', 'small');
    rig.create('resourcequotas', { metadata: { name: 'q' }, spec: { hard: { 'requests.cpu': '2' } } });
    const quota = rig.get('resourcequotas', 'q');
    const status = { hard: { 'requests.cpu': '2' }, used: { 'requests.cpu': '1' } };
    rig.ask({
      verb: 'update',
      resource: 'resourcequotas',
      name: 'q',
      subresource: 'status',
      body: { ...quota, status },
    });
    expect(rig.resize('web', { requests: { cpu: '2500m' } }).message).toBe(
      'pods "web" is forbidden: exceeded quota: q, requested: requests.cpu=1500m, used: requests.cpu=1, limited: requests.cpu=2',
    );
    rig.resize('web', { requests: { cpu: '1500m' } });
    expect(rig.get('resourcequotas', 'q')).toMatchObject({ status: { used: { 'requests.cpu': '1500m' } } });
  });
});
