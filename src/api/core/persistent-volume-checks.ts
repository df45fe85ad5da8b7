/** Validation of PersistentVolumes, in Kubernetes' order. */
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { parseQuantity } from '../quantity.ts';
import type { PersistentVolume } from '../types.ts';
import { checkNodeTerms } from './affinity-checks.ts';
import { checkImmutable, checkNoBackSteps, checkOneOf, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';
import { sortedKeys } from './resource-checks.ts';
import { unifiedDiff } from './unified-diff.ts';
import { checkAccessModes, checkCapacity, checkClassName, checkVolumeMode } from './volume-claim-checks.ts';
import { persistentStorage } from './volume-source-checks.ts';

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

function checkLocal({ path }: NonNullable<Spec['local']>, affine: boolean, errors: Errors): void {
  if (!path) errors.push(required('spec.local.path'));
  else checkNoBackSteps(path, 'spec.local.path', errors);
  if (!affine) errors.push(required('spec.nodeAffinity', 'Local volume requires node affinity'));
}

function checkSources({ metadata, spec }: PersistentVolume, errors: Errors): void {
  const checks = persistentStorage(metadata.name);
  let count = 0;
  for (const source of SOURCES) {
    if (!spec[source]) continue;
    // Flex volumes alone do not mind company.
    if (count++ > 0 && source !== 'flexVolume') {
      const spelt = source === 'cephfs' ? 'cephFS' : source;
      errors.push(forbidden(`spec.${spelt}`, 'may not specify more than 1 volume type'));
    } else if (source === 'local') checkLocal(spec.local!, spec.nodeAffinity !== undefined, errors);
    else
      (checks[source] as (source: object, path: string, errors: Errors) => void)(
        spec[source],
        `spec.${source}`,
        errors,
      );
  }
  if (count === 0) errors.push(required('spec', 'must specify a volume type'));
}

export function checkVolume(volume: PersistentVolume): FieldError[] {
  const errors: Errors = [];
  const { spec } = volume;
  if (!spec.accessModes?.length) errors.push(required('spec.accessModes'));
  checkAccessModes(spec.accessModes, 'spec.accessModes', errors);
  const capacity = spec.capacity ?? {};
  const names = sortedKeys(capacity);
  if (names.length === 0) errors.push(required('spec.capacity'));
  if (names.length !== 1 || names[0] !== 'storage')
    errors.push(notSupported('spec.capacity', spec.capacity, ['storage']));
  for (const name of names) {
    const at = `spec.capacity[${name}]`;
    const amount = parseQuantity(capacity[name]!).asNumber();
    if (amount < 0) errors.push(invalid(at, Math.floor(amount), 'must be a valid resource quantity'));
    checkCapacity(capacity[name]!, at, errors);
  }
  const policy = spec.persistentVolumeReclaimPolicy;
  if (policy) checkOneOf(policy, RECLAIM_POLICIES, 'spec.persistentVolumeReclaimPolicy', errors);
  if (spec.nodeAffinity) {
    const { required: terms } = spec.nodeAffinity;
    if (!terms) errors.push(required('spec.nodeAffinity.required', 'must specify required node constraints'));
    else checkNodeTerms(terms.nodeSelectorTerms, 'spec.nodeAffinity.required.nodeSelectorTerms', errors);
  }
  checkSources(volume, errors);
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

/** Labels of Nodes that a volume may be moved from to their successors. */
const RENAMED: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
};

type Affinity = NonNullable<Spec['nodeAffinity']>;

/** The affinity with labels renamed where the other has the new name. */
function renamed(of: Affinity, next: Affinity | undefined): Affinity {
  const terms = of.required?.nodeSelectorTerms?.map((term, i) => {
    const twin = next?.required?.nodeSelectorTerms?.[i];
    const expressions = term.matchExpressions?.map((requirement, j) => {
      const key = twin?.matchExpressions?.[j]?.key;
      return key !== undefined && RENAMED[requirement.key] === key ? { ...requirement, key } : requirement;
    });
    return expressions ? { ...term, matchExpressions: expressions } : term;
  });
  return terms ? { ...of, required: { ...of.required, nodeSelectorTerms: terms } } : of;
}

/** Where the storage is cannot change. Two paths lack the spec that they are in. */
export function checkVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const errors = checkVolume(volume);
  const sourceOf = ({ spec }: PersistentVolume): Record<string, object | undefined> =>
    Object.fromEntries(SOURCES.filter((source) => spec[source]).map((source) => [source, spec[source]]));
  const [after, before] = [sourceOf(volume), sourceOf(old)];
  const { csi } = volume.spec;
  // The secret for growing the volume may be added.
  if (csi?.controllerExpandSecretRef && old.spec.csi && !old.spec.csi.controllerExpandSecretRef) {
    const { controllerExpandSecretRef: _, ...rest } = csi;
    after['csi'] = rest;
  }
  if (!semanticallyEqual(after, before)) {
    const show = (of: object): string => JSON.stringify(internalForm('PersistentVolumeSource', of), undefined, 1);
    errors.push(
      forbidden(
        'spec.persistentvolumesource',
        `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(show(before), show(after))}`,
      ),
    );
  }
  checkImmutable(volume.spec.volumeMode, old.spec.volumeMode, 'volumeMode', errors);
  const affinity = volume.spec.nodeAffinity;
  if (old.spec.nodeAffinity && !semanticallyEqual(affinity, renamed(old.spec.nodeAffinity, affinity)))
    errors.push(
      invalid(
        'nodeAffinity',
        affinity ? internalForm('VolumeNodeAffinity', affinity) : null,
        'field is immutable, except for updating from beta label to GA',
      ),
    );
  if (old.spec.volumeAttributesClassName !== undefined && volume.spec.volumeAttributesClassName === undefined)
    errors.push(forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden'));
  return errors;
}
