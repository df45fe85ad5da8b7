/** Validation of Jobs and of CronJobs' job templates, in Kubernetes' order. */
import { templateWarnings } from '../apps/workload-checks.ts';
import { checkDomainPath, checkNonNegative, checkOneOf, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { checkTemplate } from '../core/pod-checks.ts';
import { invalid, notSupported, required } from '../field-error.ts';
import type { Job } from '../types.ts';
import { checkPodFailurePolicy, checkSuccessPolicy } from './job-policy-checks.ts';

type Spec = Job['spec'];

const MOST_INDEXED = 100_000;
/** Beyond MOST_INDEXED completions, parallelism and failures are bounded more tightly. */
const MOST_OF_MANY = 10_000;

function checkIndexed(spec: Spec, path: string, errors: Errors): void {
  const { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex } = spec;
  const atMost = (value: number | undefined, max: number, field: string, when: string): void => {
    if (value !== undefined && value > max)
      errors.push(invalid(`${path}.${field}`, value, `must be less than or equal to ${max}${when}`));
  };
  if (completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  atMost(parallelism, MOST_INDEXED, 'parallelism', ' when completion mode is Indexed');
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    errors.push(invalid(`${path}.maxFailedIndexes`, maxFailedIndexes, 'must be less than or equal to completions'));
  atMost(maxFailedIndexes, MOST_INDEXED, 'maxFailedIndexes', '');
  if ((completions ?? 0) <= MOST_INDEXED || backoffLimitPerIndex === undefined) return;
  if (maxFailedIndexes === undefined)
    errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MOST_INDEXED}`));
  const when = ` when completions are above ${MOST_INDEXED} and used with backoff limit per index`;
  atMost(parallelism, MOST_OF_MANY, 'parallelism', when);
  atMost(maxFailedIndexes, MOST_OF_MANY, 'maxFailedIndexes', when);
}

const NUMBERS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
] as const;

const MAX_MANAGER = 63;

/** What is said of a Job's numbers and of its template; `path` is that of the Job's spec. */
export function jobWarnings(
  { completionMode, completions = 0, parallelism = 0, template }: Spec,
  path: string,
): string[] {
  const untrackable = completionMode === 'Indexed' && completions > MOST_INDEXED && parallelism > MOST_OF_MANY;
  return [
    ...(untrackable
      ? [
          `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`,
        ]
      : []),
    ...templateWarnings(template, `${path}.template`),
  ];
}

/** All but the selector, which a template has not yet. */
export function checkJobSpec(spec: Spec, path: string, errors: Errors): void {
  for (const field of NUMBERS) checkNonNegative(spec[field], `${path}.${field}`, errors);
  const { maxFailedIndexes, backoffLimitPerIndex, completionMode, podFailurePolicy, successPolicy } = spec;
  if (maxFailedIndexes !== undefined) {
    checkNonNegative(maxFailedIndexes, `${path}.maxFailedIndexes`, errors);
    if (backoffLimitPerIndex === undefined)
      errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  if (spec.managedBy !== undefined) {
    checkDomainPath(spec.managedBy, `${path}.managedBy`, errors);
    if (spec.managedBy.length > MAX_MANAGER)
      errors.push({
        type: 'FieldValueTooLong',
        field: `${path}.managedBy`,
        detail: `Too long: may not be more than ${MAX_MANAGER} bytes`,
      });
  }
  checkOneOf(completionMode, ['NonIndexed', 'Indexed'], `${path}.completionMode`, errors, true);
  const indexed = completionMode === 'Indexed';
  if (indexed) checkIndexed(spec, path, errors);
  else
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const)
      if (spec[field] !== undefined)
        errors.push(invalid(`${path}.${field}`, spec[field], 'requires indexed completion mode'));
  if (podFailurePolicy) checkPodFailurePolicy(spec, `${path}.podFailurePolicy.rules`, errors);
  if (successPolicy) {
    if (indexed) checkSuccessPolicy(spec, `${path}.successPolicy.rules`, errors);
    else
      errors.push(
        invalid(
          `${path}.successPolicy`,
          internalForm('SuccessPolicy', successPolicy),
          'requires indexed completion mode',
        ),
      );
  }
  const replacements = podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  checkOneOf(spec.podReplacementPolicy, replacements, `${path}.podReplacementPolicy`, errors, true);
  checkTemplate(spec.template, `${path}.template`, errors);
  const restart = spec.template.spec?.restartPolicy;
  const at = `${path}.template.spec.restartPolicy`;
  if (!restart || restart === 'Always') errors.push(required(at, 'valid values: "OnFailure", "Never"'));
  else if (restart !== 'OnFailure' && restart !== 'Never')
    errors.push(notSupported(at, restart, ['OnFailure', 'Never']));
  else if (podFailurePolicy && restart !== 'Never')
    errors.push(invalid(at, restart, 'only "Never" is supported when podFailurePolicy is specified'));
}
