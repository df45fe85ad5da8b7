import { beforeEach, describe, expect, test } from 'vitest';
import { DeviceClassKind } from '../../src/api/resource/device-class.ts';
import { ResourceClaimKind } from '../../src/api/resource/resource-claim.ts';
import { ResourceSliceKind } from '../../src/api/resource/resource-slice.ts';
import type { DeviceClass, ResourceClaim, ResourceSlice } from '../../src/api/types.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

type DeviceSpec = NonNullable<ResourceClaim['spec']['devices']>;
type Request = NonNullable<DeviceSpec['requests']>[number];
type Attributes = NonNullable<NonNullable<ResourceSlice['spec']['devices']>[number]['attributes']>;

let rig: SchedulingRig;

function slice(nodeName: string, devices: Record<string, Attributes>, driver = 'gpu.example.com'): void {
  rig.client.resource(ResourceSliceKind).create({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceSlice',
    metadata: { name: `${nodeName}-${driver}` },
    spec: {
      driver,
      nodeName,
      pool: { name: nodeName, generation: 1, resourceSliceCount: 1 },
      devices: Object.entries(devices).map(([name, attributes]) => ({ name, attributes })),
    },
  });
}

function deviceClass(name: string, expression = "device.driver == 'gpu.example.com'"): void {
  const object: DeviceClass = {
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name },
    spec: { selectors: [{ cel: { expression } }] },
  };
  rig.client.resource(DeviceClassKind).create(object);
}

function claim(name: string, requests: Request[], constraints?: DeviceSpec['constraints']): void {
  const devices = { requests, ...(constraints ? { constraints } : {}) };
  rig.client.resource(ResourceClaimKind).create({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaim',
    metadata: { name, namespace: 'lab' },
    spec: { devices },
  });
}

const claimed = (name: string): ResourceClaim => rig.client.resource(ResourceClaimKind).get(name, 'lab');
const devicesOf = (name: string): string[] =>
  (claimed(name).status?.allocation?.devices?.results ?? []).map(({ request, pool, device }) =>
    [request, pool, device].join(' '),
  );

function podWith(name: string, ...claims: string[]): void {
  rig.createPod(pod(name, { resourceClaims: claims.map((each) => ({ name: each, resourceClaimName: each })) }));
}

const gpu = (request: Partial<NonNullable<Request['exactly']>> = {}): Request => ({
  name: 'gpu',
  exactly: { deviceClassName: 'gpu', ...request },
});

const failures = (): (string | undefined)[] => rig.events('FailedScheduling').map(({ message }) => message);

beforeEach(() => {
  rig = new SchedulingRig();
  for (const name of ['node-1', 'node-2', 'node-3']) rig.createNode(node(name));
  deviceClass('gpu');
  rig.kernel.runUntilSettled();
});

