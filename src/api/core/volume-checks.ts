/** Volumes of Pods, and how containers mount them. */
import { duplicate, forbidden, invalid, notFound, required } from '../field-error.ts';
import { parseQuantity } from '../quantity.ts';
import type { Container, PodSpec } from '../types.ts';
import {
  checkDescendingPath,
  checkNoBackSteps,
  checkObjectName,
  checkOneOf,
  checkRequiredLabel,
  type Errors,
} from './common-checks.ts';
import { checkFieldRef, checkResourceFieldRef, VOLUME_FIELDS } from './env-checks.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];
type KeyToPath = NonNullable<NonNullable<Volume['configMap']>['items']>[number];
type DownwardItem = NonNullable<NonNullable<Volume['downwardAPI']>['items']>[number];
type Projection = NonNullable<NonNullable<Volume['projected']>['sources']>[number];

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

const MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive';

function checkMode(mode: number | undefined, path: string, errors: Errors): void {
  if (mode !== undefined && (mode < 0 || mode > 0o777)) errors.push(invalid(path, mode, MODE_MESSAGE));
}

function checkItems(items: readonly KeyToPath[] | undefined, path: string, errors: Errors): void {
  items?.forEach((item, i) => {
    const at = `${path}.items[${i}]`;
    if (!item.key) errors.push(required(`${at}.key`));
    if (!item.path) errors.push(required(`${at}.path`));
    else checkNonReservedPath(item.path, `${at}.path`, errors);
    checkMode(item.mode, `${at}.mode`, errors);
  });
}

/** A relative path that does not begin with '..', which the kubelet keeps for itself. */
function checkNonReservedPath(value: string, path: string, errors: Errors): void {
  const before = errors.length;
  checkDescendingPath(value, path, errors);
  if (errors.length === before && value.startsWith('..')) errors.push(invalid(path, value, "must not start with '..'"));
}

function checkDownwardItems(items: readonly DownwardItem[] | undefined, path: string, errors: Errors): void {
  items?.forEach((item, i) => {
    const at = `${path}[${i}]`;
    if (!item.path) errors.push(required(`${at}.path`));
    else checkNonReservedPath(item.path, `${at}.path`, errors);
    if (item.fieldRef) {
      checkFieldRef(item.fieldRef, VOLUME_FIELDS, `${at}.fieldRef`, errors);
      if (item.resourceFieldRef)
        errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
    } else if (item.resourceFieldRef)
      checkResourceFieldRef(item.resourceFieldRef, true, `${at}.resourceFieldRef`, errors);
    else errors.push(required(at, 'fieldRef or resourceFieldRef must be specified'));
    checkMode(item.mode, `${at}.mode`, errors);
  });
}

function checkProjections(sources: readonly Projection[] | undefined, path: string, errors: Errors): void {
  sources?.forEach((source, i) => {
    const at = `${path}.sources[${i}]`;
    let count = 0;
    const each = (
      key: 'secret' | 'configMap' | 'downwardAPI' | 'serviceAccountToken',
      check: (at: string) => void,
    ): void => {
      if (!source[key]) return;
      if (count++ > 0) errors.push(forbidden(`${at}.${key}`, 'may not specify more than 1 volume type per source'));
      else check(`${at}.${key}`);
    };
    each('secret', (here) => {
      if (!source.secret!.name) errors.push(required(`${here}.name`));
      checkItems(source.secret!.items, here, errors);
    });
    each('configMap', (here) => {
      if (!source.configMap!.name) errors.push(required(`${here}.name`));
      checkItems(source.configMap!.items, here, errors);
    });
    each('downwardAPI', (here) => checkDownwardItems(source.downwardAPI!.items, here, errors));
    each('serviceAccountToken', (here) => {
      const { expirationSeconds: seconds = 3600, path: file } = source.serviceAccountToken!;
      if (seconds < 600)
        errors.push(invalid(`${here}.expirationSeconds`, seconds, 'may not specify a duration less than 10 minutes'));
      if (seconds > 2 ** 32)
        errors.push(
          invalid(`${here}.expirationSeconds`, seconds, 'may not specify a duration larger than 2^32 seconds'),
        );
      if (!file) errors.push(required(`${here}.path`));
      else checkNonReservedPath(file, `${here}.path`, errors);
    });
  });
}

