import { invalid } from '../../../api/errors.ts';
import { invalid as invalidField } from '../../../api/field-error.ts';
import type { FieldError } from '../../../api/kind.ts';
import { controllerOf } from '../../../api/meta.ts';
import type { Namespace, Pod } from '../../../api/types.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type ValidatingPlugin } from '../admission.ts';
import { LEVELS, violations, violationText, type Level } from './standards.ts';
import type { PodMetadata, PodSpec } from './violations.ts';

const LABEL = 'pod-security.kubernetes.io/';

type Mode = 'enforce' | 'audit' | 'warn';

interface Policy {
  readonly level: Level;
  /** `latest`, `v1.30`. Every version is judged by the rules of the newest. */
  readonly version: string;
}

const isLevel = (text: string | undefined): text is Level => LEVELS.includes(text as Level);

function policyOf({ metadata }: Namespace, mode: Mode): Policy {
  const level = metadata.labels?.[LABEL + mode];
  const version = metadata.labels?.[`${LABEL}${mode}-version`];
  return { level: isLevel(level) ? level : 'privileged', version: version ?? 'latest' };
}

const shown = ({ level, version }: Policy): string => JSON.stringify(`${level}:${version}`);

interface Template {
  readonly metadata?: PodMetadata;
  readonly spec?: PodSpec;
}

/** Where workloads keep the Pod that they make. */
const TEMPLATES: Readonly<Record<string, (object: Record<string, unknown>) => Template | undefined>> = {
  PodTemplate: ({ template }) => template as Template,
  CronJob: ({ spec }) => (spec as { jobTemplate?: { spec?: { template?: Template } } }).jobTemplate?.spec?.template,
  ...Object.fromEntries(
    ['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job'].map((kind) => [
      kind,
      ({ spec }: Record<string, unknown>) => (spec as { template?: Template } | undefined)?.template,
    ]),
  ),
};

/** Of a Pod's updates only those that change what runs are looked at. */
function changesContainers(pod: Pod, old: Pod): boolean {
  const images = ({ spec }: Pod): string =>
    JSON.stringify(
      [spec.initContainers, spec.containers, spec.ephemeralContainers].map((list) =>
        (list ?? []).map(({ name, image }) => [name, image]),
      ),
    );
  return images(pod) !== images(old);
}

function checkPod(request: AdmissionRequest, namespace: Namespace): void {
  const pod = request.object as unknown as Pod;
  if (request.operation === 'UPDATE' && !changesContainers(pod, request.old as unknown as Pod)) return;
  const enforced = policyOf(namespace, 'enforce');
  const found = violations(enforced.level, pod.spec, pod.metadata);
  if (found.length > 0) throw refuse(request, `violates PodSecurity ${shown(enforced)}: ${violationText(found)}`);
  warn(request, namespace, pod.spec, pod.metadata);
}

function warn(request: AdmissionRequest, namespace: Namespace, spec: PodSpec, metadata: PodMetadata): void {
  const policy = policyOf(namespace, 'warn');
  const found = violations(policy.level, spec, metadata);
  if (found.length > 0) request.warnings.push(`would violate PodSecurity ${shown(policy)}: ${violationText(found)}`);
}

/** What is wrong with the labels of a namespace. */
function labelErrors({ metadata }: Namespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of ['enforce', 'audit', 'warn'] as const) {
    const level = metadata.labels?.[LABEL + mode];
    if (level !== undefined && !isLevel(level))
      errors.push(invalidField(`metadata.labels[${LABEL}${mode}]`, level, `must be one of ${LEVELS.join(', ')}`));
    const version = metadata.labels?.[`${LABEL}${mode}-version`];
    if (version !== undefined && version !== 'latest' && !/^v1\.(0|[1-9]\d*)$/.test(version))
      errors.push(invalidField(`metadata.labels[${LABEL}${mode}-version]`, version, 'must be "latest" or "v1.x"'));
  }
  return errors;
}

function checkNamespace(request: AdmissionRequest, context: AdmissionContext): void {
  const namespace = request.object as unknown as Namespace;
  const old = request.old as unknown as Namespace | undefined;
  const errors = labelErrors(namespace);
  if (errors.length > 0) {
    if (!old || labelErrors(old).length === 0) throw invalid(request.kind, namespace.metadata.name, errors);
    return;
  }
  if (!old) return;
  const policy = policyOf(namespace, 'enforce');
  const before = policyOf(old, 'enforce');
  if (LEVELS.indexOf(policy.level) <= LEVELS.indexOf(before.level)) return;
  const pods = context.list('', 'pods', namespace.metadata.name) as unknown as readonly Pod[];
  request.warnings.push(...existing(pods, policy, namespace.metadata.name));
}

/** Pods that are there already and would not be let in, those of one controller and one fault together. */
function existing(pods: readonly Pod[], policy: Policy, namespace: string): string[] {
  const byFault = new Map<string, { name: string; reasons: string; count: number; controller: string }>();
  for (const pod of pods) {
    const reasons = violations(policy.level, pod.spec, pod.metadata)
      .map(({ reason }) => reason)
      .join(', ');
    if (!reasons) continue;
    const known = byFault.get(reasons);
    const { name } = pod.metadata;
    if (!known) byFault.set(reasons, { name, reasons, count: 1, controller: controllerOf(pod)?.uid ?? '' });
    else byFault.set(reasons, { ...known, name: name < known.name ? name : known.name, count: known.count + 1 });
  }
  if (byFault.size === 0) return [];
  const lines = [...byFault.values()].map(({ name, reasons, count }) => {
    const others = count === 1 ? '' : ` (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'})`;
    return `${name}${others}: ${reasons}`;
  });
  return [
    `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${shown(policy)}`,
    ...lines.sort(),
  ];
}

/** PodSecurity: holds Pods to the standard that their namespace's labels name, by refusal or by warning. */
export const podSecurity: ValidatingPlugin = {
  name: 'PodSecurity',
  validate(request, context) {
    const { kind, operation, subresource, object } = request;
    if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    if (kind.kind === 'Namespace' && kind.group === '' && !subresource) return checkNamespace(request, context);
    const isPod = kind.kind === 'Pod' && kind.group === '';
    if (isPod ? subresource && subresource !== 'ephemeralcontainers' : subresource || !TEMPLATES[kind.kind]) return;
    const namespace = context.get('', 'namespaces', undefined, request.namespace) as Namespace | undefined;
    if (!namespace) return;
    if (isPod) return checkPod(request, namespace);
    const template = TEMPLATES[kind.kind]!(object as unknown as Record<string, unknown>);
    if (template?.spec) warn(request, namespace, template.spec, template.metadata ?? {});
  },
};
