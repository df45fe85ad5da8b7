import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EndpointsKind } from '../../src/api/core/endpoints.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import { EndpointSliceKind } from '../../src/api/discovery/endpoint-slice.ts';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import type { EndpointSlice, Pod, Service } from '../../src/api/types.ts';
import { endpointKey, groupKey, type Endpoint } from '../../src/controllers/endpointslice/desired-endpoints.ts';
import { MAX_ENDPOINTS, sliceChanges } from '../../src/controllers/endpointslice/slice-changes.ts';
import { replicaSet } from './objects.ts';
import { Rig } from './rig.ts';

type Ports = Service['spec']['ports'];

function createService(
  rig: Rig,
  ports: Ports = [{ port: 80, targetPort: 8080 }],
  spec: Partial<Service['spec']> = {},
): void {
  rig.client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'lab' },
    spec: { selector: { app: 'web' }, ports, ...spec },
  });
}

function createPod(rig: Rig, name: string, ports?: NonNullable<Pod['spec']['containers'][0]['ports']>): void {
  rig.client.resource(PodKind).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'lab', labels: { app: 'web' } },
    spec: { containers: [{ name: 'c', image: 'nginx', ...(ports ? { ports } : {}) }] },
  });
}

const slices = (rig: Rig): EndpointSlice[] => rig.client.resource(EndpointSliceKind).list({ namespace: 'lab' }).items;

const patchStatus = (rig: Rig, name: string, status: object): void => {
  rig.client.resource(PodKind).patch(name, 'lab', 'strategic', { status }, { subresource: 'status' });
  rig.settle();
};

describe('EndpointSlices', () => {
  test('follow the readiness and the end of a Pod', () => {
    const rig = new Rig();
    createService(rig);
    rig.settle();
    expect(slices(rig)).toMatchObject([{ addressType: 'IPv4' }]);
    expect(slices(rig)[0]!.endpoints ?? []).toEqual([]);
    createPod(rig, 'p');
    rig.settle();
    const [slice] = slices(rig);
    expect(slice!.metadata).toMatchObject({
      generateName: 'web-',
      labels: {
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': 'web',
      },
      ownerReferences: [{ kind: 'Service', name: 'web' }],
    });
    expect(slice!.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    const pod = rig.pods()[0]!;
    expect(slice!.ports).toEqual([{ name: '', port: 8080, protocol: 'TCP' }]);
    expect(slice!.endpoints).toEqual([
      {
        addresses: [pod.status!.podIP],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: 'node-1',
        targetRef: { kind: 'Pod', name: 'p', namespace: 'lab', uid: pod.metadata.uid },
        zone: 'zone-1',
      },
    ]);
    patchStatus(rig, 'p', { conditions: [{ type: 'Ready', status: 'False' }] });
    expect(slices(rig)[0]!.endpoints![0]!.conditions).toEqual({ ready: false, serving: false, terminating: false });
    patchStatus(rig, 'p', { conditions: [{ type: 'Ready', status: 'True' }] });
    rig.silent.add('node-1');
    rig.client.resource(PodKind).delete('p', 'lab');
    rig.settle();
    expect(slices(rig)[0]!.endpoints![0]!.conditions).toEqual({ ready: false, serving: true, terminating: true });
    patchStatus(rig, 'p', { phase: 'Succeeded' });
    expect(slices(rig)).toMatchObject([{ metadata: { name: slice!.metadata.name } }]);
    expect(slices(rig)[0]!.endpoints ?? []).toEqual([]);
  });

  test('stand apart by the ports that Pods really have', () => {
    const rig = new Rig();
    createService(rig, [
      { name: 'main', port: 80, targetPort: 'http' },
      { name: 'admin', port: 81, targetPort: 9000, protocol: 'UDP', appProtocol: 'example.com/x' },
    ]);
    createPod(rig, 'old', [{ name: 'http', containerPort: 8080 }]);
    createPod(rig, 'new', [{ name: 'http', containerPort: 8081 }]);
    createPod(rig, 'nameless');
    rig.settle();
    const lines = slices(rig).flatMap(({ endpoints, ports }) =>
      endpoints!.flatMap(({ targetRef }) =>
        ports!.map((p) => `${targetRef!.name} ${p.name} ${p.port} ${p.protocol} ${p.appProtocol}`),
      ),
    );
    expect(slices(rig)).toHaveLength(3);
    expect(lines.sort()).toEqual([
      'nameless admin 9000 UDP example.com/x',
      'new admin 9000 UDP example.com/x',
      'new main 8081 TCP undefined',
      'old admin 9000 UDP example.com/x',
      'old main 8080 TCP undefined',
    ]);
    const { subsets } = rig.client.resource(EndpointsKind).get('web', 'lab');
    const older = subsets!.flatMap(({ addresses, ports }) =>
      addresses!.flatMap(({ targetRef }) => ports!.map((p) => `${targetRef!.name} ${p.name} ${p.port} ${p.protocol}`)),
    );
    expect(older.sort()).toEqual(lines.map((line) => line.replace(/ [^ ]+$/, '')));
  });

  test('hold a hundred endpoints at most', () => {
    const rig = new Rig({ trace: false });
    createService(rig);
    rig.client.resource(ReplicaSetKind).create(replicaSet('r', 250));
    rig.settle();
    const sizes = slices(rig).map(({ endpoints }) => endpoints!.length);
    expect(sizes.reduce((a, b) => a + b)).toBe(250);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ENDPOINTS);
    rig.client.resource(ReplicaSetKind).patch('r', 'lab', 'merge', { spec: { replicas: 1 } });
    rig.settle();
    expect(slices(rig).flatMap(({ endpoints }) => endpoints!)).toHaveLength(1);
  });

  test('are put right when somebody else changes them, and go with their Service', () => {
    const rig = new Rig();
    createService(rig);
    createPod(rig, 'p');
    rig.settle();
    const client = rig.client.resource(EndpointSliceKind);
    client.patch(slices(rig)[0]!.metadata.name, 'lab', 'merge', { endpoints: [] });
    rig.settle();
    expect(slices(rig)[0]!.endpoints).toHaveLength(1);
    client.delete(slices(rig)[0]!.metadata.name, 'lab');
    rig.settle();
    expect(slices(rig)[0]!.endpoints).toHaveLength(1);
    rig.client.resource(ServiceKind).delete('web', 'lab');
    rig.settle();
    expect(slices(rig)).toEqual([]);
    expect(rig.client.resource(EndpointsKind).list({ namespace: 'lab' }).items).toEqual([]);
  });

  test('of a headless Service say so', () => {
    const rig = new Rig();
    createService(rig, [{ port: 80 }], { clusterIP: 'None' });
    rig.settle();
    expect(slices(rig)[0]!.metadata.labels).toHaveProperty(['service.kubernetes.io/headless'], '');
    expect(rig.client.resource(EndpointsKind).get('web', 'lab').metadata.labels).toEqual({
      'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
      'service.kubernetes.io/headless': '',
    });
  });
});

