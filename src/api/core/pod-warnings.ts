/** Warnings for Pods and pod templates that are accepted (k8s.io/kubernetes/pkg/api/pod/warnings.go). */
import { parseQuantity } from '../quantity.ts';
import type { Container, PodSpec } from '../types.ts';

const WHOLE = 10n ** 9n;

const DEPRECATED_LABELS: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

const AMOUNTS = ['limits', 'requests'] as const;

function fractionalBytes(container: Container, path: string, warnings: string[]): void {
  if (!container.resources?.limits && !container.resources?.requests) return;
  for (const field of AMOUNTS) {
    const list = container.resources?.[field];
    if (!list) continue;
    for (const name of ['ephemeral-storage', 'memory']) {
      const amount = list[name];
      if (amount === undefined) continue;
      const quantity = parseQuantity(amount);
      if (quantity.nano % WHOLE !== 0n)
        warnings.push(
          `${path}.resources.${field}[${name}]: fractional byte value "${quantity.toString()}" is invalid, must be an integer`,
        );
    }
  }
}

function duplicateEnv(container: Container, path: string, warnings: string[]): void {
  if (!container.env || container.env.length < 2) return;
  const seen = new Set<string>();
  container.env.forEach(({ name, value }, i) => {
    if (seen.has(name) && !value?.includes(`$(${name})`))
      warnings.push(`${path}.env[${i}]: hides previous definition of "${name}", which may be dropped when using apply`);
    seen.add(name);
  });
}

/** The same port twice, in one container or in two that run together. */
function duplicatePorts(spec: PodSpec, path: string, warnings: string[]): void {
  const seen = new Map<string, string>();
  const look = (container: Container, at: string): void => {
    container.ports?.forEach((port, i) => {
      const here = `${at}.ports[${i}]`;
      const id = `${port.protocol ?? 'TCP'}/${port.hostIP ?? ''}/${port.hostPort ?? 0}/${port.containerPort}`;
      const before = seen.get(id);
      if (before !== undefined) warnings.push(`${here}: duplicate port definition with ${before}`);
      else seen.set(id, here);
    });
  };
  spec.initContainers?.forEach((container, i) => look(container, `${path}.initContainers[${i}]`));
  spec.containers.forEach((container, i) => look(container, `${path}.containers[${i}]`));
}

const MATCHES_NOTHING = 'a null labelSelector results in matching no pod';

function affinityWarnings(affinity: NonNullable<PodSpec['affinity']>, path: string, warnings: string[]): void {
  for (const kind of ['podAffinity', 'podAntiAffinity'] as const) {
    const terms = affinity[kind];
    terms?.requiredDuringSchedulingIgnoredDuringExecution?.forEach(({ labelSelector }, i) => {
      if (!labelSelector)
        warnings.push(
          `${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}].labelSelector: ${MATCHES_NOTHING}`,
        );
    });
    terms?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ podAffinityTerm }, i) => {
      if (!podAffinityTerm.labelSelector)
        warnings.push(
          `${path}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm.labelSelector: ${MATCHES_NOTHING}`,
        );
    });
  }
}

/** Path is `spec`, or `spec.template.spec`. */
export function podWarnings(spec: PodSpec, path: string): string[] {
  const warnings: string[] = [];
  for (const key in spec.nodeSelector) {
    const advice = DEPRECATED_LABELS[key];
    if (advice) warnings.push(`${path}.nodeSelector[${key}]: ${advice}`);
  }
  if (spec.affinity) affinityWarnings(spec.affinity, `${path}.affinity`, warnings);
  spec.topologySpreadConstraints?.forEach(({ labelSelector }, i) => {
    if (!labelSelector) warnings.push(`${path}.topologySpreadConstraints[${i}].labelSelector: ${MATCHES_NOTHING}`);
  });
  spec.imagePullSecrets?.forEach(({ name }, i) => {
    if (!name) warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
  });
  for (const list of ['initContainers', 'containers'] as const)
    spec[list]?.forEach((container, i) => {
      const at = `${path}.${list}[${i}]`;
      fractionalBytes(container, at, warnings);
      duplicateEnv(container, at, warnings);
    });
  if (hasPorts(spec)) duplicatePorts(spec, path, warnings);
  const grace = spec.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 0)
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  return warnings;
}

const hasPorts = (spec: PodSpec): boolean => {
  for (const { ports } of spec.containers) if (ports) return true;
  return false;
};
