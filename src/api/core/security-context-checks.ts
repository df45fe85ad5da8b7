/** Security contexts of Pods and containers. */
import { duplicate, invalid, required, tooLong } from '../field-error.ts';
import { checkDnsSubdomain } from '../names.ts';
import type { Container, PodSpec } from '../types.ts';
import { checkDescendingPath, checkOneOf, checkUnixId, refuse, type Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';

type SecurityContext = NonNullable<Container['securityContext']>;
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
      if (!local) errors.push(required(at, 'must be set when AppArmor type is Localhost'));
      else if (local.trim() !== local) errors.push(invalid(at, local, 'must not be padded with whitespace'));
      if (local && local.length > 4095) errors.push(tooLong(at, 4095));
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
  else if ((options.gmsaCredentialSpec?.length ?? 0) > 64 * 1024)
    errors.push(
      invalid(`${path}.gmsaCredentialSpec`, options.gmsaCredentialSpec, 'gmsaCredentialSpec size must be under 64 KiB'),
    );
  if (options.runAsUserName !== undefined)
    for (const message of windowsUserProblems(options.runAsUserName))
      errors.push(invalid(`${path}.runAsUserName`, options.runAsUserName, `runAsUserName${message}`));
}

const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DOMAIN_LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const DOMAIN = new RegExp(`^${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*$`);

/** What is wrong with `DOMAIN\\user`, or a user alone; each goes on after `runAsUserName`. */
function windowsUserProblems(name: string): string[] {
  if (name === '') return [' cannot be an empty string'];
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return [' cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return [' cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const problems: string[] = [];
  if (domain !== undefined) {
    if (domain.length >= 256) problems.push("'s Domain length must be under 256 characters");
    if (!NET_BIOS.test(domain) && !DOMAIN.test(domain))
      problems.push("'s Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === '') problems.push("'s User cannot be empty");
  else if (user.length > 104) problems.push("'s User length must not be longer than 104 characters");
  if (/^[. ]+$/.test(user)) problems.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    problems.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return problems;
}

const SYSCTL_SEGMENT = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const SYSCTL_FORMAT = `^(${SYSCTL_SEGMENT}[\\./])*${SYSCTL_SEGMENT}$`;
const SYSCTL = new RegExp(SYSCTL_FORMAT);

/** Kernel settings that each namespace has for itself: with the node's own namespace they would be the node's. */
const IPC_SYSCTLS = /^(kernel[./](shm|msg|sem$)|fs[./]mqueue[./])/;
const NET_SYSCTLS = /^net[./]/;

function checkHostSysctl(name: string, spec: PodSpec, path: string, errors: Errors): void {
  if (spec.hostNetwork && NET_SYSCTLS.test(name))
    errors.push(invalid(path, name, "may not be specified when 'hostNetwork' is true"));
  else if (spec.hostIPC && IPC_SYSCTLS.test(name))
    errors.push(invalid(path, name, "may not be specified when 'hostIPC' is true"));
}

function checkSysctls(spec: PodSpec, path: string, errors: Errors): void {
  const names = new Set<string>();
  spec.securityContext?.sysctls?.forEach(({ name }, i) => {
    const at = `${path}[${i}].name`;
    if (!name) errors.push(required(at));
    else if (name.length > 253 || !SYSCTL.test(name))
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ${SYSCTL_FORMAT}`));
    else if (names.has(name)) errors.push(duplicate(at, name));
    checkHostSysctl(name ?? '', spec, at, errors);
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
  if (context.sysctls) checkSysctls(spec, `${at}.sysctls`, errors);
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

/** `hostUsers` is whether the Pod's users are the node's. */
export function checkSecurityContext(context: SecurityContext, hostUsers: boolean, at: string, errors: Errors): void {
  checkUnixId(context.runAsUser, `${at}.runAsUser`, errors);
  checkUnixId(context.runAsGroup, `${at}.runAsGroup`, errors);
  if (context.procMount !== undefined)
    checkOneOf(context.procMount, ['Default', 'Unmasked'], `${at}.procMount`, errors);
  if (hostUsers && context.procMount === 'Unmasked')
    errors.push(invalid(`${at}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`'));
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