describe('Endpoints', () => {
  test('list addresses by readiness', () => {
    const rig = new Rig();
    createService(rig);
    createPod(rig, 'p');
    rig.settle();
    const pod = rig.pods()[0]!;
    const address = {
      ip: pod.status!.podIP,
      nodeName: 'node-1',
      targetRef: { kind: 'Pod', name: 'p', namespace: 'lab', uid: pod.metadata.uid },
    };
    const get = (): unknown => rig.client.resource(EndpointsKind).get('web', 'lab').subsets;
    expect(get()).toEqual([{ addresses: [address], ports: [{ port: 8080, protocol: 'TCP' }] }]);
    patchStatus(rig, 'p', { conditions: [{ type: 'Ready', status: 'False' }] });
    expect(get()).toEqual([{ notReadyAddresses: [address], ports: [{ port: 8080, protocol: 'TCP' }] }]);
    rig.client.resource(PodKind).delete('p', 'lab');
    rig.settle();
    expect(get() ?? []).toEqual([]);
  });
});

describe('changes of slices', () => {
  const ports = [{ name: '', port: 80, protocol: 'TCP' as const }];
  const endpoint = (n: number): Endpoint => ({ addresses: [`10.0.0.${n}`], conditions: { ready: true } });
  const slice = (name: string, numbers: readonly number[]): EndpointSlice => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name },
    addressType: 'IPv4',
    ports,
    endpoints: numbers.map(endpoint),
  });

  test('lead from any slices to exactly the desired endpoints, and then to rest', () => {
    const numbers = fc.uniqueArray(fc.nat(249), { maxLength: 250 });
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 1, max: MAX_ENDPOINTS }), (before, wanted, size) => {
        let existing: EndpointSlice[] = [];
        for (let i = 0; i < before.length; i += size) existing.push(slice(`s${i}`, before.slice(i, i + size)));
        const groups = (): Parameters<typeof sliceChanges>[0] =>
          wanted.length === 0
            ? new Map()
            : new Map([
                [groupKey('IPv4', ports), { addressType: 'IPv4' as const, ports, endpoints: wanted.map(endpoint) }],
              ]);
        const { create, update, remove } = sliceChanges(groups(), ['IPv4'], existing);
        existing = [
          ...existing
            .filter((s) => !remove.includes(s))
            .map((s) => {
              const content = update.find((u) => u.slice === s)?.content;
              return content ? { ...s, ports: [...content.ports], endpoints: [...content.endpoints] } : s;
            }),
          ...create.map((content, i) => ({
            ...slice(`new${i}`, []),
            ports: [...content.ports],
            endpoints: [...content.endpoints],
          })),
        ];
        const held = existing.flatMap(({ endpoints }) => endpoints!.map(endpointKey));
        expect(held.sort()).toEqual(wanted.map((n) => endpointKey(endpoint(n))).sort());
        for (const { endpoints } of existing) expect(endpoints!.length).toBeLessThanOrEqual(MAX_ENDPOINTS);
        expect(existing.length).toBeGreaterThan(0);
        expect(sliceChanges(groups(), ['IPv4'], existing)).toEqual({ create: [], update: [], remove: [] });
      }),
      { numRuns: 50 },
    );
  });
});
