/** Validation of Pods and pod templates (k8s.io/kubernetes/pkg/apis/core/validation), in its order. */
import { duplicate, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { checkIp } from '../ip.ts';
import type { FieldError } from '../kind.ts';
import { checkAnnotations, checkLabels } from '../metadata-checks.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName } from '../names.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { checkAffinity, checkTolerations, checkTopologySpread } from './affinity-checks.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';
import { checkContainers, checkImageSpace } from './container-checks.ts';
import { checkDnsConfig } from './dns-config-checks.ts';
import { internalForm } from './internal-form.ts';
import { checkPodAnnotations, checkProfilesMatch } from './pod-annotation-checks.ts';
import { checkFieldsOfOs, checkHostProcess } from './pod-os-checks.ts';
import { checkContainerResourceName, checkPodResources, checkRequirements } from './resource-checks.ts';
import { checkPodSecurityContext } from './security-context-checks.ts';
import { checkVolumes } from './volume-checks.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
/** In Kubernetes' own order. */
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const MAX_INT32 = 2 ** 31 - 1;

/** What a Pod and a template have in common. `path` is `spec` or `spec.template.spec`; `pod` is empty in a template. */
export function checkPodSpec(spec: PodSpec, path: string, errors: Errors, pod = ''): void {
  const volumes = checkVolumes(spec.volumes, `${path}.volumes`, pod, errors);
  if (spec.resourceClaims) checkResourceClaims(spec.resourceClaims, `${path}.resourceClaims`, errors);
  checkContainers(spec, volumes, path, errors);
  if (spec.resources) checkPodResources(spec, `${path}.resources`, errors);
  if (spec.hostNetwork) checkHostNetworkPorts(spec, path, pod !== '', errors);
  checkOneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, errors);
  checkOneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, errors);
  if (spec.nodeSelector) checkLabels(spec.nodeSelector, `${path}.nodeSelector`, errors);
  checkPodSecurityContext(spec, path, errors);
  if (spec.affinity) checkAffinity(spec.affinity, `${path}.affinity`, errors);
  if (spec.dnsConfig || spec.dnsPolicy === 'None') checkDnsConfig(spec, `${path}.dnsConfig`, errors);
  spec.readinessGates?.forEach((gate, i) =>
    refuse(
      `${path}.readinessGates[${i}].conditionType`,
      gate.conditionType,
      checkQualifiedName(gate.conditionType),
      errors,
    ),
  );
  if (spec.schedulingGates) checkSchedulingGates(spec.schedulingGates, `${path}.schedulingGates`, errors);
  if (spec.topologySpreadConstraints)
    checkTopologySpread(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`, errors);
  checkHostProcess(spec, path, errors);
  if (spec.hostUsers === false) checkHostUsers(spec, path, errors);
  checkNames(spec, path, errors);
  if (spec.tolerations) checkTolerations(spec.tolerations, `${path}.tolerations`, errors);
  if (spec.hostAliases) checkHostAliases(spec.hostAliases, `${path}.hostAliases`, errors);
  checkOptionalName(spec.priorityClassName, `${path}.priorityClassName`, checkDnsSubdomain, errors);
  if (spec.runtimeClassName !== undefined)
    refuse(`${path}.runtimeClassName`, spec.runtimeClassName, checkDnsSubdomain(spec.runtimeClassName), errors);
  if (spec.preemptionPolicy !== undefined)
    checkOneOf(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], `${path}.preemptionPolicy`, errors);
  if (spec.overhead)
    checkRequirements({ limits: spec.overhead }, checkContainerResourceName, `${path}.overhead`, errors);
  if (spec.os) checkOs(spec, path, errors);
}

function checkOs(spec: PodSpec, path: string, errors: Errors): void {
  const { name } = spec.os!;
  if (!name) errors.push(required(`${path}.os.name`, 'cannot be empty'));
  else if (name !== 'linux' && name !== 'windows') errors.push(notSupported(`${path}.os`, name, ['linux', 'windows']));
  else checkFieldsOfOs(spec, path, errors);
}

/** Devices that are claimed for the Pod. */
function checkResourceClaims(claims: NonNullable<PodSpec['resourceClaims']>, path: string, errors: Errors): void {
  const names = new Set<string>();
  claims.forEach((claim, i) => {
    const at = `${path}[${i}]`;
    const { name, resourceClaimName, resourceClaimTemplateName } = claim;
    if (!name) errors.push(required(`${at}.name`));
    else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    else refuse(`${at}.name`, name, checkDnsLabel(name), errors);
    names.add(name);
    const shown = (): unknown => internalForm('PodResourceClaim', claim);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined)
      errors.push(
        invalid(at, shown(), 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'),
      );
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(invalid(at, shown(), 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`'));
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'] as const)
      if (claim[field] !== undefined) refuse(`${at}.${field}`, claim[field], checkDnsSubdomain(claim[field]), errors);
  });
}

