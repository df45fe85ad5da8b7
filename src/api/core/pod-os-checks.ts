/** What Pods of one operating system say of another (validateLinux, validateWindows, validateWindowsHostProcessPod). */
import { forbidden, invalid } from '../field-error.ts';
import type { PodSpec } from '../types.ts';
import type { Errors } from './common-checks.ts';
import { containersOf } from './pod-containers.ts';

const POD_CONTEXT_BEFORE = ['appArmorProfile', 'seLinuxOptions'] as const;
const POD_CONTEXT_BETWEEN = ['seccompProfile', 'fsGroup', 'fsGroupChangePolicy', 'sysctls'] as const;
const POD_CONTEXT_AFTER = [
  'runAsUser',
  'runAsGroup',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'seLinuxChangePolicy',
] as const;
const CONTAINER_CONTEXT = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
] as const;

const LINUX_ONLY = 'cannot be set for a windows pod';
const WINDOWS_ONLY = 'windows options cannot be set for a linux pod';

function checkWindows(spec: PodSpec, path: string, errors: Errors): void {
  const context = spec.securityContext ?? {};
  const look = (fields: readonly (keyof typeof context)[]): void => {
    for (const field of fields)
      if (context[field] !== undefined) errors.push(forbidden(`${path}.securityContext.${field}`, LINUX_ONLY));
  };
  const refuseField = (field: string, isSet: boolean): void => {
    if (isSet) errors.push(forbidden(`${path}.${field}`, LINUX_ONLY));
  };
  look(POD_CONTEXT_BEFORE);
  refuseField('hostUsers', spec.hostUsers !== undefined);
  refuseField('hostPID', spec.hostPID === true);
  refuseField('hostIPC', spec.hostIPC === true);
  look(POD_CONTEXT_BETWEEN);
  refuseField('shareProcessNamespace', spec.shareProcessNamespace !== undefined);
  look(POD_CONTEXT_AFTER);
  for (const { container, path: at } of containersOf(spec, path))
    for (const field of CONTAINER_CONTEXT)
      if (container.securityContext?.[field] !== undefined)
        errors.push(forbidden(`${at}.securityContext.${field}`, LINUX_ONLY));
}

function checkLinux(spec: PodSpec, path: string, errors: Errors): void {
  if (spec.securityContext?.windowsOptions)
    errors.push(forbidden(`${path}.securityContext.windowsOptions`, WINDOWS_ONLY));
  for (const { container, path: at } of containersOf(spec, path))
    if (container.securityContext?.windowsOptions)
      errors.push(forbidden(`${at}.securityContext.windowsOptions`, WINDOWS_ONLY));
}

/** `spec.os.name` is linux or windows: nothing of the other may be set. */
export function checkFieldsOfOs(spec: PodSpec, path: string, errors: Errors): void {
  if (spec.os?.name === 'windows') checkWindows(spec, path, errors);
  else checkLinux(spec, path, errors);
}

const usesWindows = (spec: PodSpec): boolean =>
  spec.securityContext?.windowsOptions !== undefined ||
  containersOf(spec).some(({ container }) => container.securityContext?.windowsOptions !== undefined);

/** Containers that are processes of a Windows node: all of a Pod's or none, and on the node's network. */
export function checkHostProcess(spec: PodSpec, path: string, errors: Errors): void {
  if (!usesWindows(spec)) return;
  const forPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = containersOf(spec, path);
  let count = 0;
  for (const { container, path: at } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (forPod !== undefined && own !== undefined && forPod !== own)
      errors.push(
        invalid(
          `${at}.securityContext.windowsOptions.hostProcess`,
          own,
          `pod hostProcess value must be identical if both are specified, was ${forPod}`,
        ),
      );
    if (own ?? forPod) count++;
  }
  if (count === 0) return;
  if (count !== containers.length)
    errors.push(
      invalid(
        path,
        '',
        'If pod contains any hostProcess containers then all containers must be HostProcess containers',
      ),
    );
  if (!spec.hostNetwork)
    errors.push(
      invalid(`${path}.hostNetwork`, false, 'hostNetwork must be true if pod contains any hostProcess containers'),
    );
}
