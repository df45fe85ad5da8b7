/**
 * What may be written into a Job's status (KEP-4368): the rules by which Jobs end, for the Job controller and for whoever
 * manages Jobs in its place. A rule asks only about what a write changes, so that a wrong status may still be mended.
 */
import { checkNonNegative, type Errors } from '../core/common-checks.ts';
import { semanticallyEqual } from '../draft.ts';
import { duplicate, invalid, invalidAsWhole, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import type { Job } from '../types.ts';
import { countIndexes, indexIntervals } from './job-policy-checks.ts';

type Status = NonNullable<Job['status']>;

const CONDITIONS = 'status.conditions';
const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const;

function checkUncounted({ uncountedTerminatedPods: uncounted }: Status, errors: Errors): void {
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const)
    uncounted?.[list]?.forEach((uid, i) => {
      const path = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (uid === '') errors.push(invalid(path, uid, 'must not be empty'));
      else if (seen.has(uid)) errors.push(duplicate(path, uid));
      else seen.add(uid);
    });
}

/** The first index that two lists of intervals have in common; what cannot be read is passed over. */
function overlap(completed: string, failed: string, completions: number): number | undefined {
  const others = indexIntervals(failed, completions);
  for (const [start, end] of indexIntervals(completed, completions))
    for (const [first, last] of others) if (start <= last && first <= end) return Math.max(start, first);
  return undefined;
}

/** Every rule on a status, given the one before it. */
export function checkJobStatus(job: Job, before: Job): FieldError[] {
  const errors: Errors = [];
  const { spec, status = {} } = job;
  const old = before.status ?? {};
  const is = (type: string, of = status): boolean =>
    of.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  const turned = (...types: string[]): boolean => types.some((type) => is(type) !== is(type, old));
  const changed = (...fields: (keyof Status)[]): boolean =>
    fields.some((field) => !semanticallyEqual(status[field], old[field]));
  const refuse = (message: string): void => void errors.push(invalidAsWhole(CONDITIONS, message));
  const complete = is('Complete');
  const failed = is('Failed');
  const target = is('FailureTarget');
  const met = is('SuccessCriteriaMet');
  const finished = complete || failed;
  const ended = finished !== (is('Complete', old) || is('Failed', old));
  const { active = 0, ready, terminating, startTime, completionTime, completedIndexes = '', failedIndexes } = status;
  const { completions } = spec;

  for (const count of COUNTS) checkNonNegative(status[count], `status.${count}`, errors);
  checkUncounted(status, errors);
  if (turned('Complete', 'Failed') && complete && failed) refuse('cannot set Complete=True and Failed=true conditions');
  if (turned('Complete', 'FailureTarget') && complete && target)
    refuse('cannot set Complete=True and FailureTarget=true conditions');
  if (turned('Complete') || changed('completionTime')) {
    if (completionTime && !complete)
      errors.push(
        invalid(
          'status.completionTime',
          completionTime,
          'cannot set completionTime when there is no Complete=True condition',
        ),
      );
    if (!completionTime && complete)
      errors.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  const timesChanged = changed('startTime', 'completionTime');
  if (timesChanged && startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime))
    errors.push(invalid('status.completionTime', completionTime, 'completionTime cannot be set before startTime'));
  if ((turned('Failed') || changed('failedIndexes')) && failed && !target)
    refuse('cannot set Failed=True condition without the FailureTarget=true condition');
  if (turned('Complete', 'SuccessCriteriaMet') && complete && !met)
    refuse('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  if ((ended || changed('active')) && active > 0 && finished)
    errors.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  if ((ended || changed('startTime')) && !startTime && finished)
    errors.push(required('status.startTime', 'startTime is required for finished job'));
  const { uncountedTerminatedPods: uncounted } = status;
  const left = (uncounted?.succeeded?.length ?? 0) + (uncounted?.failed?.length ?? 0);
  if ((ended || changed('uncountedTerminatedPods')) && finished && left > 0)
    errors.push(
      invalid(
        'status.uncountedTerminatedPods',
        { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null },
        'uncountedTerminatedPods needs to be empty for finished job',
      ),
    );
  const checkIndexes = (field: 'completedIndexes' | 'failedIndexes', text: string): void => {
    const counted = countIndexes(text, completions ?? 0);
    if (typeof counted === 'string')
      errors.push(invalid(`status.${field}`, text, `error parsing ${field}: ${counted}`));
  };
  const limited = spec.backoffLimitPerIndex !== undefined;
  if (changed('completedIndexes') && completions !== undefined) checkIndexes('completedIndexes', completedIndexes);
  if (changed('failedIndexes') && completions !== undefined && limited && failedIndexes !== undefined)
    checkIndexes('failedIndexes', failedIndexes);
  if (changed('completedIndexes') && completedIndexes && spec.completionMode !== 'Indexed')
    errors.push(
      invalid(
        'status.completedIndexes',
        completedIndexes,
        'cannot set non-empty completedIndexes when non-indexed completion mode',
      ),
    );
  if (changed('failedIndexes') && !limited && failedIndexes !== undefined)
    errors.push(
      invalid(
        'status.failedIndexes',
        failedIndexes,
        'cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ),
    );
  if (changed('failedIndexes', 'completedIndexes') && completions !== undefined && failedIndexes !== undefined) {
    const both = overlap(completedIndexes, failedIndexes, completions);
    if (both !== undefined)
      errors.push(
        invalid('status.failedIndexes', failedIndexes, `failedIndexes and completedIndexes overlap at index: ${both}`),
      );
  }
  if ((ended || changed('terminating')) && (terminating ?? 0) > 0 && finished)
    errors.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  if (changed('ready', 'active') && ready !== undefined && ready > active)
    errors.push(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  if (met && failed) refuse('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (met && target) refuse('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (spec.successPolicy && !met && complete)
    refuse('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');

  for (const type of ['Failed', 'Complete', 'FailureTarget'])
    if (is(type, old) && !is(type)) refuse(`cannot disable the terminal ${type}=True condition`);
  if ((status.failed ?? 0) < (old.failed ?? 0))
    errors.push(invalid('status.failed', status.failed ?? 0, 'cannot decrease the failed counter'));
  // Indexed Jobs that grow and shrink lose what was done beyond their new end.
  const elastic = spec.completionMode === 'Indexed' && completions === spec.parallelism;
  if (!elastic && (status.succeeded ?? 0) < (old.succeeded ?? 0))
    errors.push(invalid('status.succeeded', status.succeeded ?? 0, 'cannot decrease the succeeded counter'));
  if (completionTime && old.completionTime && completionTime !== old.completionTime)
    errors.push(invalid('status.completionTime', completionTime, 'completionTime cannot be mutated'));
  if (old.startTime && startTime !== old.startTime && !spec.suspend)
    errors.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  if (is('SuccessCriteriaMet', old) && !met) refuse('cannot disable the SuccessCriteriaMet=True condition');
  if (is('Complete', old) && !is('SuccessCriteriaMet', old) && met)
    refuse('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
  return errors;
}
