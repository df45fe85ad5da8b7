/** The rules of the baseline standard (k8s.io/pod-security-admission/policy), as far as Kubernetes 1.36. */
import type { Container } from '../../../api/types.ts';
import {
  byContainers,
  containersOf,
  contextOf,
  hasOwnUsers,
  plural,
  quoteAll,
  setters,
  sortedSet,
  type Check,
  type PodSpec,
  type SecurityContext,
} from './violations.ts';

const APPARMOR_ANNOTATION = 'container.apparmor.security.beta.kubernetes.io/';

const profileType = (context: Partial<SecurityContext>): string | undefined => context.appArmorProfile?.type;

const isBadAppArmor = (context: Partial<SecurityContext>): boolean => {
  const type = profileType(context);
  return type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
};

const isBadAnnotation = (value: string): boolean =>
  value !== '' && value !== 'runtime/default' && !value.startsWith('localhost/');

export const appArmorProfile: Check = (spec, { annotations = {} }) => {
  const who = setters(spec, isBadAppArmor);
  const marked = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APPARMOR_ANNOTATION) && isBadAnnotation(value))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .sort();
  if (!who && marked.length === 0) return undefined;
  const types = [contextOf(spec), ...containersOf(spec).map(contextOf)].filter(isBadAppArmor).map(profileType);
  const values = [...sortedSet(types.map(String)), ...marked];
  const all = [...(who ? [who] : []), ...(marked.length > 0 ? [plural('annotation', marked)] : [])];
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${all.join(' and ')} must not set AppArmor profile type to ${quoteAll(values)}`,
  };
};

const DEFAULT_CAPABILITIES: ReadonlySet<string> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

/** Capabilities that a container adds and may not. */
export const addedBeyond = (container: Container, allowed: ReadonlySet<string>): string[] =>
  (contextOf(container).capabilities?.add ?? []).filter((capability) => !allowed.has(capability));

export const capabilities: Check = (spec) =>
  byContainers(
    spec,
    'non-default capabilities',
    (container) => addedBeyond(container, DEFAULT_CAPABILITIES).length > 0,
    (bad) =>
      `must not include ${quoteAll(sortedSet(bad.flatMap((one) => addedBeyond(one, DEFAULT_CAPABILITIES))))} in securityContext.capabilities.add`,
  );

export const hostNamespaces: Check = (spec) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field]);
  return used.length > 0
    ? { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') }
    : undefined;
};

export const hostPathVolumes: Check = ({ volumes = [] }) => {
  const names = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return names.length > 0
    ? { reason: 'hostPath volumes', detail: `${plural('volume', names)} ${quoteAll(names)}` }
    : undefined;
};

const hostPortsOf = ({ ports = [] }: Container): string[] =>
  ports.filter(({ hostPort }) => hostPort).map(({ hostPort }) => String(hostPort));

const uses = (bad: readonly unknown[]): string => (bad.length === 1 ? 'uses' : 'use');

export const hostPorts: Check = (spec) =>
  byContainers(
    spec,
    'hostPort',
    (container) => hostPortsOf(container).length > 0,
    (bad) => {
      const ports = sortedSet(bad.flatMap(hostPortsOf));
      return `${uses(bad)} ${plural('hostPort', ports)} ${ports.join(', ')}`;
    },
  );

const hostsOf = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Container): string[] =>
  [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap((handler) =>
    [handler?.httpGet?.host, handler?.tcpSocket?.host].filter((host) => host !== undefined && host !== ''),
  ) as string[];

/** Of all rules, this one names containers by name, not in their order. */
export const hostProbes: Check = (spec) => {
  const reason = 'probe or lifecycle host';
  const bad = containersOf(spec).filter((container) => hostsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const names = sortedSet(bad.map(({ name }) => name));
  const hosts = sortedSet(bad.flatMap(hostsOf));
  const who = `${plural('container', names)} ${quoteAll(names)}`;
  return { reason, detail: `${who} ${uses(names)} ${plural(reason, hosts)} ${quoteAll(hosts)}` };
};

export const privileged: Check = (spec) =>
  byContainers(
    spec,
    'privileged',
    (container) => contextOf(container).privileged === true,
    () => 'must not set securityContext.privileged=true',
  );

const isUnmasked = (container: Container): boolean => (contextOf(container).procMount ?? 'Default') !== 'Default';

export const procMountRestricted: Check = (spec) =>
  byContainers(
    spec,
    'procMount',
    isUnmasked,
    (bad) =>
      `must not set securityContext.procMount to ${quoteAll(sortedSet(bad.map((one) => String(contextOf(one).procMount))))}`,
  );

export const procMount: Check = (spec, metadata, minor) =>
  hasOwnUsers(spec, minor) ? undefined : procMountRestricted(spec, metadata, minor);

/** Values that may be set, by the version 1.x since which they may. */
const SELINUX_TYPES: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['container_t', 0],
  ['container_init_t', 0],
  ['container_kvm_t', 0],
  ['container_engine_t', 31],
]);

const isAllowed = (values: ReadonlyMap<string, number>, value: string, minor: number): boolean =>
  values.has(value) && values.get(value)! <= minor;

export const seLinuxOptions: Check = (spec, _, minor) => {
  const badType = (context: Partial<SecurityContext>): string | undefined => {
    const type = context.seLinuxOptions?.type ?? '';
    return isAllowed(SELINUX_TYPES, type, minor) ? undefined : type;
  };
  const isBad = (context: Partial<SecurityContext>): boolean =>
    badType(context) !== undefined || !!context.seLinuxOptions?.user || !!context.seLinuxOptions?.role;
  const who = setters(spec, isBad);
  if (!who) return undefined;
  const all = [contextOf(spec), ...containersOf(spec).map(contextOf)];
  const types = sortedSet(all.map(badType).filter((type) => type !== undefined));
  const what = [
    ...(types.length > 0 ? [`${plural('type', types)} ${quoteAll(types)}`] : []),
    ...(all.some(({ seLinuxOptions: options }) => options?.user) ? ['user may not be set'] : []),
    ...(all.some(({ seLinuxOptions: options }) => options?.role) ? ['role may not be set'] : []),
  ];
  return {
    reason: 'seLinuxOptions',
    detail: `${who} set forbidden securityContext.seLinuxOptions: ${what.join('; ')}`,
  };
};

const isBadSeccomp = (context: Partial<SecurityContext>): boolean => {
  const type = context.seccompProfile?.type;
  return type !== undefined && type !== 'RuntimeDefault' && type !== 'Localhost';
};

/** Who sets a seccomp profile that is not allowed. */
export function badSeccomp(spec: PodSpec): string | undefined {
  const who = setters(spec, isBadSeccomp);
  if (!who) return undefined;
  const values = [contextOf(spec), ...containersOf(spec).map(contextOf)]
    .filter(isBadSeccomp)
    .map(({ seccompProfile }) => String(seccompProfile?.type));
  return `${who} must not set securityContext.seccompProfile.type to ${quoteAll(sortedSet(values))}`;
}

const SECCOMP_OF_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_OF_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19, profiles were annotations. */
const seccompAnnotations: Check = (spec, { annotations = {} }) => {
  const isBad = (value: string): boolean =>
    value !== 'runtime/default' && value !== 'docker/default' && !value.startsWith('localhost/');
  const keys = [SECCOMP_OF_POD, ...containersOf(spec).map(({ name }) => SECCOMP_OF_CONTAINER + name)];
  const bad = keys.filter((key) => annotations[key] !== undefined && isBad(annotations[key]));
  const shown = sortedSet(bad.map((key) => `${key}=${JSON.stringify(annotations[key])}`));
  return shown.length > 0
    ? { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', shown)} ${shown.join(', ')}` }
    : undefined;
};

