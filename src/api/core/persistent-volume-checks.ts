/** Validation of PersistentVolumes, in Kubernetes' order. */
import { equal } from '../draft.ts';
import { forbidden, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { PersistentVolume } from '../types.ts';
import { checkNodeTerms } from './affinity-checks.ts';
import { checkImmutable, checkNoBackSteps, checkOneOf, type Errors } from './common-checks.ts';
import { sortedKeys } from './resource-checks.ts';
import { unifiedDiff } from './unified-diff.ts';
import { checkAccessModes, checkCapacity, checkClassName, checkVolumeMode } from './volume-claim-checks.ts';
import { VOLUME_SOURCES } from './volume-checks.ts';

type Spec = PersistentVolume['spec'];

/** The sources in the order in which they are looked at: with two, the later one is refused. */
const SOURCES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'flocker',
  'nfs',
  'rbd',
  'quobyte',
  'cephfs',
  'iscsi',
  'cinder',
  'fc',
  'flexVolume',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'scaleIO',
  'local',
  'storageos',
  'csi',
] as const satisfies readonly (keyof Spec)[];

const RECLAIM_POLICIES = ['Delete', 'Recycle', 'Retain'];

function checkLocal(spec: Spec, errors: Errors): void {
  const { path } = spec.local!;
  if (!path) errors.push(required('spec.local.path'));
  else checkNoBackSteps(path, 'spec.local.path', errors);
  if (!spec.nodeAffinity) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
}

function checkCsi(spec: Spec, errors: Errors): void {
  const { driver, volumeHandle } = spec.csi!;
  if (!driver) errors.push(required('spec.csi.driver'));
  if (!volumeHandle) errors.push(required('spec.csi.volumeHandle'));
}

function checkSources(spec: Spec, errors: Errors): void {
  let count = 0;
  for (const source of SOURCES) {
    if (!spec[source]) continue;
    if (count++ > 0) errors.push(forbidden(`spec.${source}`, 'may not specify more than 1 volume type'));
    else if (source === 'hostPath') VOLUME_SOURCES.hostPath!(spec.hostPath!, 'spec.hostPath', errors);
    else if (source === 'nfs') VOLUME_SOURCES.nfs!(spec.nfs!, 'spec.nfs', errors);
    else if (source === 'local') checkLocal(spec, errors);
    else if (source === 'csi') checkCsi(spec, errors);
  }
  if (count === 0) errors.push(required('spec', 'must specify a volume type'));
}

export function checkVolume({ spec }: PersistentVolume): FieldError[] {
  const errors: Errors = [];
  checkAccessModes(spec.accessModes, 'spec.accessModes', '', errors);
  const capacity = spec.capacity ?? {};
  const names = sortedKeys(capacity);
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(notSupported('spec.capacity', spec.capacity, ['storage']));
  for (const name of names) checkCapacity(capacity[name]!, `spec.capacity[${name}]`, errors);
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy) checkOneOf(policy, RECLAIM_POLICIES, 'spec.persistentVolumeReclaimPolicy', errors);
  if (spec.nodeAffinity) {
    const { required: terms } = spec.nodeAffinity;
    if (!terms) errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
    else checkNodeTerms(terms.nodeSelectorTerms, 'spec.nodeAffinity.required.nodeSelectorTerms', errors);
  }
  checkSources(spec, errors);
  if (spec.hostPath && policy === 'Recycle' && /^\/+(\.\/*)*$/.test(spec.hostPath.path))
    errors.push(forbidden('spec.persistentVolumeReclaimPolicy', "may not be 'recycle' for a hostPath mount of '/'"));
  checkClassName(spec.storageClassName, 'spec.storageClassName', errors);
  checkVolumeMode(spec.volumeMode, 'spec.volumeMode', errors);
  if (spec.volumeAttributesClassName === '')
    errors.push(required('spec.volumeAttributesClassName', 'an empty string is disallowed'));
  else checkClassName(spec.volumeAttributesClassName, 'spec.volumeAttributesClassName', errors);
  if (spec.volumeAttributesClassName !== undefined && !spec.csi)
    errors.push(required('spec.csi', 'has to be specified when using volumeAttributesClassName'));
  return errors;
}

/** Where the storage is cannot change. */
export function checkVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = checkVolume(volume);
  const sourceOf = ({ spec }: PersistentVolume): object =>
    Object.fromEntries(SOURCES.filter((source) => spec[source]).map((source) => [source, spec[source]]));
  const [after, before] = [sourceOf(volume), sourceOf(old)];
  if (!equal(after, before)) {
    const show = (of: object): string => JSON.stringify(of, undefined, 1);
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(show(before), show(after))}`,
      ),
    );
  }
  checkImmutable(volume.spec.volumeMode, old.spec.volumeMode, 'spec.volumeMode', errors);
  if (old.spec.nodeAffinity)
    checkImmutable(volume.spec.nodeAffinity, old.spec.nodeAffinity, 'spec.nodeAffinity', errors);
  return errors;
}