/** Users of the Pod's own, and the node's namespaces beside: not together. */
function checkHostUsers(spec: PodSpec, path: string, errors: Errors): void {
  const message = 'when `pod.Spec.HostUsers` is false';
  if (spec.hostNetwork) errors.push(forbidden(`${path}.hostNetwork`, message));
  // Kubernetes capitalises these two.
  if (spec.hostPID) errors.push(forbidden(`${path}.HostPID`, message));
  if (spec.hostIPC) errors.push(forbidden(`${path}.HostIPC`, message));
}

function checkHostAliases(aliases: NonNullable<PodSpec['hostAliases']>, path: string, errors: Errors): void {
  aliases.forEach(({ ip, hostnames }, i) => {
    refuse(`${path}[${i}].ip`, ip ?? '', checkIp(ip ?? ''), errors);
    hostnames?.forEach((name, j) => refuse(`${path}[${i}].hostnames[${j}]`, name, checkDnsSubdomain(name), errors));
  });
}

function checkOptionalName(
  name: string | undefined,
  path: string,
  check: (name: string) => string[],
  errors: Errors,
): void {
  if (name) refuse(path, name, check(name), errors);
}

function checkNames(spec: PodSpec, path: string, errors: Errors): void {
  checkOptionalName(spec.serviceAccountName, `${path}.serviceAccountName`, checkDnsSubdomain, errors);
  checkOptionalName(spec.nodeName, `${path}.nodeName`, checkDnsSubdomain, errors);
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32))
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, `must be between 1 and ${MAX_INT32}, inclusive`));
  checkOptionalName(spec.hostname, `${path}.hostname`, checkDnsLabel, errors);
  checkOptionalName(spec.subdomain, `${path}.subdomain`, checkDnsLabel, errors);
  const { hostnameOverride } = spec as { readonly hostnameOverride?: string };
  if (hostnameOverride !== undefined)
    refuse(`${path}.hostnameOverride`, hostnameOverride, checkDnsSubdomain(hostnameOverride), errors);
}

/** On the node's network, a port is the node's; a template may leave it open, since Pods have it filled in. */
function checkHostNetworkPorts(spec: PodSpec, path: string, isPod: boolean, errors: Errors): void {
  spec.containers?.forEach((container, i) =>
    container.ports?.forEach(({ hostPort = 0, containerPort }, j) => {
      if ((isPod || hostPort !== 0) && hostPort !== (containerPort ?? 0))
        errors.push(
          invalid(
            `${path}.containers[${i}].ports[${j}].hostPort`,
            hostPort,
            'must match `containerPort` when `hostNetwork` is true',
          ),
        );
    }),
  );
}

function checkSchedulingGates(gates: readonly { name: string }[], path: string, errors: Errors): void {
  const names = new Set<string>();
  gates.forEach(({ name }, i) => {
    const at = `${path}[${i}]`;
    refuse(at, name, checkQualifiedName(name), errors);
    if (names.has(name)) errors.push(duplicate(at, name));
    names.add(name);
  });
}

/** A new Pod, or a changed one where it must still be valid as a whole. */
export function checkPod(pod: Pod, old?: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata, spec } = pod;
  if (metadata.annotations)
    checkPodAnnotations(metadata.annotations, spec, 'metadata.annotations', errors, old?.metadata.annotations);
  checkPodSpec(spec, 'spec', errors, metadata.name);
  if (!spec.serviceAccountName) checkTokens(spec, errors);
  checkImageSpace(spec.containers, 'spec.containers', errors);
  checkImageSpace(spec.initContainers, 'spec.initContainers', errors);
  return errors;
}

/** Who has no service account has no token of one. */
function checkTokens({ volumes }: PodSpec, errors: Errors): void {
  volumes?.forEach(({ projected }, i) =>
    projected?.sources?.forEach(({ serviceAccountToken }, j) => {
      if (serviceAccountToken)
        errors.push(
          forbidden(
            `spec.volumes[${i}].projected.sources[${j}].serviceAccountToken`,
            'must not be specified when serviceAccountName is not set',
          ),
        );
    }),
  );
}

/** What only a new Pod must satisfy. */
export function checkNewPod(pod: Pod): FieldError[] {
  const errors = checkPod(pod);
  if (pod.spec.ephemeralContainers?.length)
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  if (pod.metadata.annotations) checkProfilesMatch(pod.metadata.annotations, pod.spec, 'spec', errors);
  return errors;
}

/** The template of a workload, at `path`: `spec.template`. */
export function checkTemplate(template: PodTemplateSpec, path: string, errors: Errors): void {
  if (goodTemplates.has(template)) return;
  const before = errors.length;
  const { labels, annotations } = template.metadata ?? {};
  checkLabels(labels, `${path}.labels`, errors);
  checkAnnotations(annotations, `${path}.annotations`, errors);
  const spec = template.spec as PodSpec;
  if (annotations) checkPodAnnotations(annotations, spec, `${path}.annotations`, errors);
  checkPodSpec(spec, `${path}.spec`, errors);
  if (annotations) checkProfilesMatch(annotations, spec, `${path}.spec`, errors);
  if (spec.ephemeralContainers?.length)
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  if (errors.length === before) goodTemplates.add(template);
}

/** Templates found good before: most writes of a workload carry its template unchanged. */
const goodTemplates = new WeakSet<object>();
