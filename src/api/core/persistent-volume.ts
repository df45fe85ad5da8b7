import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PersistentVolume } from '../types.ts';
import { fillIn } from '../draft.ts';
import { nodeTermWarnings } from './node-labels.ts';
import { roundedUp } from './pod-defaults.ts';
import { accessModesText, BETA_CLASS, storageClassOf } from './volume-columns.ts';
import { checkVolume, checkVolumeUpdate } from './persistent-volume-checks.ts';

/** Sources that still parse, and since when they do nothing. */
const GONE: Readonly<Record<string, string>> = {
  photonPersistentDisk: 'deprecated in v1.11, non-functional in v1.16+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
};

function volumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings: string[] = [];
  spec.nodeAffinity?.required?.nodeSelectorTerms.forEach((term, i) =>
    nodeTermWarnings(
      term,
      false,
      `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`,
      (path, message) => void warnings.push(`${path}: ${message}`),
    ),
  );
  const said = (annotation: string, message: string): void => {
    if (metadata.annotations?.[annotation] !== undefined)
      warnings.push(`metadata.annotations[${annotation}]: ${message}`);
  };
  said(BETA_CLASS, 'deprecated since v1.8; use "storageClassName" attribute instead');
  said('volume.beta.kubernetes.io/mount-options', 'deprecated since v1.31; use "mountOptions" attribute instead');
  if (spec.persistentVolumeReclaimPolicy === 'Recycle')
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  for (const source in GONE)
    if (source in spec) warnings.push(`spec.${source === 'storageos' ? 'storageOS' : source}: ${GONE[source]}`);
  return warnings;
}

/** PersistentVolumes: storage that is there, for claims to be bound to. */
export const PersistentVolumeKind: Kind<PersistentVolume> = defineKind<PersistentVolume>({
  group: '',
  version: 'v1',
  kind: 'PersistentVolume',
  resource: 'persistentvolumes',
  singular: 'persistentvolume',
  shortNames: ['pv'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.PersistentVolume',
  hasStatus: true,
  defaults(draft) {
    const spec = (draft.spec ??= {});
    spec.persistentVolumeReclaimPolicy ||= 'Retain';
    spec.volumeMode ??= 'Filesystem';
    if (spec.hostPath) spec.hostPath = fillIn(spec.hostPath, { type: '' });
    if (spec.capacity) spec.capacity = roundedUp(spec.capacity);
    if (spec.iscsi) spec.iscsi = fillIn(spec.iscsi, { iscsiInterface: 'default' });
    draft.status = { ...draft.status };
    draft.status.phase ||= 'Pending';
  },
  prepareForCreate(draft) {
    draft.status = {
      phase: 'Pending',
      ...(draft.metadata.creationTimestamp ? { lastPhaseTransitionTime: draft.metadata.creationTimestamp } : {}),
    };
  },
  prepareForStatusUpdate(draft, old, now) {
    const changed = draft.status?.phase !== old.status?.phase;
    const given = draft.status?.lastPhaseTransitionTime;
    // Whoever sets the time beside the phase is believed.
    if (changed && draft.status && given === old.status?.lastPhaseTransitionTime)
      draft.status.lastPhaseTransitionTime = now;
  },
  validate: checkVolume,
  validateUpdate: checkVolumeUpdate,
  warnings: volumeWarnings,
  columns: [
    nameColumn,
    column('Capacity', ({ spec }) => String(spec.capacity?.['storage'] ?? '0')),
    column('Access Modes', ({ spec }) => accessModesText(spec.accessModes)),
    column('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? ''),
    column('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : (status?.phase ?? ''))),
    column('Claim', ({ spec: { claimRef } }) => (claimRef ? `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}` : '')),
    column('StorageClass', (volume) => storageClassOf(volume)),
    column('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>'),
    column('Reason', ({ status }) => status?.reason ?? ''),
    ageColumn,
    column('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 1),
  ],
});
