/** Validation of Pods and pod templates (k8s.io/kubernetes/pkg/apis/core/validation), in its order. */
import { forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { checkAnnotations, checkLabels } from '../metadata-checks.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName } from '../names.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../types.ts';
import { checkAffinity, checkTolerations, checkTopologySpread } from './affinity-checks.ts';
import { checkOneOf, refuse, type Errors } from './common-checks.ts';
import { checkContainers, checkImageSpace } from './container-checks.ts';
import { checkPodSecurityContext } from './security-context-checks.ts';
import { checkVolumes } from './volume-checks.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];
const MAX_INT32 = 2 ** 31 - 1;

function checkDnsConfig(spec: PodSpec, path: string, errors: Errors): void {
  const { dnsConfig, dnsPolicy } = spec;
  const at = `${path}.dnsConfig`;
  if (dnsPolicy === 'None') {
    if (!dnsConfig) errors.push(required(at, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    else if (!dnsConfig.nameservers?.length)
      errors.push(required(`${at}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  if (!dnsConfig) return;
  if ((dnsConfig.nameservers?.length ?? 0) > 3)
    errors.push(invalid(`${at}.nameservers`, dnsConfig.nameservers, 'must not have more than 3 nameservers'));
  if ((dnsConfig.searches?.length ?? 0) > 32)
    errors.push(invalid(`${at}.searches`, dnsConfig.searches, 'must not have more than 32 search paths'));
  dnsConfig.options?.forEach((option, i) => {
    if (!option.name) errors.push(required(`${at}.options[${i}]`, 'must not be empty'));
  });
}

/** What a Pod and a template have in common. `path` is `spec` or `spec.template.spec`. */
export function checkPodSpec(spec: PodSpec, path: string, errors: Errors): void {
  const volumes = checkVolumes(spec.volumes, `${path}.volumes`, errors);
  checkContainers(spec, volumes, path, errors);
  checkOneOf(spec.restartPolicy, RESTART_POLICIES, `${path}.restartPolicy`, errors);
  checkOneOf(spec.dnsPolicy, DNS_POLICIES, `${path}.dnsPolicy`, errors);
  if (spec.nodeSelector) checkLabels(spec.nodeSelector, `${path}.nodeSelector`, errors);
  checkPodSecurityContext(spec, path, errors);
  if (spec.hostNetwork) checkHostNetworkPorts(spec, path, errors);
  spec.imagePullSecrets?.forEach((secret, i) => {
    if (!secret.name) errors.push(required(`${path}.imagePullSecrets[${i}].name`));
  });
  if (spec.affinity) checkAffinity(spec.affinity, `${path}.affinity`, errors);
  if (spec.dnsConfig || spec.dnsPolicy === 'None') checkDnsConfig(spec, path, errors);
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
  checkNames(spec, path, errors);
  if (spec.tolerations) checkTolerations(spec.tolerations, `${path}.tolerations`, errors);
  checkOptionalName(spec.priorityClassName, `${path}.priorityClassName`, checkDnsSubdomain, errors);
  if (spec.runtimeClassName !== undefined)
    refuse(`${path}.runtimeClassName`, spec.runtimeClassName, checkDnsSubdomain(spec.runtimeClassName), errors);
  if (spec.preemptionPolicy !== undefined)
    checkOneOf(spec.preemptionPolicy, ['Never', 'PreemptLowerPriority'], `${path}.preemptionPolicy`, errors);
  if (spec.os) {
    if (!spec.os.name) errors.push(required(`${path}.os.name`, 'cannot be empty'));
    else checkOneOf(spec.os.name, ['linux', 'windows'], `${path}.os`, errors);
  }
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
}

function checkHostNetworkPorts(spec: PodSpec, path: string, errors: Errors): void {
  spec.containers?.forEach((container, i) =>
    container.ports?.forEach((port, j) => {
      if (port.hostPort !== undefined && port.hostPort !== port.containerPort)
        errors.push(
          invalid(
            `${path}.containers[${i}].ports[${j}].containerPort`,
            port.containerPort,
            'must match `hostPort` when `hostNetwork` is true',
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
    if (names.has(name))
      errors.push({ type: 'FieldValueDuplicate', field: at, detail: `Duplicate value: ${JSON.stringify(name)}` });
    names.add(name);
  });
}

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Annotations that the control plane reads. */
function checkPodAnnotations(pod: Pod, errors: Errors): void {
  const cost = pod.metadata.annotations?.[DELETION_COST];
  if (cost === undefined) return;
  const number = /^(0|-?[1-9]\d*|-0+\d*)$/.test(cost) ? Number(cost) : NaN;
  if (!(number >= -(2 ** 31) && number <= MAX_INT32))
    errors.push(invalid(`metadata.annotations[${DELETION_COST}]`, cost, 'must be a 32bit integer'));
}

/** A new Pod, or a changed one where it must still be valid as a whole. */
export function checkPod(pod: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const { spec } = pod;
  checkPodAnnotations(pod, errors);
  checkPodSpec(spec, 'spec', errors);
  checkImageSpace(spec.containers, 'spec.containers', errors);
  checkImageSpace(spec.initContainers, 'spec.initContainers', errors);
  return errors;
}

/** What only a new Pod must satisfy. */
export function checkNewPod(pod: Pod): FieldError[] {
  const errors = checkPod(pod);
  if (pod.spec.ephemeralContainers?.length)
    errors.push(forbidden('spec.ephemeralContainers', 'cannot be set on create'));
  if (pod.spec.nodeName && pod.spec.schedulingGates?.length)
    errors.push(forbidden('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}

/** The template of a workload, at `path`: `spec.template`. */
export function checkTemplate(template: PodTemplateSpec, path: string, errors: Errors): void {
  if (goodTemplates.has(template)) return;
  const before = errors.length;
  checkLabels(template.metadata?.labels, `${path}.labels`, errors);
  checkAnnotations(template.metadata?.annotations, `${path}.annotations`, errors);
  const spec = template.spec as PodSpec;
  checkPodSpec(spec, `${path}.spec`, errors);
  if (spec.ephemeralContainers?.length)
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  if (errors.length === before) goodTemplates.add(template);
}

/** Templates found good before: most writes of a workload carry its template unchanged. */
const goodTemplates = new WeakSet<object>();
