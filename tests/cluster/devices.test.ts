import { beforeEach, describe, expect, test } from 'vitest';
import { EventKind } from '../../src/api/core/event.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { DeviceClassKind } from '../../src/api/resource/device-class.ts';
import { ResourceClaimKind } from '../../src/api/resource/resource-claim.ts';
import { ResourceClaimTemplateKind } from '../../src/api/resource/resource-claim-template.ts';
import { ResourceSliceKind } from '../../src/api/resource/resource-slice.ts';
import type { Pod, ResourceClaim } from '../../src/api/types.ts';
import { createCluster, type Cluster } from '../../src/cluster/index.ts';

let cluster: Cluster;

const claims = (): ResourceClaim[] => [
  ...cluster.client().resource(ResourceClaimKind).list({ namespace: 'default' }).items,
];
const podNamed = (name: string): Pod => cluster.client().resource(PodKind).get(name, 'default');

function create(name: string, claim: object): void {
  cluster
    .client()
    .resource(PodKind)
    .create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        containers: [{ name: 'c', image: 'nginx', resources: { claims: [{ name: 'gpu' }] } }],
        resourceClaims: [{ name: 'gpu', ...claim }],
      },
    });
}

beforeEach(() => {
  const gpus = { 'gpu.example.com': [{ name: 'gpu-0', attributes: { model: { string: 'small' } } }] };
  const nodes = [{ name: 'node-1' }, { name: 'node-2', devices: gpus }, { name: 'node-3' }];
  cluster = createCluster({ seed: 1, nodes, runtime: 'instant', trace: { capacity: 0 } });
  cluster.kernel.runFor(30_000);
  const client = cluster.client();
  client.resource(DeviceClassKind).create({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'DeviceClass',
    metadata: { name: 'gpu' },
    spec: { selectors: [{ cel: { expression: "device.driver == 'gpu.example.com'" } }] },
  });
  client.resource(ResourceClaimTemplateKind).create({
    apiVersion: 'resource.k8s.io/v1',
    kind: 'ResourceClaimTemplate',
    metadata: { name: 'one-gpu', namespace: 'default' },
    spec: {
      metadata: { labels: { team: 'a' } },
      spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } },
    },
  });
});

test('a driver publishes the devices of its node', () => {
  const slices = cluster.client().resource(ResourceSliceKind).list().items;
  expect(slices.map(({ spec }) => [spec.nodeName, spec.driver, spec.devices?.length])).toEqual([
    ['node-2', 'gpu.example.com', 1],
  ]);
});

describe('a Pod with a template for its claim', () => {
  test('gets a claim of its own, a device, and a node', () => {
    create('p', { resourceClaimTemplateName: 'one-gpu' });
    cluster.kernel.runFor(5_000);
    const [claim] = claims();
    expect(claim!.metadata).toMatchObject({
      name: expect.stringMatching(/^p-gpu-[a-z0-9]{5}$/) as string,
      labels: { team: 'a' },
      annotations: { 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      ownerReferences: [{ kind: 'Pod', name: 'p', controller: true, blockOwnerDeletion: true }],
    });
    expect(podNamed('p').status?.resourceClaimStatuses).toEqual([
      { name: 'gpu', resourceClaimName: claim!.metadata.name },
    ]);
    expect(podNamed('p').spec.nodeName).toBe('node-2');
    expect(claim!.status?.reservedFor).toMatchObject([{ name: 'p' }]);
    expect(podNamed('p').status?.phase).toBe('Running');
  });

  test('does not start where the driver does not run', () => {
    cluster.stop('gpu.example.com/node-2');
    create('p', { resourceClaimTemplateName: 'one-gpu' });
    cluster.kernel.runFor(5_000);
    expect(podNamed('p').status?.phase).toBe('Pending');
    const events = cluster.client().resource(EventKind).list({ namespace: 'default' }).items;
    expect(events.filter(({ reason }) => reason === 'FailedPrepareDynamicResources')).toMatchObject([
      {
        type: 'Warning',
        message:
          'Failed to prepare dynamic resources: prepare dynamic resources: DRA driver gpu.example.com is not registered',
      },
    ]);
    cluster.start('gpu.example.com/node-2');
    cluster.kernel.runFor(70_000);
    expect(podNamed('p').status?.phase).toBe('Running');
  });

  test('takes the claim along when it goes, and the next one gets the device', () => {
    create('first', { resourceClaimTemplateName: 'one-gpu' });
    cluster.kernel.runFor(5_000);
    create('second', { resourceClaimTemplateName: 'one-gpu' });
    cluster.kernel.runFor(5_000);
    expect(podNamed('second').spec.nodeName).toBeUndefined();
    cluster.client().resource(PodKind).delete('first', 'default', { gracePeriodSeconds: 0 });
    cluster.kernel.runFor(20_000);
    expect(podNamed('second').spec.nodeName).toBe('node-2');
    expect(claims().map(({ metadata }) => metadata.name.replace(/-[^-]*$/, ''))).toEqual(['second-gpu']);
  });

  test('says so when there is no such template', () => {
    create('p', { resourceClaimTemplateName: 'nope' });
    cluster.kernel.runFor(5_000);
    expect(claims()).toEqual([]);
    expect(podNamed('p').spec.nodeName).toBeUndefined();
  });
});

test('a claim in use goes only once its Pod is gone', () => {
  cluster
    .client()
    .resource(ResourceClaimKind)
    .create({
      apiVersion: 'resource.k8s.io/v1',
      kind: 'ResourceClaim',
      metadata: { name: 'mine', namespace: 'default' },
      spec: { devices: { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] } },
    });
  create('p', { resourceClaimName: 'mine' });
  cluster.kernel.runFor(5_000);
  expect(claims()[0]!.status?.allocation?.devices?.results).toMatchObject([{ device: 'gpu-0' }]);
  cluster.client().resource(ResourceClaimKind).delete('mine', 'default');
  cluster.kernel.runFor(1_000);
  // It is in use.
  expect(claims()[0]!.metadata.deletionTimestamp).toBeDefined();
  cluster.client().resource(PodKind).delete('p', 'default', { gracePeriodSeconds: 0 });
  cluster.kernel.runFor(10_000);
  expect(claims()).toEqual([]);
});
