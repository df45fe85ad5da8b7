/** Security contexts of Pods and containers. */
import { duplicate, invalid, required } from '../field-error.ts';
import { checkDnsSubdomain } from '../names.ts';
import type { Container, PodSpec } from '../types.ts';
import { checkDescendingPath, checkOneOf, checkUnixId, refuse, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
type PodSecurityContext = NonNullable<PodSpec['securityContext']>;
type SeccompProfile = NonNullable<SecurityContext['seccompProfile']>;
type AppArmorProfile = NonNullable<SecurityContext['appArmorProfile']>;
type WindowsOptions = NonNullable<SecurityContext['windowsOptions']>;

const PROFILE_TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkSeccomp(profile: SeccompProfile, path: string, errors: Errors): void {
  if (!profile.type) errors.push(required(`${path}.type`, 'type is required when seccompProfile is set'));
  else checkOneOf(profile.type, PROFILE_TYPES, `${path}.type`, errors);
  const at = `${path}.localhostProfile`;
  if (profile.type === 'Localhost') {
    if (profile.localhostProfile === undefined) errors.push(required(at, 'must be set when seccomp type is Localhost'));
    else checkDescendingPath(profile.localhostProfile, at, errors);
  } else if (profile.localhostProfile !== undefined) {
    errors.push(invalid(at, internalForm('SeccompProfile', profile), 'can only be set when seccomp type is Localhost'));
  }
}

function checkAppArmor(profile: AppArmorProfile, path: string, errors: Errors): void {
  const at = `${path}.localhostProfile`;
  const local = profile.localhostProfile;
  switch (profile.type) {
    case 'Localhost':
      if (!local?.trim()) errors.push(required(at, 'must be set when AppArmor type is Localhost'));
      else if (local.trim() !== local) errors.push(invalid(at, local, 'must not be padded with whitespace'));
      break;
    case 'RuntimeDefault':
    case 'Unconfined':
      if (local !== undefined) errors.push(invalid(at, local, 'can only be set when AppArmor type is Localhost'));
      break;
    default:
      if (!profile.type) errors.push(required(`${path}.type`, 'type is required when appArmorProfile is set'));
      else checkOneOf(profile.type, PROFILE_TYPES, `${path}.type`, errors);
  }
}

function checkWindowsOptions(options: WindowsOptions, path: string, errors: Errors): void {
  const name = options.gmsaCredentialSpecName;
  if (name !== undefined) refuse(`${path}.gmsaCredentialSpecName`, name, checkDnsSubdomain(name), errors);
  if (options.gmsaCredentialSpec === '')
    errors.push(invalid(`${path}.gmsaCredentialSpec`, '', 'gmsaCredentialSpec cannot be an empty string'));
  if (options.runAsUserName === '')
    errors.push(invalid(`${path}.runAsUserName`, '', 'runAsUserName cannot be an empty string'));
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_FORMAT = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL = new RegExp(SYSCTL_FORMAT);

function checkSysctls(sysctls: NonNullable<PodSecurityContext['sysctls']>, path: string, errors: Errors): void {
  const names = new Set<string>();
  sysctls.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`;
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !SYSCTL.test(name))
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL_FORMAT}`));
    else if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
  });
}

export function checkPodSecurityContext(spec: PodSpec, path: string, errors: Errors): void {
  const context = spec.securityContext;
  if (!context) return;
  const at = `${path}.securityContext`;
  checkUnixId(context.fsGroup, `${at}.fsGroup`, errors);
  checkUnixId(context.runAsUser, `${at}.runAsUser`, errors);
  checkUnixId(context.runAsGroup, `${at}.runAsGroup`, errors);
  context.supplementalGroups?.forEach((group, i) => checkUnixId(group, `${at}.supplementalGroups[${i}]`, errors));
  if (spec.shareProcessNamespace && spec.hostPID)
    errors.push(
      invalid(`${at}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  if (context.sysctls) checkSysctls(context.sysctls, `${at}.sysctls`, errors);
  if (context.fsGroupChangePolicy !== undefined)
    checkOneOf(context.fsGroupChangePolicy, ['Always', 'OnRootMismatch'], `${at}.fsGroupChangePolicy`, errors);
  if (context.seccompProfile) checkSeccomp(context.seccompProfile, `${at}.seccompProfile`, errors);
  if (context.windowsOptions) checkWindowsOptions(context.windowsOptions, `${at}.windowsOptions`, errors);
  if (context.appArmorProfile) checkAppArmor(context.appArmorProfile, `${at}.appArmorProfile`, errors);
  if (context.supplementalGroupsPolicy !== undefined)
    checkOneOf(context.supplementalGroupsPolicy, ['Merge', 'Strict'], `${at}.supplementalGroupsPolicy`, errors);
  if (context.seLinuxChangePolicy !== undefined)
    checkOneOf(context.seLinuxChangePolicy, ['Recursive'], `${at}.seLinuxChangePolicy`, errors);
}

export function checkSecurityContext(context: SecurityContext, at: string, errors: Errors): void {
  checkUnixId(context.runAsUser, `${at}.runAsUser`, errors);
  checkUnixId(context.runAsGroup, `${at}.runAsGroup`, errors);
  if (context.procMount !== undefined)
    checkOneOf(context.procMount, ['Default', 'Unmasked'], `${at}.procMount`, errors);
  if (context.seccompProfile) checkSeccomp(context.seccompProfile, `${at}.seccompProfile`, errors);
  if (context.allowPrivilegeEscalation === false) {
    const shown = (): unknown => internalForm('SecurityContext', context);
    if (context.privileged)
      errors.push(invalid(at, shown(), 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN'))
      errors.push(
        invalid(at, shown(), 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'),
      );
  }
  if (context.windowsOptions) checkWindowsOptions(context.windowsOptions, `${at}.windowsOptions`, errors);
  if (context.appArmorProfile) checkAppArmor(context.appArmorProfile, `${at}.appArmorProfile`, errors);
}
