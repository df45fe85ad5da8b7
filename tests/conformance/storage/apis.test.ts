/** Kinds of storage as the API serves them, and claims and volumes as they find one another. */
import { describe, expect, test } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, VolumeAttachment } from '../../../src/api/types.ts';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { resource } from '../client.ts';
import { pods } from '../kinds.ts';
import { afterwards, gone, namespace, reaches, template, unique, until } from '../scene.ts';

const GROUP = 'storage.k8s.io/v1';
const storageClasses = resource(GROUP, 'storageclasses')();
const csiDrivers = resource(GROUP, 'csidrivers')();
const csiNodes = resource(GROUP, 'csinodes')();
const capacities = resource(GROUP, 'csistoragecapacities');
const attachments = resource<VolumeAttachment>(GROUP, 'volumeattachments')();
const volumes = resource<PersistentVolume>('v1', 'persistentvolumes')();
const claims = resource<PersistentVolumeClaim>('v1', 'persistentvolumeclaims');

const attachment = { attacher: 'e2e.example.com', nodeName: 'e2e-node', source: { persistentVolumeName: 'e2e-pv' } };

describe('[sig-storage] kinds of storage.k8s.io', () => {
  test('StorageClass, lifecycle', () =>
    operate({
      resource: storageClasses,
      object: () => ({ provisioner: 'e2e-fake-provisioner', reclaimPolicy: 'Delete' }),
    }));

  test('CSIDriver, lifecycle', () =>
    operate({
      resource: csiDrivers,
      object: () => ({ spec: { attachRequired: true, volumeLifecycleModes: ['Ephemeral'] } }),
    }));

  test('CSINode, lifecycle', () => operate({ resource: csiNodes, object: () => ({ spec: { drivers: [] } }) }));

  test('CSIStorageCapacity API', async () => {
    await discovered(GROUP, 'csistoragecapacities');
    const ns = await namespace();
    await operate({
      resource: capacities(ns),
      everywhere: capacities(),
      object: () => ({ storageClassName: 'e2e-example', capacity: '5Gi' }),
      patch: { capacity: '10Gi' },
    });
  });

  test('VolumeAttachment, lifecycle', () => operate({ resource: attachments, object: () => ({ spec: attachment }) }));

  test('VolumeAttachment, apply changes to a volumeattachment status', async () => {
    const name = unique('va');
    await attachments.create({ metadata: { name }, spec: attachment });
    afterwards(() => attachments.delete(name));
    expect((await attachments.get(`${name}/status`)).status?.attached ?? false).toBe(false);
    await operateStatus(attachments, name, { attached: true });
    expect((await attachments.get(name)).status?.attached).toBe(true);
  });

  test('CSIInlineVolumes should support Pods with inline volumes', async () => {
    const ns = await namespace();
    const driver = unique('e2e.example.com').replaceAll('-', '');
    await csiDrivers.create({ metadata: { name: driver }, spec: { volumeLifecycleModes: ['Ephemeral'] } });
    afterwards(() => csiDrivers.delete(driver));
    const made = await pods(ns).create({
      ...template({}, {}, { volumes: [{ name: 'v', csi: { driver } }], schedulerName: 'nobody' }),
      metadata: { name: 'inline' },
    });
    expect(made.spec.volumes?.[0]).toEqual({ name: 'v', csi: { driver } });
    await pods(ns).patch('inline', { metadata: { labels: { patched: 'true' } } });
    expect((await pods(ns).list({ labelSelector: 'patched=true' })).items).toHaveLength(1);
    await pods(ns).delete('inline');
    await gone(pods(ns), 'inline');
  });
});

describe('[sig-storage] PersistentVolumes', () => {
  const volume = (label: string) => ({
    metadata: { name: unique('pv'), labels: { [label]: 'true' } },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: label,
      hostPath: { path: '/tmp/e2e' },
    },
  });

  const claim = (label: string) => ({
    metadata: { name: 'claim', labels: { [label]: 'true' } },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: label, resources: { requests: { storage: '1Gi' } } },
  });

  test('PersistentVolumes(Claims), lifecycle', async () => {
    const ns = await namespace();
    const { metadata } = await volumes.create(volume(ns));
    await claims(ns).create(claim(ns));
    await reaches(claims(ns), 'claim', ({ status }) => status?.phase === 'Bound');
    await reaches(
      volumes,
      metadata.name,
      ({ status, spec }) => status?.phase === 'Bound' && spec.claimRef?.name === 'claim',
    );
    const selector = { labelSelector: `${ns}=true` };
    expect((await volumes.list(selector)).items).toHaveLength(1);
    expect((await claims().list(selector)).items).toHaveLength(1);
    await claims(ns).patch('claim', { metadata: { annotations: { patched: 'true' } } });
    await volumes.patch(metadata.name, { metadata: { annotations: { patched: 'true' } } });
    await claims(ns).deleteCollection(selector);
    await gone(claims(ns), 'claim');
    await reaches(volumes, metadata.name, ({ status }) => status?.phase === 'Released');
    await volumes.deleteCollection(selector);
    await until(
      () => volumes.list(selector),
      ({ items }) => items.length === 0,
    );
  });

  test('PersistentVolumes(Claims), apply changes to a pv/pvc status', async () => {
    const ns = await namespace();
    const { metadata } = await volumes.create(volume(ns));
    await claims(ns).create(claim(ns));
    afterwards(() => volumes.delete(metadata.name));
    await reaches(claims(ns), 'claim', ({ status }) => status?.phase === 'Bound');
    const condition = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await operateStatus(claims(ns), 'claim', { conditions: [condition] });
    await operateStatus(volumes, metadata.name, { reason: 'E2E patchStatus', message: 'StatusPatched' });
  });
});
