/** Volumes of Pods (ValidateVolumes). */
import { duplicate, forbidden, invalid, quote, required } from '../field-error.ts';
import { checkAnnotations, checkLabels } from '../metadata-checks.ts';
import { checkDnsSubdomain } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import type { PodSpec } from '../types.ts';
import { checkOneOf, checkRequiredLabel, refuse, type Errors } from './common-checks.ts';
import { checkProjections } from './projected-volume-checks.ts';
import { checkClaimSpec } from './volume-claim-checks.ts';
import { checkDownwardItems, checkItems, checkMode } from './volume-file-checks.ts';
import { checkCsiDriver, ISCSI_TOO_LONG, iscsiTooLong, POD_STORAGE } from './volume-source-checks.ts';

export type Volume = NonNullable<PodSpec['volumes']>[number];

/** What each source must say. */
export const VOLUME_SOURCES: {
  readonly [K in keyof Volume]?: (source: NonNullable<Volume[K]>, path: string, errors: Errors) => void;
} = {
  ...POD_STORAGE,
  emptyDir: (source, path, errors) => {
    if (source.sizeLimit !== undefined && parseQuantity(source.sizeLimit).nano < 0n)
      errors.push(forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  },
  secret: (source, path, errors) => {
    if (!source.secretName) errors.push(required(`${path}.secretName`));
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkItems(source.items, `${path}.items`, errors);
  },
  persistentVolumeClaim: (source, path, errors) => {
    if (!source.claimName) errors.push(required(`${path}.claimName`));
  },
  downwardAPI: (source, path, errors) => {
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkDownwardItems(source.items, path, errors);
  },
  configMap: (source, path, errors) => {
    if (!source.name) errors.push(required(`${path}.name`));
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkItems(source.items, `${path}.items`, errors);
  },
  projected: (source, path, errors) => {
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkProjections(source.sources, path, errors);
  },
  csi: (source, path, errors) => {
    checkCsiDriver(source.driver, `${path}.driver`, errors);
    const { name } = source.nodePublishSecretRef ?? { name: undefined };
    if (!source.nodePublishSecretRef) return;
    if (!name) errors.push(required(`${path}.nodePublishSecretRef.name`));
    else refuse(`${path}.name`, name, checkDnsSubdomain(name), errors);
  },
  ephemeral: (source, path, errors) => {
    const at = `${path}.volumeClaimTemplate`;
    if (!source.volumeClaimTemplate) errors.push(required(at));
    else checkClaimTemplate(source.volumeClaimTemplate, at, errors);
  },
  image: (source, path, errors) => {
    // A template may leave the image open.
    if (!source.reference && path.startsWith('spec.volumes')) errors.push(required(`${path}.reference`));
    if (!source.pullPolicy) errors.push(required(`${path}.pullPolicy`));
    else checkOneOf(source.pullPolicy, ['Always', 'IfNotPresent', 'Never'], `${path}.pullPolicy`, errors);
  },
};

/** The sources in the order in which they are looked at: with two, the later one is refused. */
const SOURCE_ORDER = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flocker',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'downwardAPI',
  'fc',
  'flexVolume',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
] as const satisfies readonly (keyof Volume)[];

/** The sources that a volume has, in their order. */
function sourcesOf(volume: Volume): readonly (typeof SOURCE_ORDER)[number][] {
  const keys = Object.keys(volume).filter((key) => key !== 'name') as (typeof SOURCE_ORDER)[number][];
  return keys.length > 1 ? SOURCE_ORDER.filter((key) => key in volume) : keys;
}

/** As Kubernetes spells them where it refuses a second source. */
const SPELT: Readonly<Record<string, string>> = { cephfs: 'cephFS', downwardAPI: 'downwarAPI' };

/** A claim that is made with a Pod has labels and annotations, and no other metadata. */
function checkClaimTemplate(
  template: NonNullable<NonNullable<Volume['ephemeral']>['volumeClaimTemplate']>,
  path: string,
  errors: Errors,
): void {
  const { metadata = {} } = template;
  checkAnnotations(metadata.annotations, `${path}.metadata.annotations`, errors);
  checkLabels(metadata.labels, `${path}.metadata.labels`, errors);
  for (const field of Object.keys(metadata))
    if (field !== 'labels' && field !== 'annotations' && field !== 'creationTimestamp')
      errors.push(forbidden(`${path}.metadata.${field}`, 'cannot be set'));
  checkClaimSpec(template.spec ?? {}, `${path}.spec`, errors);
}

/** The PVC of an ephemeral volume. */
const claimName = (pod: string, volume: string): string => `${pod}-${volume}`;

function checkVolume(volume: Volume, path: string, pod: string, errors: Errors): void {
  let count = 0;
  for (const key of sourcesOf(volume)) {
    const source = volume[key];
    if (source === undefined) continue;
    if (count++ > 0) {
      errors.push(forbidden(`${path}.${SPELT[key] ?? key}`, 'may not specify more than 1 volume type'));
      continue;
    }
    (VOLUME_SOURCES[key] as (source: object, path: string, errors: Errors) => void)(source, `${path}.${key}`, errors);
    if (key === 'iscsi' && iscsiTooLong(volume.iscsi!, volume.name))
      errors.push(invalid(`${path}.name`, volume.name, ISCSI_TOO_LONG));
    if (key !== 'ephemeral' || !pod || !volume.name) continue;
    const claim = claimName(pod, volume.name);
    for (const message of checkDnsSubdomain(claim))
      errors.push(invalid(`${path}.name`, volume.name, `PVC name ${quote(claim)}: ${message}`));
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'));
}

/** The good volumes by name, which alone can be mounted. */
export type KnownVolumes = ReadonlyMap<string, Volume>;

/** Checks the volumes. `pod` is the name of the Pod they belong to; empty in a template. */
export function checkVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
  pod: string,
  errors: Errors,
): KnownVolumes {
  if (!volumes?.length) return NO_VOLUMES;
  const known = new Map<string, Volume>();
  const claims = new Set<string>();
  if (pod) for (const { name, ephemeral } of volumes) if (ephemeral) claims.add(claimName(pod, name));
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const before = errors.length;
    checkVolume(volume, at, pod, errors);
    checkRequiredLabel(volume.name, `${at}.name`, errors);
    if (known.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    if (errors.length === before) known.set(volume.name, volume);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && claims.has(claim))
      errors.push(
        invalid(
          `${at}.persistentVolumeClaim.claimName`,
          claim,
          'must not reference a PVC that gets created for an ephemeral volume',
        ),
      );
  });
  return known;
}

const NO_VOLUMES: KnownVolumes = new Map();
