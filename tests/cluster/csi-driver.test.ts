import { describe, expect, test } from 'vitest';
import { PersistentVolumeClaimKind } from '../../src/api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../src/api/core/persistent-volume.ts';
import { EventKind, NodeKind, PodKind } from '../../src/api/index.ts';
import { CsiNodeKind } from '../../src/api/storage/csi-node.ts';
import { VolumeAttachmentKind } from '../../src/api/storage/volume-attachment.ts';
import type { PersistentVolumeClaim, Pod } from '../../src/api/types.ts';
import { createCluster, RECORDING_RIG, type Cluster } from '../../src/cluster/index.ts';

const AT = { namespace: 'default', name: 'data' };

/** A cluster with the driver, a claim, and a Pod that uses it. */
function start(): Cluster {
  const cluster = createCluster({ seed: 1, ...RECORDING_RIG, addons: ['csi-driver'] });
  cluster.kernel.runFor(10_000);
  const client = cluster.client();
  client.resource(PersistentVolumeClaimKind).create({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: AT,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  } as PersistentVolumeClaim);
  client.resource(PodKind).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name: 'p' },
    spec: {
      containers: [{ name: 'c', image: 'nginx' }],
      volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }],
    },
  } as Pod);
  cluster.kernel.runFor(20_000);
  return cluster;
}

const claim = (cluster: Cluster): PersistentVolumeClaim =>
  cluster.client().resource(PersistentVolumeClaimKind).get(AT.name, AT.namespace);

const reasons = (cluster: Cluster, kind: string): string[] =>
  cluster
    .client()
    .resource(EventKind)
    .list({ namespace: 'default' })
    .items.filter(({ involvedObject }) => involvedObject.kind === kind)
    .map(({ reason = '' }) => reason);

describe('with a storage driver', () => {
  test('every node says that it is there', () => {
    const nodes = start().client().resource(CsiNodeKind).list().items;
    expect(nodes.map(({ metadata, spec }) => [metadata.name, spec.drivers])).toEqual(
      ['node-1', 'node-2', 'node-3'].map((nodeID) => [
        nodeID,
        [{ name: 'hostpath.csi.k8s.io', nodeID, topologyKeys: null }],
      ]),
    );
  });

  test('a claim gets a volume, which is attached to the node of its Pod', () => {
    const cluster = start();
    const { metadata, spec, status } = claim(cluster);
    expect(spec.volumeName).toBe(`pvc-${metadata.uid}`);
    expect(status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } });
    const pod = cluster.client().resource(PodKind).get('p', 'default');
    expect(pod.status?.phase).toBe('Running');
    expect(cluster.client().resource(VolumeAttachmentKind).list().items).toMatchObject([
      { spec: { nodeName: pod.spec.nodeName, attacher: 'hostpath.csi.k8s.io' }, status: { attached: true } },
    ]);
    expect(cluster.client().resource(NodeKind).get(pod.spec.nodeName!).status?.volumesAttached).toHaveLength(1);
    expect(reasons(cluster, 'PersistentVolumeClaim')).toEqual(
      expect.arrayContaining(['ExternalProvisioning', 'Provisioning', 'ProvisioningSucceeded']),
    );
    expect(reasons(cluster, 'Pod')).toContain('SuccessfulAttachVolume');
  });

  test('a claim that asks for more gets more', () => {
    const cluster = start();
    cluster
      .client()
      .resource(PersistentVolumeClaimKind)
      .patch(AT.name, AT.namespace, 'merge', { spec: { resources: { requests: { storage: '2Gi' } } } });
    cluster.kernel.runFor(5_000);
    expect(claim(cluster).status).toMatchObject({ capacity: { storage: '2Gi' } });
    expect(claim(cluster).status?.conditions ?? []).toEqual([]);
    const volume = cluster.client().resource(PersistentVolumeKind).get(claim(cluster).spec.volumeName!);
    expect(volume.spec?.capacity).toEqual({ storage: '2Gi' });
    expect(reasons(cluster, 'PersistentVolumeClaim')).toEqual(
      expect.arrayContaining(['ExternalExpanding', 'Resizing', 'VolumeResizeSuccessful']),
    );
  });

  test('the volume goes with its claim', () => {
    const cluster = start();
    const client = cluster.client();
    client.resource(PodKind).delete('p', 'default', { gracePeriodSeconds: 0 });
    client.resource(PersistentVolumeClaimKind).delete(AT.name, AT.namespace);
    cluster.kernel.runFor(60_000);
    expect(client.resource(PersistentVolumeClaimKind).list({ namespace: 'default' }).items).toEqual([]);
    expect(client.resource(VolumeAttachmentKind).list().items).toEqual([]);
    expect(client.resource(PersistentVolumeKind).list().items).toEqual([]);
  });
});
