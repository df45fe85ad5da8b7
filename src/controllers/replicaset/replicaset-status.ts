import { formatTime } from '../../api/meta.ts';
import { matcherOfSet } from '../../api/selector.ts';
import type { Pod, ReplicaSet } from '../../api/types.ts';
import { findCondition, withoutCondition } from '../conditions.ts';
import { remembering } from '../selection-memo.ts';
import { availableInMs, isPodReady } from '../pods.ts';

export type ReplicaSetStatus = NonNullable<ReplicaSet['status']>;

export interface Observed {
  readonly active: readonly Pod[];
  readonly terminating: number;
  /** Why creating or deleting Pods failed. */
  readonly failure: string | undefined;
  /** Pods missing (negative) or too many, before this sync. */
  readonly surplus: number;
}

/** The status of a ReplicaSet, and in how many milliseconds the next ready Pod becomes available, if one will. */
export function replicaSetStatus(
  rs: ReplicaSet,
  { active, terminating, failure, surplus }: Observed,
  nowMs: number,
): { readonly status: ReplicaSetStatus; readonly nextAvailableMs: number | undefined } {
  const fits = remembering(matcherOfSet(rs.spec.template?.metadata?.labels));
  const minReadySeconds = rs.spec.minReadySeconds ?? 0;
  let fullyLabeled = 0;
  let ready = 0;
  let available = 0;
  let nextAvailableMs: number | undefined;
  for (const pod of active) {
    if (fits(pod.metadata.labels)) fullyLabeled++;
    if (!isPodReady(pod)) continue;
    ready++;
    if (minReadySeconds === 0) {
      available++;
      continue;
    }
    const inMs = availableInMs(pod, minReadySeconds, nowMs);
    if (inMs === undefined) continue;
    if (inMs <= 0) available++;
    else if (nextAvailableMs === undefined || inMs < nextAvailableMs) nextAvailableMs = inMs;
  }
  const conditions = failureConditions(rs, failure, surplus, nowMs);
  const status: ReplicaSetStatus = {
    replicas: active.length,
    ...(fullyLabeled > 0 ? { fullyLabeledReplicas: fullyLabeled } : {}),
    ...(ready > 0 ? { readyReplicas: ready } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    terminatingReplicas: terminating,
    ...(rs.metadata.generation === undefined ? {} : { observedGeneration: rs.metadata.generation }),
    ...(conditions.length > 0 ? { conditions } : {}),
  };
  return { status, nextAvailableMs };
}

function failureConditions(
  rs: ReplicaSet,
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