/** The sources in the order in which they are looked at: with two, the later one is refused. */
export const VOLUME_SOURCES: {
  readonly [K in keyof Volume]?: (source: NonNullable<Volume[K]>, path: string, errors: Errors) => void;
} = {
  emptyDir: (source, path, errors) => {
    if (source.sizeLimit !== undefined && parseQuantity(source.sizeLimit).nano < 0n)
      errors.push(forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity'));
  },
  hostPath: (source, path, errors) => {
    if (!source.path) {
      errors.push(required(`${path}.path`));
      return;
    }
    checkNoBackSteps(source.path, `${path}.path`, errors);
    checkOneOf(source.type, HOST_PATH_TYPES, `${path}.type`, errors, true);
  },
  secret: (source, path, errors) => {
    if (!source.secretName) errors.push(required(`${path}.secretName`));
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkItems(source.items, path, errors);
  },
  nfs: (source, path, errors) => {
    if (!source.server) errors.push(required(`${path}.server`));
    if (!source.path) errors.push(required(`${path}.path`));
    else if (!source.path.startsWith('/'))
      errors.push(invalid(`${path}.path`, source.path, 'must be an absolute path'));
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
    checkItems(source.items, path, errors);
  },
  projected: (source, path, errors) => {
    checkMode(source.defaultMode, `${path}.defaultMode`, errors);
    checkProjections(source.sources, path, errors);
  },
  csi: (source, path, errors) => {
    if (!source.driver) errors.push(required(`${path}.driver`));
  },
  ephemeral: (source, path, errors) => {
    if (!source.volumeClaimTemplate) errors.push(required(`${path}.volumeClaimTemplate`));
  },
};
const SOURCE_ORDER = Object.keys(VOLUME_SOURCES) as (keyof typeof VOLUME_SOURCES)[];

function checkVolume(volume: Volume, path: string, errors: Errors): void {
  let count = 0;
  for (const key of SOURCE_ORDER) {
    const source = volume[key];
    if (source === undefined) continue;
    if (count++ > 0) errors.push(forbidden(`${path}.${key}`, 'may not specify more than 1 volume type'));
    else
      (VOLUME_SOURCES[key] as (source: object, path: string, errors: Errors) => void)(
        source as object,
        `${path}.${key}`,
        errors,
      );
  }
  for (const key in volume) {
    if (key === 'name' || key in VOLUME_SOURCES) continue;
    if (count++ > 0) errors.push(forbidden(`${path}.${key}`, 'may not specify more than 1 volume type'));
  }
  if (count === 0) errors.push(required(path, 'must specify a volume type'));
}

/** Checks the volumes; returns the names of the good ones, which alone can be mounted. */
export function checkVolumes(
  volumes: readonly Volume[] | undefined,
  path: string,
  errors: Errors,
): ReadonlySet<string> {
  const names = new Set<string>();
  volumes?.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const before = errors.length;
    checkVolume(volume, at, errors);
    checkRequiredLabel(volume.name, `${at}.name`, errors);
    if (names.has(volume.name)) errors.push(duplicate(`${at}.name`, volume.name));
    if (errors.length === before) names.add(volume.name);
  });
  return names;
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

export function checkMounts(container: Container, volumes: ReadonlySet<string>, path: string, errors: Errors): void {
  const list = `${path}.volumeMounts`;
  const paths = new Set<string>();
  container.volumeMounts?.forEach((mount, i) => {
    const at = `${list}[${i}]`;
    if (!mount.name) errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    paths.add(mount.mountPath);
    // Kubernetes names the list here, not the item.
    if (mount.subPath) checkDescendingPath(mount.subPath, `${list}.subPath`, errors);
    if (mount.subPathExpr) {
      if (mount.subPath)
        errors.push(
          invalid(`${list}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'),
        );
      checkDescendingPath(mount.subPathExpr, `${list}.subPathExpr`, errors);
    }
    if (mount.mountPropagation !== undefined) {
      checkOneOf(mount.mountPropagation, PROPAGATIONS, `${list}.mountPropagation`, errors);
      if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
        errors.push(
          forbidden(
            `${list}.mountPropagation`,
            'Bidirectional mount propagation is available only to privileged containers',
          ),
        );
    }
  });
  const devices = new Set<string>();
  container.volumeDevices?.forEach((device, i) => {
    const at = `${path}.volumeDevices[${i}]`;
    checkObjectName(device.name, `${at}.name`, errors);
    if (device.name && !volumes.has(device.name)) errors.push(notFound(`${at}.name`, device.name));
    if (!device.devicePath) errors.push(required(`${at}.devicePath`));
    else if (devices.has(device.devicePath))
      errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must be unique'));
    devices.add(device.devicePath);
  });
}
