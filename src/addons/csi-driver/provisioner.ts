import { PersistentVolumeKind } from '../../api/core/persistent-volume.ts';
import { PersistentVolumeClaimKind } from '../../api/core/persistent-volume-claim.ts';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../api/types.ts';

const ASKED_OF = 'volume.kubernetes.io/storage-provisioner';
const SELECTED_NODE = 'volume.kubernetes.io/selected-node';
const PROVISIONED_BY = 'pv.kubernetes.io/provisioned-by';

/** Whether a claim waits for a volume of this driver, on a node if it is to have one. */
export function wantsVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, driver: string): boolean {
  const { annotations = {}, deletionTimestamp } = claim.metadata;
  if (claim.spec.volumeName || deletionTimestamp || annotations[ASKED_OF] !== driver) return false;
  return storageClass.volumeBindingMode !== 'WaitForFirstConsumer' || annotations[SELECTED_NODE] !== undefined;
}

export const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`;

/** The volume that is made for a claim. */
export function newVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, driver: string): PersistentVolume {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const { accessModes, resources, volumeMode } = claim.spec;
  const claimRef = { apiVersion: 'v1', kind: PersistentVolumeClaimKind.kind, name, namespace, uid, resourceVersion };
  return {
    apiVersion: 'v1',
    kind: PersistentVolumeKind.kind,
    metadata: { name: volumeName(claim), annotations: { [PROVISIONED_BY]: driver } },
    spec: {
      accessModes,
      capacity: { storage: resources?.requests?.['storage'] ?? '0' },
      claimRef,
      csi: { driver, volumeHandle: volumeName(claim) },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      ...(storageClass.mountOptions ? { mountOptions: storageClass.mountOptions } : {}),
      ...(volumeMode ? { volumeMode } : {}),
    },
  } as PersistentVolume;
}

/** Whether a volume that this driver made has lost its claim, and is not to outlive it. */
export const isToBeDeleted = ({ metadata, spec, status }: PersistentVolume, driver: string): boolean =>
  metadata.annotations?.[PROVISIONED_BY] === driver &&
  metadata.deletionTimestamp === undefined &&
  status?.phase === 'Released' &&
  spec?.persistentVolumeReclaimPolicy === 'Delete';
