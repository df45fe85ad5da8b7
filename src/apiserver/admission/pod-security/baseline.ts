/** The rules of the baseline standard (k8s.io/pod-security-admission/policy), those of Kubernetes 1.36. */
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

export const hostProbes: Check = (spec) =>
  byContainers(
    spec,
    'probe or lifecycle host',
    (container) => hostsOf(container).length > 0,
    (bad) => {
      const hosts = sortedSet(bad.flatMap(hostsOf));
      return `${uses(bad)} ${plural('probe or lifecycle host', hosts)} ${quoteAll(hosts)}`;
    },
  );

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

export const procMount: Check = (spec, metadata) =>
  hasOwnUsers(spec) ? undefined : procMountRestricted(spec, metadata);

const SELINUX_TYPES: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

const badType = (context: Partial<SecurityContext>): string | undefined => {
  const type = context.seLinuxOptions?.type ?? '';
  return SELINUX_TYPES.has(type) ? undefined : type;
};

export const seLinuxOptions: Check = (spec) => {
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

export const seccompProfile: Check = (spec) => {
  const detail = badSeccomp(spec);
  return detail ? { reason: 'seccompProfile', detail } : undefined;
};

const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_wmem',
]);

export const sysctls: Check = ({ securityContext }) => {
  const unsafe = (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SAFE_SYSCTLS.has(name));
  return unsafe.length > 0 ? { reason: 'forbidden sysctls', detail: unsafe.join(', ') } : undefined;
};

export const windowsHostProcess: Check = (spec) => {
  const who = setters(spec, ({ windowsOptions }) => windowsOptions?.hostProcess === true);
  return who
    ? { reason: 'hostProcess', detail: `${who} must not set securityContext.windowsOptions.hostProcess=true` }
    : undefined;
};
