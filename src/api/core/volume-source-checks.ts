/** Volume sources that are not files of the cluster's own objects: storage systems, most of them of the past. */
import { invalid, notSupported, required } from '../field-error.ts';
import { checkDnsLabel, checkDnsSubdomain } from '../names.ts';
import type { PersistentVolume, PodSpec } from '../types.ts';
import { checkDescendingPath, checkNoBackSteps, checkOneOf, refuse, type Errors } from './common-checks.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];
type Source<K extends keyof Volume> = NonNullable<Volume[K]>;
type SecretRef = { readonly name?: string; readonly namespace?: string };

/** Each field of these that is empty is asked for. */
function need(source: object, path: string, errors: Errors, ...fields: string[]): void {
  for (const field of fields)
    if (!(source as Record<string, unknown>)[field]) errors.push(required(`${path}.${field}`));
}

function checkByte(value: number | undefined, message: string, path: string, errors: Errors): void {
  if (value !== undefined && (value < 0 || value > 255)) errors.push(invalid(path, value, message));
}

const LUN = 'must be between 0 and 255, inclusive';
/** Kubernetes says so, and lets 0 pass. */
const PARTITION = 'must be between 1 and 255, inclusive';

const QUALIFIED_NAMES: readonly (readonly [string, RegExp])[] = [
  ['iqn', /iqn\.\d{4}-\d{2}\.([a-zA-Z0-9\-.]+)(:[^,;*&$|\s]+)$/],
  ['eui', /^eui.[a-zA-Z0-9]{16}$/],
  ['naa', /^naa.[a-zA-Z0-9]{32}$/],
];

function checkIscsiName(name: string, unknown: string, path: string, errors: Errors): void {
  const form = QUALIFIED_NAMES.find(([prefix]) => name.startsWith(prefix));
  if (!form) errors.push(invalid(path, name, unknown));
  else if (!form[1].test(name)) errors.push(invalid(path, name, 'must be valid format'));
}

const ISCSI_UNKNOWN = 'must be valid format starting with iqn, eui, or naa';

interface Iscsi {
  readonly targetPortal?: string;
  readonly iqn?: string;
  readonly lun?: number;
  readonly chapAuthDiscovery?: boolean;
  readonly chapAuthSession?: boolean;
  readonly secretRef?: SecretRef;
  readonly initiatorName?: string;
}

/** Together with the volume's name, the portal names a device. */
export const iscsiTooLong = (source: Iscsi, volume: string): boolean =>
  source.initiatorName !== undefined && `${volume}:${source.targetPortal ?? ''}`.length > 64;

export const ISCSI_TOO_LONG =
  'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.';

