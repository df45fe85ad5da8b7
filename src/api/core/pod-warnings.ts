/** Warnings for Pods and pod templates that are accepted (k8s.io/kubernetes/pkg/api/pod/warnings.go), in its order. */
import { quote } from '../field-error.ts';
import { parseQuantity } from '../quantity.ts';
import type { ObjectMeta } from '../object.ts';
import type { Container, PodSpec } from '../types.ts';
import { claimSpecWarnings } from './claim-warnings.ts';
import { APP_ARMOR, SECCOMP_CONTAINER, SECCOMP_POD } from './pod-annotation-checks.ts';
import { containersOf } from './pod-containers.ts';
import { DEPRECATED_NODE_LABELS, nodeTermWarnings } from './node-labels.ts';

type Say = (path: string, message: string) => void;
type Metadata = Pick<Partial<ObjectMeta>, 'annotations'>;

function placementWarnings(spec: PodSpec, path: string, say: Say): void {
  for (const key of Object.keys(spec.nodeSelector ?? {}).sort()) {
    const advice = DEPRECATED_NODE_LABELS[key];
    if (advice) say(`${path}.nodeSelector[${key}]`, advice);
  }
  const nodes = spec.affinity?.nodeAffinity;
  const at = `${path}.affinity.nodeAffinity`;
  nodes?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms.forEach((term, i) =>
    nodeTermWarnings(term, false, `${at}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, say),
  );
  nodes?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ preference }, i) =>
    nodeTermWarnings(preference, true, `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, say),
  );
  spec.topologySpreadConstraints?.forEach(({ topologyKey, labelSelector }, i) => {
    const here = `${path}.topologySpreadConstraints[${i}]`;
    const advice = DEPRECATED_NODE_LABELS[topologyKey];
    if (advice) say(`${here}.topologyKey`, `${topologyKey} is ${advice}`);
    if (!labelSelector) say(`${here}.labelSelector`, MATCHES_NOTHING);
  });
}

const DEPRECATED_ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};

