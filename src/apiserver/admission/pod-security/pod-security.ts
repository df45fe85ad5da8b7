import { equal } from '../../../api/draft.ts';
import { invalid } from '../../../api/errors.ts';
import { invalid as invalidField } from '../../../api/field-error.ts';
import type { FieldError } from '../../../api/kind.ts';
import { controllerOf } from '../../../api/meta.ts';
import type { Namespace, Pod } from '../../../api/types.ts';
import { refuse, type AdmissionContext, type AdmissionRequest, type ValidatingPlugin } from '../admission.ts';
import { LEVELS, violations, violationText, type Level } from './standards.ts';
import type { PodMetadata, PodSpec, Violation } from './violations.ts';

const LABEL = 'pod-security.kubernetes.io/';

type Mode = 'enforce' | 'audit' | 'warn';

interface Policy {
  readonly level: Level;
  /** `latest`, `v1.30`. */
  readonly version: string;
}

const isLevel = (text: string | undefined): text is Level => LEVELS.includes(text as Level);
const isVersion = (text: string | undefined): text is string =>
  text !== undefined && (text === 'latest' || /^v1\.(?:0|[1-9]\d*)$/.test(text));

/** What labels say of one mode. What cannot be read is enforced strictly, and not told of. */
function labelled({ metadata }: Namespace, mode: Mode): Partial<Policy> {
  const level = metadata.labels?.[LABEL + mode];
  const version = metadata.labels?.[`${LABEL}${mode}-version`];
  return {
    ...(level === undefined
      ? {}
      : { level: isLevel(level) ? level : mode === 'enforce' ? 'restricted' : 'privileged' }),
    ...(version === undefined ? {} : { version: isVersion(version) ? version : 'latest' }),
  };
}

const DEFAULT: Policy = { level: 'privileged', version: 'latest' };

/** Most namespaces say nothing: nothing is looked at in them. */
function isUnrestricted({ metadata: { labels } }: Namespace): boolean {
  for (const key in labels) if (key.startsWith(LABEL)) return false;
  return true;
}

/** Who does not say what to warn of is warned of what is enforced. */
function policyOf(namespace: Namespace, mode: Mode): Policy {
  const said = labelled(namespace, mode);
  if (mode !== 'warn' || said.level !== undefined || !isLevel(namespace.metadata.labels?.[`${LABEL}enforce`]))
    return { ...DEFAULT, ...said };
  const enforced = policyOf(namespace, 'enforce');
  return enforced.level === 'privileged' ? { ...DEFAULT, ...said } : { ...enforced, ...said };
}

const text = ({ level, version }: Policy): string => `${level}:${version}`;
const shown = (policy: Policy): string => JSON.stringify(text(policy));

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

function checkPod(request: AdmissionRequest, namespace: Namespace, context: AdmissionContext): void {
  const pod = request.object as unknown as Pod;
  if (request.operation === 'UPDATE' && !changesContainers(pod, request.old as unknown as Pod)) return;
  const enforced = policyOf(namespace, 'enforce');
  context.annotate(`${LABEL}enforce-policy`, text(enforced));
  const found = violations(enforced, pod.spec, pod.metadata);
  audit(namespace, pod.spec, pod.metadata, context);
  if (found.length > 0) throw refuse(request, `violates PodSecurity ${shown(enforced)}: ${violationText(found)}`);
  warn(request, namespace, pod.spec, pod.metadata);
}

const wouldViolate = (policy: Policy, found: readonly Violation[]): string =>
  `would violate PodSecurity ${shown(policy)}: ${violationText(found)}`;

function audit(namespace: Namespace, spec: PodSpec, metadata: PodMetadata, context: AdmissionContext): void {
  const policy = policyOf(namespace, 'audit');
  const found = violations(policy, spec, metadata);
  if (found.length > 0) context.annotate(`${LABEL}audit-violations`, wouldViolate(policy, found));
}

function warn(request: AdmissionRequest, namespace: Namespace, spec: PodSpec, metadata: PodMetadata): void {
  const policy = policyOf(namespace, 'warn');
  const found = violations(policy, spec, metadata);
  if (found.length > 0) request.warnings.push(wouldViolate(policy, found));
}

