import { PersistentVolumeClaimKind } from '../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../api/types.ts';
import type { Client } from '../client/index.ts';

/** Sets a volume aside for a claim; the volume controller does the rest. Throws ApiError. */
export function bindVolume(client: Client, volume: PersistentVolume, claim: PersistentVolumeClaim): void {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
  const annotations = { ...volume.metadata.annotations, 'pv.kubernetes.io/bound-by-controller': 'yes' };
  const next = {
    ...volume,
    metadata: { ...volume.metadata, annotations },
    spec: { ...volume.spec, claimRef: { ...volume.spec?.claimRef, ...claimRef } },
  };
  client.resource(PersistentVolumeKind).update(next);
}

/** Tells a claim's provisioner on which node its volume is needed. Throws ApiError. */
export function selectNode(client: Client, claim: PersistentVolumeClaim, nodeName: string): void {
  const annotations = { ...claim.metadata.annotations, 'volume.kubernetes.io/selected-node': nodeName };
  client.resource(PersistentVolumeClaimKind).update({ ...claim, metadata: { ...claim.metadata, annotations } });
}
