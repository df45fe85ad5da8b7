import { parseTime } from '../../api/meta.ts';
import type { Pod } from '../../api/types.ts';
import { readyCondition } from '../pods.ts';

const FIRST_MS = 10_000;
const LAST_MS = 10 * 60_000;

/** Failures since the last success, after which a Job waits before it makes the next Pod. */
export interface FailureRecord {
  readonly failures: number;
  readonly lastFailureMs: number;
}

export const NO_FAILURES: FailureRecord = { failures: 0, lastFailureMs: 0 };

/** When a Pod ended, as far as its status tells. */
export function finishedMs(pod: Pod): number {
  const { containerStatuses = [] } = pod.status ?? {};
  const ends = containerStatuses.map(({ state }) => parseTime(state?.terminated?.finishedAt ?? ''));
  if (ends.length > 0 && ends.every((ms) => !Number.isNaN(ms))) return Math.max(...ends);
  const ready = readyCondition(pod);
  if (ready?.status === 'False' && ready.lastTransitionTime) return parseTime(ready.lastTransitionTime);
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp = '' } = pod.metadata;
  if (deletionTimestamp) return parseTime(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000;
  return parseTime(creationTimestamp);
}

/** The record after more Pods have ended. */
export function withEnded(record: FailureRecord, succeeded: readonly Pod[], failed: readonly Pod[]): FailureRecord {
  if (succeeded.length + failed.length === 0) return record;
  const lastSuccess = Math.max(-Infinity, ...succeeded.map(finishedMs));
  const later = failed.map(finishedMs).filter((ms) => ms > lastSuccess);
  return {
    failures: (succeeded.length > 0 ? 0 : record.failures) + later.length,
    lastFailureMs: Math.max(succeeded.length > 0 ? 0 : record.lastFailureMs, ...later),
  };
}

/** Milliseconds until the next Pod may be made: 10 s after the first failure, twice as long after each one more. */
export function backoffMs({ failures, lastFailureMs }: FailureRecord, nowMs: number): number {
  if (failures === 0) return 0;
  return Math.max(0, lastFailureMs + Math.min(FIRST_MS * 2 ** (failures - 1), LAST_MS) - nowMs);
}
