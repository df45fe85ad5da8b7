import { asksAnew, workloadNameWarnings } from '../apps/workload-checks.ts';
import { selectorText, templateColumns } from '../apps/workload-columns.ts';
import { internalPodTemplate } from '../core/internal-form.ts';
import { checkImmutable, type Errors } from '../core/common-checks.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../define-kind.ts';
import { mapShared, semanticallyEqual } from '../draft.ts';
import { humanDuration } from '../duration.ts';
import { invalid, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkDnsLabel } from '../names.ts';
import { checkLabelSelector, matcherOf } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { Container, Job, PodSpec, PodTemplateSpec } from '../types.ts';
import { checkJobSpec, jobWarnings } from './job-checks.ts';
import { checkGeneratedSelector, generateSelector } from './job-selector.ts';
import { checkJobStatus } from './job-status-checks.ts';

type Spec = Job['spec'];

const MAX_INT32 = 2 ** 31 - 1;

/** What a CronJob's template of a Job has no need of yet, and a Job has. */
function defaultJobSpec(spec: Spec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : MAX_INT32;
  spec.completionMode ??= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
  const rules = spec.podFailurePolicy?.rules;
  if (!rules) return;
  const completed = mapShared(rules, (rule) =>
    rule.onPodConditions?.some(({ status }) => !status)
      ? {
          ...rule,
          onPodConditions: rule.onPodConditions.map((pattern) => ({ ...pattern, status: pattern.status || 'True' })),
        }
      : rule,
  );
  if (completed !== rules) spec.podFailurePolicy = { ...spec.podFailurePolicy, rules: completed };
}

function checkJob(job: Job): Errors {
  const errors: Errors = [];
  const { spec } = job;
  checkGeneratedSelector(job, errors);
  checkJobSpec(spec, 'spec', errors);
  if (!spec.selector) errors.push(required('spec.selector'));
  else errors.push(...checkLabelSelector(spec.selector, 'spec.selector'));
  const labels = spec.template.metadata?.labels;
  if (!matcherOf(spec.selector).matches(labels))
    errors.push(invalid('spec.template.metadata.labels', labels, '`selector` does not match template `labels`'));
  return errors;
}

/** A Job as a whole: its Pods' names must be possible as well. */
function checkWholeJob(job: Job): FieldError[] {
  const errors = checkJob(job);
  const { completionMode, completions = 0 } = job.spec;
  if (completionMode === 'Indexed' && completions > 0) {
    const last = `${job.metadata.name}-${completions - 1}`;
    if (checkDnsLabel(last).length > 0)
      errors.push(
        invalid('metadata.name', job.metadata.name, `will not able to create pod with invalid DNS label: ${last}`),
      );
  }
  return errors;
}

function checkCompletionsUpdate({ spec }: Job, old: Job, errors: Errors): void {
  const path = 'spec.completions';
  if (spec.completions === old.spec.completions) return;
  if (spec.completionMode !== 'Indexed') checkImmutable(spec.completions, old.spec.completions, path, errors);
  else if (spec.completions !== undefined && spec.completions !== spec.parallelism)
    errors.push(invalid(path, spec.completions, 'can only be modified in tandem with spec.parallelism'));
}

/** What a suspended Job without Pods may change of its containers (KEP-5440). */
const withoutResources = (container: Container): object => {
  const { resources: { limits: _l, requests: _r, ...resources } = {}, ...rest } = container;
  return { ...rest, resources };
};

/** A template but for what a suspended Job without Pods may change of it: where its Pods go, and how much they need. */
function lastingPart(template: PodTemplateSpec): object {
  const {
    affinity: { nodeAffinity: _a, ...affinity } = {},
    nodeSelector: _n,
    tolerations: _t,
    schedulingGates: _g,
    containers,
    initContainers,
    ...spec
  } = (template.spec ?? {}) as Partial<PodSpec>;
  const { labels: _l, annotations: _o, ...metadata } = template.metadata ?? {};
  return {
    metadata,
    spec: {
      ...spec,
      ...(Object.keys(affinity).length > 0 ? { affinity } : {}),
      containers: containers?.map(withoutResources) ?? [],
      initContainers: initContainers?.map(withoutResources) ?? [],
    },
  };
}

function checkTemplateUpdate(job: Job, old: Job, errors: Errors): void {
  const after = job.spec.template;
  const before = old.spec.template;
  if (after === before || semanticallyEqual(after, before)) return;
  const atRest = old.spec.suspend === true && !old.status?.active;
  if (atRest && semanticallyEqual(lastingPart(after), lastingPart(before))) return;
  errors.push(invalid('spec.template', internalPodTemplate(after), 'field is immutable'));
}

const FIXED = ['completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const;

function checkJobUpdate(job: Job, old: Job): FieldError[] {
  const errors = checkWholeJob(job);
  checkCompletionsUpdate(job, old, errors);
  checkImmutable(job.spec.selector, old.spec.selector, 'spec.selector', errors);
  checkTemplateUpdate(job, old, errors);
  for (const field of FIXED) checkImmutable(job.spec[field], old.spec[field], `spec.${field}`, errors);
  return errors;
}

function completionsText({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationText({ status }: Job, now: number): string {
  if (!status?.startTime) return '';
  const end = status.completionTime ? Date.parse(status.completionTime) : now;
  return humanDuration(end - Date.parse(status.startTime));
}

function statusText({ metadata, status }: Job): string {
  const has = (type: string): boolean =>
    status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running';
}

/** Jobs: Pods that are run until enough of them have succeeded. */
export const JobKind: Kind<Job> = defineKind<Job>({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  singular: 'job',
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.batch.v1.Job',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    defaultJobSpec(spec);
    const labels = spec.template?.metadata?.labels;
    if (labels && Object.keys(draft.metadata.labels ?? {}).length === 0) draft.metadata.labels = labels;
    spec.template = templateWithDefaults(spec.template ?? ({} as PodTemplateSpec));
    draft.status ??= {};
  },
  prepareForCreate(draft) {
    draft.status = {};
    if (!draft.spec.manualSelector) generateSelector(draft);
  },
  validate: checkWholeJob,
  validateUpdate: checkJobUpdate,
  validateStatusUpdate: checkJobStatus,
  warnings(job, old) {
    return [
      ...(old ? [] : workloadNameWarnings(job.metadata.name)),
      ...(asksAnew(job, old) ? jobWarnings(job.spec, 'spec') : []),
    ];
  },
  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
  columns: [
    nameColumn,
    column('Status', statusText),
    column('Completions', completionsText),
    column('Duration', durationText),
    ageColumn,
    ...templateColumns<Job>(),
    column('Selector', ({ spec }) => selectorText(spec.selector), 1),
  ],
});
