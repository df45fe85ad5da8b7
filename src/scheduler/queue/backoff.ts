import type { QueuedPod } from './queued-pod.ts';

/** kube-scheduler's defaults (podInitialBackoffSeconds, podMaxBackoffSeconds). */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;

/** Back-offs end on full seconds, so that Pods whose back-offs end together are tried in order of priority. */
export const BACKOFF_WINDOW_MS = 1_000;

const align = (ms: number): number => Math.floor(ms / BACKOFF_WINDOW_MS) * BACKOFF_WINDOW_MS;

/** How long a Pod waits after its latest failure: 1 s, doubled with each, 10 s at most. */
export function backoffMs({ unschedulableCount, errorCount }: QueuedPod): number {
  const failures = errorCount > 0 ? errorCount : unschedulableCount;
  return failures === 0 ? 0 : Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
}

export function backoffUntil(pod: QueuedPod): number {
  const duration = backoffMs(pod);
  return duration === 0 ? 0 : align(pod.timestamp + duration);
}

export const isBackingOff = (pod: QueuedPod, now: number): boolean => pod.backoffUntil > align(now);
