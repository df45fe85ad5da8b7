import { formatTime } from '../../api/meta.ts';
import type { Pod, ReplicaSet } from '../../api/types.ts';
import { findCondition, withoutCondition } from '../conditions.ts';
import { availableInMs } from '../pods.ts';
import type { ReplicaTally } from './replica-tally.ts';
import type { Replicated } from './replicated.ts';

export type ReplicaSetStatus = NonNullable<ReplicaSet['status']>;

/** What a sync saw of a ReplicaSet's Pods. */
export interface Observed {
  readonly counts: Pick<ReplicaTally, 'active' | 'terminating' | 'ready' | 'fullyLabeled'>;
  readonly available: number;
  /** Why creating or deleting Pods failed. */
  readonly failure: string | undefined;
  /** Pods missing (negative) or too many, before this sync. */
  readonly surplus: number;
}

/** How many ready Pods are available, and in how many milliseconds the next one will be, if one will. */
export function availability(
  rs: Replicated,
  ready: number,
  active: Iterable<Pod>,
  nowMs: number,
): { readonly available: number; readonly nextAvailableMs: number | undefined } {
  const minReadySeconds = rs.spec.minReadySeconds ?? 0;
  if (minReadySeconds === 0) return { available: ready, nextAvailableMs: undefined };
  let available = 0;
  let nextAvailableMs: number | undefined;
  for (const pod of active) {
    const inMs = availableInMs(pod, minReadySeconds, nowMs);
    if (inMs === undefined) continue;
    if (inMs <= 0) available++;
    else if (nextAvailableMs === undefined || inMs < nextAvailableMs) nextAvailableMs = inMs;
  }
  return { available, nextAvailableMs };
}

/** The status of a ReplicaSet after a sync. */
export function replicaSetStatus(
  rs: Replicated,
  { counts, available, failure, surplus }: Observed,
  nowMs: number,
): ReplicaSetStatus {
  const conditions = failureConditions(rs, failure, surplus, nowMs);
  return {
    replicas: counts.active,
    ...(counts.fullyLabeled > 0 ? { fullyLabeledReplicas: counts.fullyLabeled } : {}),
    ...(counts.ready > 0 ? { readyReplicas: counts.ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    terminatingReplicas: counts.terminating,
    ...(rs.metadata.generation === undefined ? {} : { observedGeneration: rs.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
}

function failureConditions(
  rs: Replicated,
  failure: string | undefined,
  surplus: number,
  nowMs: number,
): NonNullable<ReplicaSetStatus['conditions']> {
  const conditions = rs.status?.conditions ?? [];
  if (failure === undefined) return withoutCondition(conditions, 'ReplicaFailure');
  if (findCondition(conditions, 'ReplicaFailure')) return conditions;
  return [
    ...conditions,
    {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: formatTime(nowMs),
      reason: surplus < 0 ? 'FailedCreate' : 'FailedDelete',
      message: failure,
    },
  ];
}
