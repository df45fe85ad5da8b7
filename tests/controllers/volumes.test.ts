import { describe, expect, test } from 'vitest';
import { EventKind } from '../../src/api/core/event.ts';
import { NodeKind } from '../../src/api/core/node.ts';
import { PersistentVolumeClaimKind } from '../../src/api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../../src/api/core/persistent-volume.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { CsiDriverKind } from '../../src/api/storage/csi-driver.ts';
import { StorageClassKind } from '../../src/api/storage/storage-class.ts';
import { VolumeAttachmentKind } from '../../src/api/storage/volume-attachment.ts';
import type { Pod, VolumeAttachment } from '../../src/api/types.ts';
import { apiVersionOf, type Kind } from '../../src/api/kind.ts';
import type { KubeObject } from '../../src/api/object.ts';
import { messages } from './objects.ts';
import { Rig } from './rig.ts';

function create<T extends KubeObject>(rig: Rig, kind: Kind<T>, object: object): T {
  const created = rig.client
    .resource(kind)
    .create({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object } as never);
  rig.settle();
  return created;
}

const pod = (name: string, volume: object): object => ({
  metadata: { name, namespace: 'lab' },
  spec: { containers: [{ name: 'c', image: 'nginx' }], volumes: [{ name: 'data', ...volume }] },
});

const claimSpec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };

describe('a generic ephemeral volume', () => {
  const ephemeral = { ephemeral: { volumeClaimTemplate: { metadata: { labels: { a: 'b' } }, spec: claimSpec } } };

  test('has a claim that goes with its Pod', () => {
    const rig = new Rig({ nodes: 1 });
    create(rig, PodKind, pod('p', ephemeral));
    const claims = rig.client.resource(PersistentVolumeClaimKind);
    expect(claims.get('p-data', 'lab')).toMatchObject({
      metadata: { labels: { a: 'b' }, ownerReferences: [{ kind: 'Pod', name: 'p', controller: true }] },
      spec: claimSpec,
    });
    rig.client.resource(PodKind).delete('p', 'lab');
    rig.settle();
    expect(claims.list({ namespace: 'lab' }).items).toEqual([]);
  });

  test("does not take somebody else's claim", () => {
    const rig = new Rig({ nodes: 1, pods: 'left alone' });
    create(rig, PersistentVolumeClaimKind, { metadata: { name: 'p-data', namespace: 'lab' }, spec: claimSpec });
    create(rig, PodKind, pod('p', ephemeral));
    expect(messages(rig.events('Pod'))[0]).toBe(
      'FailedBinding: ephemeral volume data: PVC lab/p-data was not created for pod lab/p (pod is not owner)',
    );
  });
});

