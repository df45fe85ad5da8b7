import type { QueuedPod } from './queued-pod.ts';

/** How long Pods wait after failures (podInitialBackoffSeconds, podMaxBackoffSeconds), milliseconds. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** kube-scheduler's defaults. */
export const BACKOFF_LIMITS: BackoffLimits = { firstMs: 1_000, longestMs: 10_000 };

/** Back-offs end on full seconds, so that Pods whose back-offs end together are tried in order of priority. */
export const BACKOFF_WINDOW_MS = 1_000;

const align = (ms: number): number => Math.floor(ms / BACKOFF_WINDOW_MS) * BACKOFF_WINDOW_MS;

/** How long a Pod waits after its latest failure: 1 s, doubled with each, 10 s at most. */
export function backoffMs(
  { unschedulableCount, errorCount }: QueuedPod,
  { firstMs, longestMs }: BackoffLimits,
): number {
  const failures = errorCount > 0 ? errorCount : unschedulableCount;
  return failures === 0 ? 0 : Math.min(firstMs * 2 ** (failures - 1), longestMs);
}

/** When the Pod's back-off ends; 0 when it has none. */
export function backoffUntil(pod: QueuedPod, limits: BackoffLimits): number {
  const duration = backoffMs(pod, limits);
  return duration === 0 ? 0 : align(pod.timestamp + duration);
}

export const isBackingOff = (pod: QueuedPod, now: number): boolean => pod.backoffUntil > align(now);