/** Volume sources that still parse, and since when they do nothing; by the name in the warning where it differs. */
const DEPRECATED_SOURCES = [
  ['photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'deprecated in v1.22, non-functional in v1.25+', 'storageOS'],
  ['quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', ''],
  ['cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'deprecated in v1.28, non-functional in v1.31+'],
] as const;

function volumeWarnings(spec: PodSpec, path: string, warnings: string[], say: Say): void {
  spec.volumes?.forEach((volume, i) => {
    const at = `${path}.volumes[${i}]`;
    for (const [source, message, name] of DEPRECATED_SOURCES) {
      if (!volume[source]) continue;
      const template = source === 'ephemeral' ? volume.ephemeral?.volumeClaimTemplate : undefined;
      if (template) warnings.push(...claimSpecWarnings(template.spec, `${at}.ephemeral.volumeClaimTemplate.spec`));
      if (message) say(`${at}.${name ?? source}`, message);
    }
  });
  const tokens = new Set<string>();
  for (const { projected } of spec.volumes ?? [])
    for (const { serviceAccountToken } of projected?.sources ?? [])
      if (serviceAccountToken) tokens.add(serviceAccountToken.path);
  if (tokens.size === 0) return;
  spec.volumes?.forEach(({ projected }, i) =>
    projected?.sources?.forEach((source) => {
      for (const [key, name] of PROJECTED_FILES)
        source[key]?.items?.forEach((item, j) => {
          if (tokens.has(item.path))
            say(
              `${path}.volumes[${i}].projected.sources.${name}[${j}]`,
              `has duplicated path with ServiceAccountToken ${quote(item.path)}`,
            );
        });
    }),
  );
}

const PROJECTED_FILES = [
  ['configMap', 'configMap'],
  ['secret', 'secrets'],
  ['downwardAPI', 'downwardAPI'],
] as const;

function repetitionWarnings(spec: PodSpec, path: string, say: Say): void {
  const repeated = (list: string, field: string, values: readonly (string | undefined)[]): void => {
    const seen = new Set<string>();
    values.forEach((value = '', i) => {
      if (seen.has(value)) say(`${path}.${list}[${i}].${field}`, `duplicate ${field} ${quote(value)}`);
      seen.add(value);
    });
  };
  if (spec.hostAliases)
    repeated(
      'hostAliases',
      'ip',
      spec.hostAliases.map(({ ip }) => ip),
    );
  const secrets = spec.imagePullSecrets;
  if (!secrets) return;
  repeated(
    'imagePullSecrets',
    'name',
    secrets.map(({ name }) => name),
  );
  secrets.forEach(({ name }, i) => {
    if (!name) say(`${path}.imagePullSecrets[${i}].name`, 'invalid empty name ""');
  });
}

const WHOLE = 10n ** 9n;

/** Amounts are told apart by list first: limits, then requests. */
function fractionalBytes(
  list: Readonly<Record<string, string | number>> | undefined,
  name: string,
  path: string,
  say: Say,
): void {
  const amount = list?.[name];
  if (amount === undefined) return;
  const quantity = parseQuantity(amount);
  if (quantity.nano % WHOLE !== 0n)
    say(`${path}[${name}]`, `fractional byte value "${quantity.toString()}" is invalid, must be an integer`);
}

const BYTES = ['memory', 'ephemeral-storage'] as const;

function duplicateEnv(container: Container, path: string, say: Say): void {
  if (!container.env || container.env.length < 2) return;
  const seen = new Set<string>();
  container.env.forEach(({ name, value, valueFrom }, i) => {
    const reference = `$(${name})`;
    const hides = valueFrom !== undefined || value === reference || !value?.includes(reference);
    if (seen.has(name) && hides)
      say(`${path}.env[${i}]`, `hides previous definition of "${name}", which may be dropped when using apply`);
    seen.add(name);
  });
}

function containerWarnings(spec: PodSpec, annotations: Readonly<Record<string, string>>, path: string, say: Say): void {
  // Of Pods, AppArmor is spoken of where the annotation is taken over.
  const isTemplate = path !== 'spec';
  const annotated = (key: string): string => `${path.replace(/spec$/, 'metadata')}.annotations[${key}]`;
  for (const { container, path: at } of containersOf(spec, path)) {
    const { securityContext: context, resources } = container;
    const seccomp = SECCOMP_CONTAINER + container.name;
    if (!context?.seccompProfile && annotations[seccomp] !== undefined) say(annotated(seccomp), SECCOMP_GONE);
    const appArmor = APP_ARMOR + container.name;
    const profiled = spec.securityContext?.appArmorProfile ?? context?.appArmorProfile;
    if (isTemplate && !profiled && annotations[appArmor] !== undefined) say(annotated(appArmor), APP_ARMOR_OLD);
    if (resources?.limits || resources?.requests)
      for (const name of BYTES) {
        fractionalBytes(resources.limits, name, `${at}.resources.limits`, say);
        fractionalBytes(resources.requests, name, `${at}.resources.requests`, say);
      }
    duplicateEnv(container, at, say);
  }
}

const SECCOMP_GONE = 'non-functional in v1.27+; use the "seccompProfile" field instead';
export const APP_ARMOR_OLD = 'deprecated since v1.30; use the "appArmorProfile" field instead';

type Port = NonNullable<Container['ports']>[number];

/** The same port twice, in one container or in two that run together. */
function portWarnings(spec: PodSpec, path: string, say: Say): void {
  const known = new Map<string, { readonly at: string; readonly port: Port }[]>();
  for (const { container, path: of } of containersOf(spec, path))
    container.ports?.forEach((port, i) => {
      const at = `${of}.ports[${i}]`;
      const { hostIP = '', hostPort = 0, containerPort, protocol = 'TCP', name = '' } = port;
      if (hostIP && hostPort === 0)
        say(
          at,
          `hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`,
        );
      const key = `${containerPort}/${protocol}`;
      const others = known.get(key) ?? [];
      for (const other of others) {
        const { hostIP: otherIp = '', hostPort: otherPort = 0 } = other.port;
        if (hostIP === otherIp && hostPort === otherPort) say(at, `duplicate port definition with ${other.at}`);
        else if (hostPort === 0 || otherPort === 0) say(at, `overlapping port definition with ${other.at}`);
        else if (hostPort === otherPort && (hostIP === '') !== (otherIp === ''))
          say(at, `dangerously ambiguous port definition with ${other.at}`);
      }
      known.set(key, [...others, { at, port }]);
    });
}

const MATCHES_NOTHING = 'a null labelSelector results in matching no pod';

function affinityWarnings(affinity: NonNullable<PodSpec['affinity']>, path: string, say: Say): void {
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[kind];
    const at = `${path}.${kind}`;
    terms?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(({ labelSelector }, i) => {
      if (!labelSelector)
        say(`${at}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector`, MATCHES_NOTHING);
    });
    terms?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, i) => {
      if (!podAffinityTerm.labelSelector)
        say(
          `${at}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector`,
          MATCHES_NOTHING,
        );
    });
  }
}

/** Path is `spec`, or `spec.template.spec`; `metadata` is the Pod's or the template's. */
export function podWarnings(spec: PodSpec, path: string, metadata: Metadata = {}): string[] {
  const warnings: string[] = [];
  const say: Say = (at, message) => void warnings.push(`${at}: ${message}`);
  const annotations = metadata.annotations ?? {};
  const annotated = path.replace(/spec$/, 'metadata.annotations');
  placementWarnings(spec, path, say);
  for (const key in DEPRECATED_ANNOTATIONS)
    if (annotations[key] !== undefined) say(`${annotated}[${key}]`, DEPRECATED_ANNOTATIONS[key]!);
  if (spec.volumes) volumeWarnings(spec, path, warnings, say);
  repetitionWarnings(spec, path, say);
  for (const name of BYTES) fractionalBytes(spec.overhead, name, `${path}.overhead`, say);
  if (!spec.securityContext?.seccompProfile && annotations[SECCOMP_POD] !== undefined)
    say(`${annotated}[${SECCOMP_POD}]`, SECCOMP_GONE);
  containerWarnings(spec, annotations, path, say);
  if (hasPorts(spec)) portWarnings(spec, path, say);
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0)
    say(`${path}.terminationGracePeriodSeconds`, 'must be >= 0; negative values are invalid and will be treated as 1');
  if (spec.affinity) affinityWarnings(spec.affinity, `${path}.affinity`, say);
  return warnings;
}

const hasPorts = (spec: PodSpec): boolean => {
  for (const { ports } of spec.containers) if (ports) return true;
  return false;
};