describe('a Pod with a claim', () => {
  test('goes where a device is that the claim selects, and the claim says which', () => {
    slice('node-1', { 'gpu-0': { model: { string: 'small' } } });
    slice('node-2', { 'gpu-0': { model: { string: 'small' } }, 'gpu-1': { model: { string: 'large' } } });
    const expression = "device.attributes['gpu.example.com'].model == 'large'";
    claim('large', [gpu({ selectors: [{ cel: { expression } }] })]);
    podWith('p', 'large');
    rig.kernel.runUntilSettled();
    expect(rig.nodeOf('p')).toBe('node-2');
    const { metadata, status } = claimed('large');
    expect(metadata.finalizers).toEqual(['resource.kubernetes.io/delete-protection']);
    expect(status).toMatchObject({
      allocation: {
        devices: { results: [{ request: 'gpu', driver: 'gpu.example.com', pool: 'node-2', device: 'gpu-1' }] },
        nodeSelector: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }] }],
        },
      },
      reservedFor: [{ resource: 'pods', name: 'p', uid: rig.pod('p').metadata.uid }],
    });
  });

  test('never gets a device that another has', () => {
    slice('node-1', { 'gpu-0': {}, 'gpu-1': {} });
    for (const name of ['a', 'b', 'c']) {
      claim(name, [gpu()]);
      podWith(name, name);
    }
    rig.kernel.runFor(2_000);
    expect([...devicesOf('a'), ...devicesOf('b')].sort()).toEqual(['gpu node-1 gpu-0', 'gpu node-1 gpu-1']);
    expect(rig.nodeOf('c')).toBeUndefined();
    expect(failures()[0]).toBe(
      '0/3 nodes are available: 3 cannot allocate all claims. still not schedulable, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    );
  });

  test('waits for its claim, its class, and devices to come', () => {
    podWith('p', 'late');
    rig.kernel.runFor(1_000);
    expect(rig.nodeOf('p')).toBeUndefined();
    claim('late', [gpu({ deviceClassName: 'fpga' })]);
    rig.kernel.runFor(1_000);
    expect(failures().at(-1)).toMatch(/^0\/3 nodes are available: request gpu: device class fpga does not exist\./);
    deviceClass('fpga', 'true');
    rig.kernel.runFor(20_000);
    expect(rig.nodeOf('p')).toBeUndefined();
    slice('node-3', { 'fpga-0': {} });
    rig.kernel.runFor(20_000);
    expect(rig.nodeOf('p')).toBe('node-3');
  });

  test('shares the claim, and then its node, with others', () => {
    slice('node-2', { 'gpu-0': {} });
    claim('shared', [gpu()]);
    podWith('a', 'shared');
    rig.kernel.runUntilSettled();
    podWith('b', 'shared');
    rig.kernel.runUntilSettled();
    expect([rig.nodeOf('a'), rig.nodeOf('b')]).toEqual(['node-2', 'node-2']);
    expect(claimed('shared').status?.reservedFor?.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('fails with what is wrong about a selector', () => {
    slice('node-1', { 'gpu-0': {} });
    const expression = "device.attributes['gpu.example.com'].model == 'large'";
    claim('odd', [gpu({ selectors: [{ cel: { expression } }] })]);
    podWith('p', 'odd');
    rig.kernel.runFor(500);
    expect(failures()[0]).toBe(
      'running "DynamicResources" filter plugin: claim lab/odd: selector #0: CEL runtime error: no such key: model',
    );
  });
});

describe('a claim', () => {
  test('may want several devices that have something in common', () => {
    slice('node-1', { a: { numa: { int: 0 } }, b: { numa: { int: 1 } } });
    slice('node-2', { a: { numa: { int: 0 } }, b: { numa: { int: 1 } }, c: { numa: { int: 1 } } });
    claim('pair', [gpu({ count: 2 })], [{ matchAttribute: 'gpu.example.com/numa' }]);
    podWith('p', 'pair');
    rig.kernel.runUntilSettled();
    expect(devicesOf('pair')).toEqual(['gpu node-2 b', 'gpu node-2 c']);
  });

  test('may want all devices there are', () => {
    slice('node-1', { a: {}, b: {} });
    claim('all', [gpu({ allocationMode: 'All' })]);
    podWith('p', 'all');
    rig.kernel.runUntilSettled();
    expect(devicesOf('all')).toEqual(['gpu node-1 a', 'gpu node-1 b']);
  });

  test('gets the first alternative that can be had, on the node where it is had', () => {
    deviceClass('large', "device.attributes['gpu.example.com'].size > 40");
    slice('node-1', { a: { size: { int: 20 } } });
    slice('node-2', { a: { size: { int: 80 } } });
    const alternatives: Request = {
      name: 'gpu',
      firstAvailable: [
        { name: 'big', deviceClassName: 'large' },
        { name: 'any', deviceClassName: 'gpu' },
      ],
    };
    claim('first', [alternatives]);
    podWith('p', 'first');
    rig.kernel.runUntilSettled();
    expect(devicesOf('first')).toEqual(['gpu/big node-2 a']);
    claim('second', [alternatives]);
    podWith('q', 'second');
    rig.kernel.runUntilSettled();
    expect(devicesOf('second')).toEqual(['gpu/any node-1 a']);
  });

  test('selects by version and capacity too', () => {
    rig.client.resource(ResourceSliceKind).create({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: { name: 's' },
      spec: {
        driver: 'gpu.example.com',
        nodeName: 'node-1',
        pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
        devices: [
          { name: 'old', attributes: { driver: { version: '1.2.3' } }, capacity: { memory: { value: '80Gi' } } },
          { name: 'small', attributes: { driver: { version: '2.0.0' } }, capacity: { memory: { value: '20Gi' } } },
          { name: 'fine', attributes: { driver: { version: '2.0.0' } }, capacity: { memory: { value: '80Gi' } } },
        ],
      },
    });
    const memory = "device.capacity['gpu.example.com'].memory.compareTo(quantity('40Gi')) >= 0";
    const version = "device.attributes['gpu.example.com'].driver.isGreaterThan(semver('1.9.0'))";
    claim('c', [gpu({ selectors: [{ cel: { expression: memory } }, { cel: { expression: version } }] })]);
    podWith('p', 'c');
    rig.kernel.runUntilSettled();
    expect(devicesOf('c')).toEqual(['gpu node-1 fine']);
  });

  test('leaves tainted devices alone, unless it tolerates that', () => {
    rig.client.resource(ResourceSliceKind).create({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceSlice',
      metadata: { name: 's' },
      spec: {
        driver: 'gpu.example.com',
        nodeName: 'node-1',
        pool: { name: 'node-1', generation: 1, resourceSliceCount: 1 },
        devices: [{ name: 'broken', taints: [{ key: 'health', value: 'bad', effect: 'NoSchedule' }] }],
      },
    });
    claim('plain', [gpu()]);
    podWith('plain', 'plain');
    claim('brave', [gpu({ tolerations: [{ key: 'health', operator: 'Exists' }] })]);
    podWith('brave', 'brave');
    rig.kernel.runFor(2_000);
    expect(devicesOf('plain')).toEqual([]);
    expect(devicesOf('brave')).toEqual(['gpu node-1 broken']);
  });
});
