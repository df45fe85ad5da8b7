import { parseTime } from '../../api/meta.ts';
import type { Pod } from '../../api/types.ts';
import { readyCondition } from '../pods.ts';
import type { PodMetricsByName } from './metrics-client.ts';

/** How long after its start a Pod's CPU is looked at only while it is ready: --horizontal-pod-autoscaler-cpu-initialization-period. */
const CPU_INITIALIZATION_MS = 5 * 60_000;

/** How long after its start a first change to ready counts as such: --horizontal-pod-autoscaler-initial-readiness-delay. */
const INITIAL_READINESS_DELAY_MS = 30_000;

/** An autoscaler's Pods by what can be said of them. */
export interface PodGroups {
  /** How many have a metric that counts. */
  readonly ready: number;
  /** Pending, or with a metric that is not to be trusted yet. */
  readonly unready: ReadonlySet<string>;
  /** Running, but nobody has measured them. */
  readonly missing: ReadonlySet<string>;
  /** On their way out. */
  readonly ignored: ReadonlySet<string>;
}

/** A Pod that starts uses more CPU than it will: its measurements do not count at first. */
function isUnready(pod: Pod, metrics: PodMetricsByName, nowMs: number): boolean {
  const condition = readyCondition(pod);
  const { startTime } = pod.status ?? {};
  if (!condition || startTime === undefined) return true;
  const startedMs = parseTime(startTime);
  const changedMs = parseTime(condition.lastTransitionTime ?? '');
  const notReady = condition.status === 'False';
  if (startedMs + CPU_INITIALIZATION_MS > nowMs) {
    const { timestampMs, windowMs } = metrics.get(pod.metadata.name)!;
    return notReady || timestampMs < changedMs + windowMs;
  }
  return notReady && startedMs + INITIAL_READINESS_DELAY_MS > changedMs;
}

/** Sorts Pods into groups (podautoscaler's groupPods). */
export function groupPods(
  pods: readonly Pod[],
  metrics: PodMetricsByName,
  resource: string | undefined,
  nowMs: number,
): PodGroups {
  const unready = new Set<string>();
  const missing = new Set<string>();
  const ignored = new Set<string>();
  let ready = 0;
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const phase = pod.status?.phase;
    if (deletionTimestamp !== undefined || phase === 'Failed') ignored.add(name);
    else if (phase === 'Pending') unready.add(name);
    else if (!metrics.has(name)) missing.add(name);
    else if (resource === 'cpu' && isUnready(pod, metrics, nowMs)) unready.add(name);
    else ready++;
  }
  return { ready, unready, missing, ignored };
}
