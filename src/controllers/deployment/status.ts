import { parseTime } from '../../api/meta.ts';
import type { Deployment, ReplicaSet } from '../../api/types.ts';
import { findCondition, withoutCondition } from '../conditions.ts';
import {
  condition,
  hasProgressDeadline,
  progressing,
  Reason,
  setCondition,
  type DeploymentCondition,
  type DeploymentStatus,
} from './conditions.ts';
import { totalActual, totalAvailable, totalDesired, totalReady, totalTerminating } from './replica-sets.ts';
import { desiredReplicas, maxUnavailable } from './strategy.ts';

/** The counts, and whether the Deployment has its minimum availability. Zero counts are left out, as the API does. */
export function countedStatus(
  deployment: Deployment,
  sets: readonly (ReplicaSet | undefined)[],
  current: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const available = totalAvailable(sets);
  const replicas = totalActual(sets);
  const updatedReplicas = totalActual([current]);
  const readyReplicas = totalReady(sets);
  const unavailableReplicas = Math.max(0, totalDesired(sets) - available);
  const terminating = totalTerminating(sets);
  const { collisionCount, conditions = [] } = deployment.status ?? {};
  const enough = available >= desiredReplicas(deployment) - maxUnavailable(deployment);
  return {
    ...(deployment.metadata.generation === undefined ? {} : { observedGeneration: deployment.metadata.generation }),
    ...(replicas > 0 ? { replicas } : {}),
    ...(updatedReplicas > 0 ? { updatedReplicas } : {}),
    ...(readyReplicas > 0 ? { readyReplicas } : {}),
    ...(available > 0 ? { availableReplicas: available } : {}),
    ...(unavailableReplicas > 0 ? { unavailableReplicas } : {}),
    ...(terminating === undefined ? {} : { terminatingReplicas: terminating }),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: [
      ...setCondition(
        conditions,
        enough
          ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', nowMs)
          : condition(
              'Available',
              'False',
              'MinimumReplicasUnavailable',
              'Deployment does not have minimum availability.',
              nowMs,
            ),
      ),
    ],
  };
}

/** Every replica runs the present template and is available, and nothing else is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const desired = desiredReplicas(deployment);
  return (
    (status?.updatedReplicas ?? 0) === desired &&
    (status?.replicas ?? 0) === desired &&
    (status?.availableReplicas ?? 0) === desired &&
    (status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** A rollout moves as long as one of its counts does. */
function hasProgressed(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const updated = (status: DeploymentStatus): number => status.updatedReplicas ?? 0;
  const old = (status: DeploymentStatus): number => (status.replicas ?? 0) - updated(status);
  return (
    updated(now) > updated(before) ||
    old(now) < old(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  );
}

/** The status of a Deployment that is rolling out: counts, progress, and what its ReplicaSets could not do. */
export function rolloutStatus(
  deployment: Deployment,
  sets: readonly (ReplicaSet | undefined)[],
  current: ReplicaSet | undefined,
  nowMs: number,
): DeploymentStatus {
  const status = countedStatus(deployment, sets, current, nowMs);
  const before = progressing(deployment.status);
  let conditions: readonly DeploymentCondition[] = status.conditions ?? [];
  const deadline = hasProgressDeadline(deployment);
  if (!deadline) conditions = withoutCondition(conditions, 'Progressing');
  const settled =
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === Reason.newReplicaSetAvailable;
  if (deadline && !settled)
    conditions = withProgress(deployment, { ...status, conditions: [...conditions] }, current, nowMs);
  const failure = failureOf(sets, current);
  conditions = failure ? setCondition(conditions, failure) : withoutCondition(conditions, 'ReplicaFailure');
  return { ...status, conditions: [...conditions] };
}

function withProgress(
  deployment: Deployment,
  status: DeploymentStatus,
  current: ReplicaSet | undefined,
  nowMs: number,
): readonly DeploymentCondition[] {
  const conditions = status.conditions ?? [];
  const subject = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`;
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return setCondition(conditions, condition('Progressing', 'True', Reason.newReplicaSetAvailable, message, nowMs));
  }
  const before = progressing(deployment.status);
  if (hasProgressed(deployment.status ?? {}, status)) {
    const next = condition('Progressing', 'True', Reason.replicaSetUpdated, `${subject} is progressing.`, nowMs);
    // Progress is news even when the condition stays as it is: its lastUpdateTime starts the deadline anew.
    const kept = before?.status === 'True' ? { ...next, lastTransitionTime: before.lastTransitionTime } : next;
    return [...withoutCondition(conditions, 'Progressing'), kept];
  }
  if (hasTimedOut(deployment, status, nowMs)) {
    const message = `${subject} has timed out progressing.`;
    return setCondition(conditions, condition('Progressing', 'False', Reason.progressDeadlineExceeded, message, nowMs));
  }
  return conditions;
}

/** Nothing has moved for longer than progressDeadlineSeconds. */
function hasTimedOut(deployment: Deployment, status: DeploymentStatus, nowMs: number): boolean {
  if (!hasProgressDeadline(deployment)) return false;
  const current = progressing(status);
  if (!current || current.reason === Reason.newReplicaSetAvailable) return false;
  if (current.reason === Reason.progressDeadlineExceeded) return true;
  return deadlineMs(deployment, current) < nowMs;
}

/** When a rollout that does not move any more runs into its deadline. */
export const deadlineMs = ({ spec }: Deployment, { lastUpdateTime }: DeploymentCondition): number =>
  parseTime(lastUpdateTime ?? '') + (spec.progressDeadlineSeconds ?? 0) * 1000;

/** The failure of the current ReplicaSet, or else of any, as a condition of the Deployment. */
function failureOf(
  sets: readonly (ReplicaSet | undefined)[],
  current: ReplicaSet | undefined,
): DeploymentCondition | undefined {
  for (const rs of [current, ...sets]) {
    const failure = findCondition(rs?.status?.conditions, 'ReplicaFailure');
    if (failure) return { ...failure, lastUpdateTime: failure.lastTransitionTime };
  }
  return undefined;
}
