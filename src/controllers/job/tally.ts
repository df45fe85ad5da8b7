import type { Job, Pod } from '../../api/types.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../pods.ts';
import { judge } from './failure-policy.ts';
import { formatIndexes, indexOf, parseIndexes } from './indexes.ts';
import { FAILURE_COUNT, IGNORED_COUNT, isTracked } from './job-pod.ts';

/** What a Job's Pods amount to: those that have ended and are not counted in the status yet, and the rest. */
export interface Tally {
  readonly active: readonly Pod[];
  readonly ready: number;
  readonly terminating: number;
  readonly terminatingIndexes: ReadonlySet<number>;
  /** Ended and not counted yet. */
  readonly newlySucceeded: readonly Pod[];
  readonly newlyFailed: readonly Pod[];
  /** Failed, and the failure does not count. */
  readonly ignored: readonly Pod[];
  readonly succeeded: number;
  readonly failed: number;
  readonly succeededIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** Failed Pods that stay uncounted: their index is to be retried and their successor has to know of them. */
  readonly awaitingRetry: ReadonlyMap<number, Pod>;
  /** Why the Job fails by its podFailurePolicy. */
  readonly failJob: string | undefined;
}

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';
export const replacesOnlyFailed = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed';

/** Failed, or on its way out where that is taken for a failure. */
function hasFailed(job: Job, pod: Pod): boolean {
  if (pod.status?.phase === 'Failed') return true;
  if (replacesOnlyFailed(job)) return false;
  return pod.metadata.deletionTimestamp !== undefined && pod.status?.phase !== 'Succeeded';
}

const failuresOf = ({ metadata }: Pod): number => Number(metadata.annotations?.[FAILURE_COUNT] ?? 0);
const ignoredOf = ({ metadata }: Pod): number => Number(metadata.annotations?.[IGNORED_COUNT] ?? 0);

/** The failures of an index before and including a Pod's own: those that count, and those that do not. */
export function failuresAfter(job: Job, pod: Pod): { readonly failed: number; readonly ignored: number } {
  const ignore = judge(job.spec.podFailurePolicy, pod)?.action === 'Ignore';
  return { failed: failuresOf(pod) + (ignore ? 0 : 1), ignored: ignoredOf(pod) + (ignore ? 1 : 0) };
}

export function tally(job: Job, pods: readonly Pod[]): Tally {
  const { spec, status = {} } = job;
  const completions = spec.completions ?? 0;
  const inRange = (pod: Pod): boolean => !isIndexed(job) || (indexOf(pod) >= 0 && indexOf(pod) < completions);
  const tracked = pods.filter((pod) => isTracked(pod) && inRange(pod));
  const active = pods.filter(isPodActive);
  const newlySucceeded = tracked.filter((pod) => pod.status?.phase === 'Succeeded');
  const allFailed = tracked.filter((pod) => hasFailed(job, pod));
  const verdicts = new Map(allFailed.map((pod) => [pod, judge(spec.podFailurePolicy, pod)]));
  const failJob = [...verdicts.values()].find((verdict) => verdict?.action === 'FailJob')?.message;
  const succeededIndexes = parseIndexes(status.completedIndexes, completions);
  if (isIndexed(job)) for (const pod of newlySucceeded) succeededIndexes.add(indexOf(pod));

  const failedIndexes = parseIndexes(status.failedIndexes, completions);
  const awaitingRetry = new Map<number, Pod>();
  if (spec.backoffLimitPerIndex !== undefined) {
    const running = new Set(active.map(indexOf));
    for (const pod of allFailed) {
      const index = indexOf(pod);
      const action = verdicts.get(pod)?.action;
      if (action === 'FailIndex' || (action !== 'Ignore' && failuresOf(pod) >= spec.backoffLimitPerIndex)) {
        failedIndexes.add(index);
      }
    }
    for (const pod of allFailed) {
      const index = indexOf(pod);
      if (failedIndexes.has(index) || succeededIndexes.has(index) || running.has(index)) continue;
      const other = awaitingRetry.get(index);
      if (!other || failuresOf(other) + ignoredOf(other) < failuresOf(pod) + ignoredOf(pod)) {
        awaitingRetry.set(index, pod);
      }
    }
  }
  const terminating = pods.filter(isPodTerminating);
  const counted = allFailed.filter((pod) => verdicts.get(pod)?.action !== 'Ignore');
  return {
    active,
    ready: active.filter(isPodReady).length,
    terminating: terminating.length,
    terminatingIndexes: new Set(terminating.map(indexOf)),
    newlySucceeded,
    newlyFailed: counted,
    ignored: allFailed.filter((pod) => verdicts.get(pod)?.action === 'Ignore'),
    succeeded: isIndexed(job) ? succeededIndexes.size : (status.succeeded ?? 0) + newlySucceeded.length,
    failed: (status.failed ?? 0) + counted.length,
    succeededIndexes,
    failedIndexes,
    awaitingRetry,
    failJob,
  };
}

/** The indexes as the status shows them, where it shows them. */
export const indexStatus = (
  job: Job,
  { succeededIndexes, failedIndexes }: Tally,
): Partial<NonNullable<Job['status']>> =>
  isIndexed(job)
    ? {
        ...(succeededIndexes.size > 0 ? { completedIndexes: formatIndexes(succeededIndexes) } : {}),
        ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: formatIndexes(failedIndexes) }),
      }
    : {};