export const seccompProfile: Check = (spec, metadata, minor) => {
  if (minor < 19) return seccompAnnotations(spec, metadata, minor);
  const detail = badSeccomp(spec);
  return detail ? { reason: 'seccompProfile', detail } : undefined;
};

const SAFE_SYSCTLS: ReadonlyMap<string, number> = new Map([
  ['kernel.shm_rmid_forced', 0],
  ['net.ipv4.ip_local_port_range', 0],
  ['net.ipv4.tcp_syncookies', 0],
  ['net.ipv4.ping_group_range', 0],
  ['net.ipv4.ip_unprivileged_port_start', 0],
  ['net.ipv4.ip_local_reserved_ports', 27],
  ['net.ipv4.tcp_keepalive_time', 29],
  ['net.ipv4.tcp_fin_timeout', 29],
  ['net.ipv4.tcp_keepalive_intvl', 29],
  ['net.ipv4.tcp_keepalive_probes', 29],
  ['net.ipv4.tcp_rmem', 32],
  ['net.ipv4.tcp_wmem', 32],
]);

export const sysctls: Check = ({ securityContext }, _, minor) => {
  const unsafe = (securityContext?.sysctls ?? [])
    .map(({ name }) => name)
    .filter((name) => !isAllowed(SAFE_SYSCTLS, name, minor));
  return unsafe.length > 0 ? { reason: 'forbidden sysctls', detail: unsafe.join(', ') } : undefined;
};

export const windowsHostProcess: Check = (spec) => {
  const who = setters(spec, ({ windowsOptions }) => windowsOptions?.hostProcess === true);
  return who
    ? { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
    : undefined;
};
