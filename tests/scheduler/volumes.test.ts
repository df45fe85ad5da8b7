import { expect, test } from 'vitest';
import { PersistentVolumeClaimKind } from '../../src/api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../src/api/core/persistent-volume.ts';
import { CsiNodeKind } from '../../src/api/storage/csi-node.ts';
import { StorageClassKind } from '../../src/api/storage/storage-class.ts';
import { VolumeAttachmentKind } from '../../src/api/storage/volume-attachment.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../src/api/types.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes' };

function rig(): SchedulingRig {
  const made = new SchedulingRig();
  for (const [name, zone] of [
    ['node-1', 'a'],
    ['node-2', 'b'],
  ] as const) {
    made.createNode(node(name, { labels: { 'topology.kubernetes.io/zone': zone } }));
  }
  made.kernel.runUntilSettled();
  return made;
}

const using = (name: string, claimName: string): Pod =>
  pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });

const claim = (name: string, more: Partial<PersistentVolumeClaim['spec']> = {}): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'lab' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName: 'disk',
    ...more,
  },
});

const volume = (name: string, more: Partial<PersistentVolume['spec']> = {}, labels = {}): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name, labels },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '2Gi' },
    storageClassName: 'disk',
    csi: { driver: 'example.com', volumeHandle: name },
    ...more,
  },
});

const onlyFrom = (zone: string): PersistentVolume['spec'] => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] },
      ],
    },
  },
});

/** The claim as the volume controller leaves it. */
function bind(made: SchedulingRig, name: string, volumeName: string): void {
  const patch = { metadata: { annotations: BOUND }, spec: { volumeName } };
  made.client.resource(PersistentVolumeClaimKind).patch(name, 'lab', 'merge', patch);
}

function create(made: SchedulingRig, ...objects: (PersistentVolume | PersistentVolumeClaim | StorageClass)[]): void {
  for (const object of objects) {
    if (object.kind === 'PersistentVolume') {
      made.client.resource(PersistentVolumeKind).create(object as PersistentVolume);
      const status = { status: { phase: 'Available' } };
      made.client
        .resource(PersistentVolumeKind)
        .patch(object.metadata.name, undefined, 'merge', status, { subresource: 'status' });
    } else if (object.kind === 'StorageClass') {
      made.client.resource(StorageClassKind).create(object as StorageClass);
    } else {
      made.client.resource(PersistentVolumeClaimKind).create(object as PersistentVolumeClaim);
    }
  }
}

const diskClass = (more: Partial<StorageClass> = {}): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'disk' },
  provisioner: 'example.com',
  volumeBindingMode: 'WaitForFirstConsumer',
  ...more,
});

const why = (made: SchedulingRig): string[] => made.events('FailedScheduling').map(({ message }) => message ?? '');

test('a Pod waits for its claim to exist, and to be bound', () => {
  const made = rig();
  made.createPod(using('p', 'data'));
  made.kernel.runFor(100);
  expect(why(made)).toEqual(['0/2 nodes are available: persistentvolumeclaim "data" not found. not found']);
  create(made, claim('data'));
  made.kernel.runFor(2_000);
  expect(why(made)[1]).toBe('0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found');
  create(made, volume('v', onlyFrom('b')));
  bind(made, 'data', 'v');
  made.kernel.runFor(5_000);
  expect(made.nodeOf('p')).toBe('node-2');
});

test('a claim that waits for its first Pod gets the smallest volume that suits the node', () => {
  const made = rig();
  create(made, diskClass({ provisioner: 'kubernetes.io/no-provisioner' }));
  create(made, volume('large', { capacity: { storage: '9Gi' }, ...onlyFrom('b') }), volume('fits', onlyFrom('b')));
  create(made, volume('small', { capacity: { storage: '1Mi' }, ...onlyFrom('a') }), claim('data'));
  made.createPod(using('p', 'data'));
  made.kernel.runFor(500);
  const { spec, metadata } = made.client.resource(PersistentVolumeKind).get('fits');
  expect(spec?.claimRef).toMatchObject({ kind: 'PersistentVolumeClaim', namespace: 'lab', name: 'data' });
  expect(metadata.annotations).toMatchObject({ 'pv.kubernetes.io/bound-by-controller': 'yes' });
  expect(made.nodeOf('p')).toBeUndefined();
  expect(made.pod('p').status?.nominatedNodeName).toBe('node-2');
  bind(made, 'data', 'fits');
  made.kernel.runFor(2_000);
  expect(made.nodeOf('p')).toBe('node-2');
  expect(made.pod('p').status?.nominatedNodeName).toBeUndefined();
});