function checkIscsi(source: Iscsi, path: string, errors: Errors, volume?: string): void {
  need(source, path, errors, 'targetPortal');
  if (volume !== undefined && iscsiTooLong(source, volume))
    errors.push(invalid(`${path}.targetportal`, source.targetPortal, ISCSI_TOO_LONG));
  if (!source.iqn) errors.push(required(`${path}.iqn`));
  else checkIscsiName(source.iqn, ISCSI_UNKNOWN, `${path}.iqn`, errors);
  checkByte(source.lun, LUN, `${path}.lun`, errors);
  if ((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef)
    errors.push(required(`${path}.secretRef`));
  if (volume !== undefined && source.secretRef) need(source.secretRef, `${path}.secretRef`, errors, 'name');
  if (source.initiatorName !== undefined)
    checkIscsiName(
      source.initiatorName,
      volume === undefined ? ISCSI_UNKNOWN : 'must be valid format',
      `${path}.initiatorname`,
      errors,
    );
}

/** The driver's name, which becomes part of file names. */
export function checkCsiDriver(driver: string | undefined, path: string, errors: Errors): void {
  if (!driver) errors.push(required(path));
  if ((driver ?? '').length > 63)
    errors.push({ type: 'FieldValueTooLong', field: path, detail: 'Too long: may not be more than 63 bytes' });
  refuse(path, driver ?? '', checkDnsSubdomain((driver ?? '').toLowerCase()), errors);
}

function checkFibreChannel(source: Source<'fc'>, path: string, errors: Errors): void {
  const { targetWWNs: names = [], wwids = [], lun } = source;
  const at = `${path}.targetWWNs`;
  if (names.length === 0 && wwids.length === 0)
    errors.push(required(at, 'must specify either targetWWNs or wwids, but not both'));
  if (names.length > 0 && wwids.length > 0)
    errors.push(invalid(at, names, 'targetWWNs and wwids can not be specified simultaneously'));
  if (names.length === 0) return;
  if (lun === undefined) errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
  else checkByte(lun, LUN, `${path}.lun`, errors);
}

function checkFlex(source: Source<'flexVolume'>, path: string, errors: Errors): void {
  need(source, path, errors, 'driver');
  for (const key of Object.keys(source.options ?? {}).sort()) {
    const [domain = ''] = key.split('/', 1);
    if (/\.(kubernetes|k8s)\.io$/.test(`.${domain.toLowerCase()}`))
      errors.push(invalid(`${path}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved'));
  }
}

function checkFlocker(source: Source<'flocker'>, path: string, errors: Errors): void {
  const { datasetName = '', datasetUUID = '' } = source;
  if (!datasetName && !datasetUUID) errors.push(required(path, 'one of datasetName and datasetUUID is required'));
  if (datasetName && datasetUUID)
    errors.push(invalid(path, 'resource', 'datasetName and datasetUUID can not be specified simultaneously'));
  if (datasetName.includes('/')) errors.push(invalid(`${path}.datasetName`, datasetName, "must not contain '/'"));
}

function checkQuobyte(source: Source<'quobyte'>, path: string, errors: Errors): void {
  const pairs = 'must be a host:port pair or multiple pairs separated by commas';
  if (!source.registry) errors.push(required(`${path}.registry`, pairs));
  else if ((source.tenant ?? '').length >= 65)
    errors.push(required(`${path}.tenant`, 'must be a UUID and may not exceed a length of 64 characters'));
  else
    for (const pair of source.registry.split(','))
      if (!/^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/.test(pair))
        errors.push(invalid(`${path}.registry`, source.registry, pairs));
  need(source, path, errors, 'volume');
}

const AZURE_DISK = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}';
const AZURE_BLOB = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd';

function checkAzureDisk(source: Source<'azureDisk'>, path: string, errors: Errors): void {
  need(source, path, errors, 'diskName', 'diskURI');
  const { diskURI, kind } = source;
  checkOneOf(source.cachingMode, ['None', 'ReadOnly', 'ReadWrite'], `${path}.cachingMode`, errors, true);
  checkOneOf(kind, ['Dedicated', 'Managed', 'Shared'], `${path}.kind`, errors, true);
  if (kind === 'Managed' && !diskURI.startsWith('/subscriptions/'))
    errors.push(notSupported(`${path}.diskURI`, diskURI, [AZURE_DISK]));
  if (kind !== undefined && kind !== 'Managed' && !diskURI.startsWith('https://'))
    errors.push(notSupported(`${path}.diskURI`, diskURI, [AZURE_BLOB]));
}

function checkSecretRef(ref: SecretRef | undefined, path: string, errors: Errors, withNamespace: boolean): void {
  if (!ref) return;
  if (!ref.name) errors.push(required(`${path}.name`));
  if (withNamespace && !ref.namespace) errors.push(required(`${path}.namespace`));
}

function checkStorageOs(
  source: { readonly volumeName?: string; readonly volumeNamespace?: string; readonly secretRef?: SecretRef },
  path: string,
  errors: Errors,
  inVolume: boolean,
): void {
  const { volumeName, volumeNamespace } = source;
  if (!volumeName) errors.push(required(`${path}.volumeName`));
  else refuse(`${path}.volumeName`, volumeName, checkDnsLabel(volumeName), errors);
  if (volumeNamespace) refuse(`${path}.volumeNamespace`, volumeNamespace, checkDnsLabel(volumeNamespace), errors);
  checkSecretRef(source.secretRef, `${path}.secretRef`, errors, inVolume);
}

type Check<S> = (source: S, path: string, errors: Errors) => void;

const needs =
  (...fields: string[]): Check<object> =>
  (source, path, errors) =>
    need(source, path, errors, ...fields);

export function checkHostPath(source: Source<'hostPath'>, path: string, errors: Errors): void {
  if (!source.path) {
    errors.push(required(`${path}.path`));
    return;
  }
  checkNoBackSteps(source.path, `${path}.path`, errors);
  checkOneOf(source.type, HOST_PATH_TYPES, `${path}.type`, errors, true);
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

export function checkNfs(source: Source<'nfs'>, path: string, errors: Errors): void {
  need(source, path, errors, 'server', 'path');
  if (!source.path?.startsWith('/'))
    errors.push(invalid(`${path}.path`, source.path ?? '', 'must be an absolute path'));
}

function checkDisk(
  source: { readonly pdName?: string; readonly volumeID?: string; readonly partition?: number },
  name: 'pdName' | 'volumeID',
  path: string,
  errors: Errors,
): void {
  need(source, path, errors, name);
  checkByte(source.partition, PARTITION, `${path}.partition`, errors);
}

/** Google's disks are spoken of by another name than their field's. */
const checkGce: Check<Source<'gcePersistentDisk'>> = (source, path, errors) =>
  checkDisk(source, 'pdName', path.replace(/gcePersistentDisk$/, 'persistentDisk'), errors);

const checkAws: Check<Source<'awsElasticBlockStore'>> = (source, path, errors) =>
  checkDisk(source, 'volumeID', path, errors);

/** What Pods and PersistentVolumes say in the same words. */
const SHARED = {
  hostPath: checkHostPath,
  gcePersistentDisk: checkGce,
  awsElasticBlockStore: checkAws,
  nfs: checkNfs,
  flocker: checkFlocker,
  rbd: needs('monitors', 'image'),
  cephfs: needs('monitors'),
  quobyte: checkQuobyte,
  fc: checkFibreChannel,
  flexVolume: checkFlex,
  vsphereVolume: needs('volumePath'),
  photonPersistentDisk: needs('pdID'),
  portworxVolume: needs('volumeID'),
  azureDisk: checkAzureDisk,
  scaleIO: needs('gateway', 'system', 'volumeName'),
} as const;

/** Storage systems as a Pod names them. */
export const POD_STORAGE = {
  ...SHARED,
  gitRepo: ((source, path, errors) => {
    need(source, path, errors, 'repository');
    checkDescendingPath(source.directory ?? '', `${path}.directory`, errors);
  }) satisfies Check<Source<'gitRepo'>>,
  iscsi: ((source, path, errors) => checkIscsi(source, path, errors)) satisfies Check<Iscsi>,
  glusterfs: needs('endpoints', 'path'),
  cinder: ((source, path, errors) => {
    need(source, path, errors, 'volumeID');
    checkSecretRef(source.secretRef, `${path}.secretRef`, errors, false);
  }) satisfies Check<Source<'cinder'>>,
  azureFile: needs('secretName', 'shareName'),
  storageos: ((source, path, errors) => checkStorageOs(source, path, errors, false)) satisfies Check<
    Source<'storageos'>
  >,
} as const;

type VolumeSpec = PersistentVolume['spec'];
type VolumeSource<K extends keyof VolumeSpec> = NonNullable<VolumeSpec[K]>;

/** The reference to a Secret that a CSI driver is handed. */
function checkCsiSecret(ref: SecretRef | undefined, path: string, errors: Errors): void {
  if (!ref) return;
  if (!ref.name) errors.push(required(`${path}.name`));
  else refuse(`${path}.name`, ref.name, checkDnsSubdomain(ref.name), errors);
  if (!ref.namespace) errors.push(required(`${path}.namespace`));
  else refuse(`${path}.namespace`, ref.namespace, checkDnsLabel(ref.namespace), errors);
}

/** Storage systems as a PersistentVolume names them, which has no namespace of its own. `volume` is its name. */
export const persistentStorage = (volume: string) =>
  ({
    ...SHARED,
    glusterfs: ((source, path, errors) => {
      need(source, path, errors, 'endpoints', 'path');
      const { endpointsNamespace: namespace } = source;
      const at = `${path}.endpointsNamespace`;
      if (namespace === '')
        errors.push(invalid(at, '', 'if the endpointnamespace is set, it must be a valid namespace name'));
      else if (namespace !== undefined) refuse(at, namespace, checkDnsLabel(namespace), errors);
    }) satisfies Check<VolumeSource<'glusterfs'>>,
    iscsi: ((source, path, errors) => checkIscsi(source, path, errors, volume)) satisfies Check<Iscsi>,
    cinder: ((source, path, errors) => {
      need(source, path, errors, 'volumeID');
      checkSecretRef(source.secretRef, `${path}.secretRef`, errors, true);
    }) satisfies Check<VolumeSource<'cinder'>>,
    azureFile: ((source, path, errors) => {
      need(source, path, errors, 'secretName', 'shareName');
      if (source.secretNamespace === '') errors.push(required(`${path}.secretNamespace`));
    }) satisfies Check<VolumeSource<'azureFile'>>,
    storageos: ((source, path, errors) => checkStorageOs(source, path, errors, true)) satisfies Check<
      VolumeSource<'storageos'>
    >,
    csi: ((source, path, errors) => {
      checkCsiDriver(source.driver, `${path}.driver`, errors);
      need(source, path, errors, 'volumeHandle');
      for (const field of [
        'controllerPublishSecretRef',
        'controllerExpandSecretRef',
        'nodePublishSecretRef',
        'nodeExpandSecretRef',
      ] as const)
        checkCsiSecret(source[field], `${path}.${field}`, errors);
    }) satisfies Check<VolumeSource<'csi'>>,
  }) as const;