describe('a volume of a CSI driver', () => {
  function rigWithVolume(attachRequired = true): Rig {
    const rig = new Rig({ nodes: 2, pods: 'left alone' });
    create(rig, CsiDriverKind, { metadata: { name: 'disk.example.com' }, spec: { attachRequired } });
    create(rig, PersistentVolumeKind, {
      metadata: { name: 'pv' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        csi: { driver: 'disk.example.com', volumeHandle: 'h' },
        claimRef: { namespace: 'lab', name: 'data' },
        storageClassName: 'big',
      },
    });
    create(rig, StorageClassKind, {
      metadata: { name: 'big' },
      provisioner: 'disk.example.com',
      allowVolumeExpansion: true,
    });
    create(rig, PersistentVolumeClaimKind, {
      metadata: { name: 'data', namespace: 'lab' },
      spec: { ...claimSpec, storageClassName: 'big' },
    });
    return rig;
  }

  const attachments = (rig: Rig): readonly VolumeAttachment[] => rig.client.resource(VolumeAttachmentKind).list().items;

  const usePod = (rig: Rig, name: string, node: string): void => {
    rig.start(create(rig, PodKind, pod(name, { persistentVolumeClaim: { claimName: 'data' } })) as Pod, node);
    rig.settle();
  };

  /** What the attacher of the driver does. */
  const attach = (rig: Rig): void => {
    for (const attachment of attachments(rig))
      rig.client.resource(VolumeAttachmentKind).updateStatus({ ...attachment, status: { attached: true } });
    rig.settle();
  };

  const attachedTo = (rig: Rig, node: string): unknown =>
    rig.client.resource(NodeKind).get(node).status?.volumesAttached;

  test('is attached to the node of its Pod, and taken off when the Pod is gone', () => {
    const rig = rigWithVolume();
    usePod(rig, 'p', 'node-1');
    expect(attachments(rig)).toMatchObject([
      {
        metadata: { name: expect.stringMatching(/^csi-[0-9a-f]{64}$/) },
        spec: { attacher: 'disk.example.com', nodeName: 'node-1', source: { persistentVolumeName: 'pv' } },
        status: { attached: false },
      },
    ]);
    attach(rig);
    expect(attachedTo(rig, 'node-1')).toEqual([{ name: 'kubernetes.io/csi/disk.example.com^h', devicePath: '' }]);
    expect(messages(rig.events('Pod'))).toContain(
      'SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "pv" ',
    );
    rig.client.resource(PodKind).delete('p', 'lab', { gracePeriodSeconds: 0 });
    rig.settle();
    expect(attachments(rig)).toEqual([]);
    expect(attachedTo(rig, 'node-1') ?? []).toEqual([]);
  });

  test('stays attached as long as the kubelet has it in use, but not for ever', () => {
    const rig = rigWithVolume();
    usePod(rig, 'p', 'node-1');
    attach(rig);
    const inUse = (volumesInUse: string[] | null): void =>
      void rig.client
        .resource(NodeKind)
        .patch('node-1', undefined, 'merge', { status: { volumesInUse } }, { subresource: 'status' });
    inUse(['kubernetes.io/csi/disk.example.com^h']);
    rig.client.resource(PodKind).delete('p', 'lab', { gracePeriodSeconds: 0 });
    rig.run(60_000);
    expect(attachments(rig)).toHaveLength(1);
    rig.run(6 * 60_000);
    expect(attachments(rig)).toEqual([]);
  });

  test('is not attached to a second node', () => {
    const rig = rigWithVolume();
    usePod(rig, 'p', 'node-1');
    attach(rig);
    usePod(rig, 'q', 'node-2');
    expect(attachments(rig)).toHaveLength(1);
    expect(messages(rig.events('Pod'))).toContain(
      'FailedAttachVolume: Multi-Attach error for volume "pv" Volume is already used by pod(s) p',
    );
  });

  test('is not attached where the driver needs no attaching', () => {
    const rig = rigWithVolume(false);
    usePod(rig, 'p', 'node-1');
    expect(attachments(rig)).toEqual([]);
  });

  test('is left to its driver when the claim wants more', () => {
    const rig = rigWithVolume();
    rig.client
      .resource(PersistentVolumeClaimKind)
      .patch('data', 'lab', 'merge', { spec: { resources: { requests: { storage: '2Gi' } } } });
    rig.settle();
    expect(messages(rig.events('PersistentVolumeClaim'))).toContain(
      "ExternalExpanding: Ignoring the PVC: didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC.",
    );
  });
});

describe('a volume that is made by hand', () => {
  const volume = (name: string, spec: object): object => ({
    metadata: { name },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 's', ...spec },
  });
  const claim = (name: string, spec: object = {}): object => ({
    metadata: { name, namespace: 'lab' },
    spec: { ...claimSpec, storageClassName: 's', ...spec },
  });
  const claims = (rig: Rig) => rig.client.resource(PersistentVolumeClaimKind);

  test('is not given to a claim that names it and that it does not fit', () => {
    const rig = new Rig({ nodes: 0 });
    create(rig, PersistentVolumeKind, volume('pv', { hostPath: { path: '/tmp/x' } }));
    create(rig, PersistentVolumeClaimKind, claim('other', { volumeName: 'pv', storageClassName: 't' }));
    expect(messages(rig.events('PersistentVolumeClaim'))[0]).toBe(
      'VolumeMismatch: Cannot bind to requested volume "pv": storageClassName does not match',
    );
    expect(claims(rig).get('other', 'lab').status?.phase).toBe('Pending');
  });

  test('says why it cannot be deleted after its claim', () => {
    const rig = new Rig({ nodes: 0 });
    const spec = { hostPath: { path: '/srv/x' }, persistentVolumeReclaimPolicy: 'Delete' };
    create(rig, PersistentVolumeKind, volume('pv', spec));
    create(rig, PersistentVolumeClaimKind, claim('data'));
    claims(rig).delete('data', 'lab');
    rig.settle();
    const message = 'host_path deleter only supports /tmp/.+ but received provided /srv/x';
    expect(rig.client.resource(PersistentVolumeKind).get('pv').status).toMatchObject({ phase: 'Failed', message });
    const events = rig.client.resource(EventKind).list({ namespace: 'default' }).items;
    expect(messages(events)).toContain(`VolumeFailedDelete: ${message}`);
  });

  test('leaves its claim lost when it is gone', () => {
    const rig = new Rig({ nodes: 0 });
    create(rig, PersistentVolumeKind, volume('pv', { hostPath: { path: '/tmp/x' } }));
    create(rig, PersistentVolumeClaimKind, claim('data'));
    const volumes = rig.client.resource(PersistentVolumeKind);
    volumes.delete('pv');
    volumes.patch('pv', undefined, 'merge', { metadata: { finalizers: null } });
    rig.settle();
    expect(claims(rig).get('data', 'lab').status).toEqual({ phase: 'Lost' });
    expect(messages(rig.events('PersistentVolumeClaim'))).toContain(
      'ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    );
  });
});