test('a volume that has to be made is asked for on the chosen node', () => {
  const made = rig();
  const matchLabelExpressions = [{ key: 'topology.kubernetes.io/zone', values: ['b'] }];
  create(made, diskClass({ allowedTopologies: [{ matchLabelExpressions }] }), claim('data'));
  made.createPod(using('p', 'data'));
  made.kernel.runFor(500);
  const { metadata } = made.client.resource(PersistentVolumeClaimKind).get('data', 'lab');
  expect(metadata.annotations).toMatchObject({ 'volume.kubernetes.io/selected-node': 'node-2' });
  create(made, volume('made'));
  bind(made, 'data', 'made');
  made.kernel.runFor(2_000);
  expect(made.nodeOf('p')).toBe('node-2');
});

test('nothing to bind, and nobody to make it', () => {
  const made = rig();
  create(made, diskClass({ provisioner: 'kubernetes.io/no-provisioner' }), claim('data'));
  made.createPod(using('p', 'data'));
  made.kernel.runFor(500);
  expect(why(made)).toEqual([
    "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
  ]);
});

test('volumes keep Pods in their zones', () => {
  const made = rig();
  create(made, volume('v', {}, { 'topology.kubernetes.io/zone': 'a' }), claim('data'));
  bind(made, 'data', 'v');
  made.createPod({
    ...using('p', 'data'),
    spec: { ...using('p', 'data').spec, nodeSelector: { 'kubernetes.io/hostname': 'node-2' } },
  });
  made.kernel.runFor(500);
  expect(why(made)[0]).toMatch(
    /^0\/2 nodes are available: 1 node\(s\) didn't match Pod's node affinity\/selector, 1 node\(s\) had no available volume zone\. /,
  );
});

test('a ReadWriteOncePod claim has one user', () => {
  const made = rig();
  create(
    made,
    volume('v', { accessModes: ['ReadWriteOncePod'] }),
    claim('data', { accessModes: ['ReadWriteOncePod'] }),
  );
  bind(made, 'data', 'v');
  for (const name of ['one', 'two']) {
    made.createPod(using(name, 'data'));
    made.kernel.runFor(500);
  }
  expect(made.nodeOf('one')).toBeDefined();
  expect(why(made)).toEqual([
    '0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod. no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
  ]);
});

test('a node takes as many volumes of a driver as its CSINode allows', () => {
  const made = rig();
  for (const name of ['node-1', 'node-2']) {
    const drivers = [{ name: 'example.com', nodeID: name, allocatable: { count: 1 } }];
    made.client
      .resource(CsiNodeKind)
      .create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers } });
  }
  for (const name of ['one', 'two', 'three']) {
    create(made, volume(name), claim(name));
    bind(made, name, name);
    made.createPod(using(name, name));
    made.kernel.runFor(500);
  }
  expect(new Set([made.nodeOf('one'), made.nodeOf('two')])).toEqual(new Set(['node-1', 'node-2']));
  expect(why(made)[0]).toMatch(/^0\/2 nodes are available: 2 node\(s\) exceed max volume count\./);
});

test('a volume that is attached takes a place, whether a Pod there uses it or not', () => {
  const made = rig();
  for (const name of ['node-1', 'node-2']) {
    const drivers = [{ name: 'example.com', nodeID: name, allocatable: { count: 1 } }];
    made.client
      .resource(CsiNodeKind)
      .create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers } });
    create(made, volume(`old-${name}`));
  }
  const attachments = made.client.resource(VolumeAttachmentKind);
  for (const nodeName of ['node-1', 'node-2']) {
    attachments.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: `on-${nodeName}` },
      spec: { attacher: 'example.com', nodeName, source: { persistentVolumeName: `old-${nodeName}` } },
    });
  }
  create(made, volume('v'), claim('data'));
  bind(made, 'data', 'v');
  made.createPod(using('p', 'data'));
  made.kernel.runFor(500);
  expect(why(made)[0]).toMatch(/^0\/2 nodes are available: 2 node\(s\) exceed max volume count\./);
});
