/** How containers mount volumes: as directories, or as block devices. */
import { forbidden, invalid, notFound, required } from '../field-error.ts';
import type { Container } from '../types.ts';
import { checkDescendingPath, checkOneOf, type Errors } from './common-checks.ts';
import type { KnownVolumes } from './volume-checks.ts';

type Mount = NonNullable<Container['volumeMounts']>[number];
type Device = NonNullable<Container['volumeDevices']>[number];

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];

function checkPropagation(mount: Mount, container: Container, path: string, errors: Errors): void {
  checkOneOf(mount.mountPropagation, PROPAGATIONS, path, errors);
  if (mount.mountPropagation === 'Bidirectional' && !container.securityContext?.privileged)
    errors.push(forbidden(path, 'Bidirectional mount propagation is available only to privileged containers'));
}

function checkRecursiveReadOnly(mount: Mount, path: string, errors: Errors): void {
  const { recursiveReadOnly: mode, readOnly, mountPropagation } = mount;
  if (mode === undefined || mode === 'Disabled') return;
  if (mode !== 'Enabled' && mode !== 'IfPossible') {
    checkOneOf(mode, ['Disabled', 'Enabled', 'IfPossible'], path, errors);
    return;
  }
  if (!readOnly) errors.push(forbidden(path, 'may only be specified when readOnly is true'));
  if (mountPropagation !== undefined && mountPropagation !== 'None')
    errors.push(forbidden(path, 'may only be specified when mountPropagation is None or not specified'));
}

function checkMount(mount: Mount, at: string, list: string, errors: Errors): void {
  // Kubernetes names the list here, not the item.
  if (mount.subPath) checkDescendingPath(mount.subPath, `${list}.subPath`, errors);
  if (mount.subPathExpr) {
    if (mount.subPath)
      errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
    checkDescendingPath(mount.subPathExpr, `${list}.subPathExpr`, errors);
  }
}

function checkVolumeMounts(container: Container, volumes: KnownVolumes, list: string, errors: Errors): void {
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  container.volumeMounts?.forEach((mount, i) => {
    const at = `${list}[${i}]`;
    const { name = '', mountPath = '' } = mount;
    if (!name) errors.push(required(`${at}.name`));
    if (!volumes.has(name)) errors.push(notFound(`${at}.name`, name));
    if (!mountPath) errors.push(required(`${at}.mountPath`));
    if (paths.has(mountPath)) errors.push(invalid(`${at}.mountPath`, mountPath, 'must be unique'));
    paths.add(mountPath);
    if (devices.some((device) => device.name === name))
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeDevices'));
    if (devices.some(({ devicePath }) => devicePath === mountPath))
      errors.push(invalid(`${at}.mountPath`, mountPath, 'must not already exist as a path in volumeDevices'));
    checkMount(mount, at, list, errors);
    if (mount.mountPropagation !== undefined) checkPropagation(mount, container, `${list}.mountPropagation`, errors);
    checkRecursiveReadOnly(mount, `${list}.recursiveReadOnly`, errors);
  });
}

function checkDevices(
  devices: readonly Device[],
  container: Container,
  volumes: KnownVolumes,
  list: string,
  errors: Errors,
): void {
  const paths = new Set<string>();
  const names = new Set<string>();
  const mounts = container.volumeMounts ?? [];
  devices.forEach(({ name = '', devicePath = '' }, i) => {
    const at = `${list}[${i}]`;
    const volume = volumes.get(name);
    if (!name) errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, 'must be unique'));
    if (!volume) errors.push(notFound(`${at}.name`, name));
    else if (!volume.persistentVolumeClaim && !volume.ephemeral)
      errors.push(
        invalid(
          `${at}.name`,
          name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    if (!devicePath) errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, 'must be unique'));
    if (devicePath.split('/').includes('..'))
      errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name))
      errors.push(invalid(`${at}.name`, name, 'must not already exist in volumeMounts'));
    if (mounts.some(({ mountPath }) => mountPath === devicePath))
      errors.push(invalid(`${at}.devicePath`, devicePath, 'must not already exist as a path in volumeMounts'));
    if (name) names.add(name);
  });
}

export function checkMounts(container: Container, volumes: KnownVolumes, path: string, errors: Errors): void {
  if (container.volumeMounts) checkVolumeMounts(container, volumes, `${path}.volumeMounts`, errors);
  if (container.volumeDevices)
    checkDevices(container.volumeDevices, container, volumes, `${path}.volumeDevices`, errors);
}