/** What is wrong with the labels of a namespace. */
function labelErrors({ metadata }: Namespace): FieldError[] {
  const errors: FieldError[] = [];
  for (const mode of ['enforce', 'audit', 'warn'] as const) {
    const level = metadata.labels?.[LABEL + mode];
    if (level !== undefined && !isLevel(level))
      errors.push(invalidField(`metadata.labels[${LABEL}${mode}]`, level, `must be one of ${LEVELS.join(', ')}`));
    const version = metadata.labels?.[`${LABEL}${mode}-version`];
    if (version !== undefined && !isVersion(version))
      errors.push(invalidField(`metadata.labels[${LABEL}${mode}-version]`, version, 'must be "latest" or "v1.x"'));
  }
  return errors;
}

function checkNamespace(request: AdmissionRequest, context: AdmissionContext): void {
  const namespace = request.object as unknown as Namespace;
  const old = request.old as unknown as Namespace | undefined;
  const errors = labelErrors(namespace);
  if (errors.length > 0) {
    if (!old || !equal(labelErrors(old), errors)) throw invalid(request.kind, namespace.metadata.name, errors);
    return;
  }
  if (!old) return;
  const policy = policyOf(namespace, 'enforce');
  const before = policyOf(old, 'enforce');
  if (policy.level === 'privileged') return;
  if (policy.version === before.version && LEVELS.indexOf(policy.level) <= LEVELS.indexOf(before.level)) return;
  const pods = context.list('', 'pods', namespace.metadata.name) as unknown as readonly Pod[];
  request.warnings.push(...existing(pods, policy, namespace.metadata.name));
}

/** So many Pods are looked at when a namespace's level changes. */
const MAX_PODS = 3000;

/** Pods of controllers that have been seen already come last. */
function prioritized(pods: readonly Pod[]): Pod[] {
  const seen = new Set<string>();
  const isFirst = (pod: Pod): boolean => {
    const uid = controllerOf(pod)?.uid;
    if (uid === undefined) return true;
    const first = !seen.has(uid);
    seen.add(uid);
    return first;
  };
  const { true: first = [], false: others = [] } = Object.groupBy(pods, (pod) => String(isFirst(pod)));
  return [...first, ...others];
}

/** Pods that are there already and would not be let in, those of one controller and one fault together. */
function existing(all: readonly Pod[], policy: Policy, namespace: string): string[] {
  const byFault = new Map<string, { name: string; reasons: string; count: number }>();
  const pods = prioritized(all).slice(0, MAX_PODS);
  for (const pod of pods) {
    const reasons = violations(policy, pod.spec, pod.metadata)
      .map(({ reason }) => reason)
      .join(', ');
    if (!reasons) continue;
    const known = byFault.get(reasons);
    const { name } = pod.metadata;
    if (!known) byFault.set(reasons, { name, reasons, count: 1 });
    else byFault.set(reasons, { ...known, name: name < known.name ? name : known.name, count: known.count + 1 });
  }
  const warnings =
    pods.length < all.length
      ? [`new PodSecurity enforce level only checked against the first ${pods.length} of ${all.length} existing pods`]
      : [];
  if (byFault.size === 0) return warnings;
  const lines = [...byFault.values()].map(({ name, reasons, count }) => {
    const others = count === 1 ? '' : ` (and ${count - 1} other ${count === 2 ? 'pod' : 'pods'})`;
    return `${name}${others}: ${reasons}`;
  });
  return [
    ...warnings,
    `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${shown(policy)}`,
    ...lines.sort(),
  ];
}

/** Subresources of Pods that say nothing of what runs. */
const IGNORED: ReadonlySet<string> = new Set('exec attach binding eviction log portforward proxy status'.split(' '));

/** PodSecurity: holds Pods to the standard that their namespace's labels name, by refusal or by warning. */
export const podSecurity: ValidatingPlugin = {
  name: 'PodSecurity',
  validate(request, context) {
    const { kind, operation, subresource, object } = request;
    if (!object || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
    if (kind.kind === 'Namespace' && kind.group === '' && !subresource) return checkNamespace(request, context);
    const isPod = kind.kind === 'Pod' && kind.group === '';
    if (isPod ? subresource && IGNORED.has(subresource) : subresource || !TEMPLATES[kind.kind]) return;
    const namespace = context.get('', 'namespaces', undefined, request.namespace) as Namespace | undefined;
    if (!namespace) return;
    if (isUnrestricted(namespace)) {
      if (isPod) context.annotate(`${LABEL}enforce-policy`, text(DEFAULT));
      return;
    }
    if (isPod) return checkPod(request, namespace, context);
    const template = TEMPLATES[kind.kind]!(object as unknown as Record<string, unknown>);
    if (!template?.spec) return;
    audit(namespace, template.spec, template.metadata ?? {}, context);
    warn(request, namespace, template.spec, template.metadata ?? {});
  },
};
