import { parseTime } from '../../api/meta.ts';
import type { Job, Pod } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';
import { parseIndexes } from './indexes.ts';
import { metSuccessPolicy } from './success-policy.ts';
import { isIndexed, type Tally } from './tally.ts';

/** Why a Job is to end: as SuccessCriteriaMet or FailureTarget first, as Complete or Failed when its Pods are gone. */
export interface Outcome {
  readonly success: boolean;
  readonly reason: string;
  readonly message: string;
}

const fail = (reason: string, message: string): Outcome => ({ success: false, reason, message });

export const COMPLETED: Outcome = {
  success: true,
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
};

export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;

export const isJobFinished = ({ status }: Job): boolean =>
  status?.conditions?.some(({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True') ??
  false;

/** When the Job has been active for too long, undefined when that is never. */
export function deadlineMs({ spec, status }: Job): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || !status?.startTime || spec.suspend) return undefined;
  return parseTime(status.startTime) + spec.activeDeadlineSeconds * 1000;
}

/** Restarts in place count against the backoffLimit when Pods are restarted rather than replaced. */
function restartsExceeded({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) {
      restarts += restartCount;
    }
  }
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** What decides a Job before its completions are reached. */
export function outcomeOf(job: Job, tally: Tally, pods: readonly Pod[], nowMs: number): Outcome | undefined {
  const { spec, status } = job;
  const met = findCondition(status?.conditions, 'SuccessCriteriaMet');
  if (met?.status === 'True') return { success: true, reason: met.reason ?? '', message: met.message ?? '' };
  const target = findCondition(status?.conditions, 'FailureTarget');
  if (target?.status === 'True') return fail(target.reason ?? '', target.message ?? '');
  if (tally.failJob) return fail('PodFailurePolicy', tally.failJob);
  if (tally.failed > (spec.backoffLimit ?? 6) || restartsExceeded(job, pods)) {
    return fail('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  if (nowMs >= (deadlineMs(job) ?? Infinity)) {
    return fail('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (!isIndexed(job)) return undefined;
  if (spec.maxFailedIndexes !== undefined && tally.failedIndexes.size > spec.maxFailedIndexes) {
    return fail('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  const done = tally.failedIndexes.size + tally.succeededIndexes.size;
  if (tally.failedIndexes.size > 0 && done >= (spec.completions ?? 0)) {
    return fail('FailedIndexes', 'Job has failed indexes');
  }
  // Only what the status has counted counts here, together with what it will count next.
  const succeeded = parseIndexes(status?.completedIndexes, spec.completions ?? 0).union(tally.succeededIndexes);
  const message = metSuccessPolicy(job, succeeded);
  return message === undefined ? undefined : { success: true, reason: 'SuccessPolicy', message };
}
