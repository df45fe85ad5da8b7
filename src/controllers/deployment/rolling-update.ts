import type { ReplicaSet } from '../../api/types.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import { isActive, replicasOf, totalAvailable, totalDesired } from './replica-sets.ts';
import { desiredReplicas, maxUnavailable } from './strategy.ts';

/**
 * One step of a rolling update: more of the new if the surge allows it, else fewer of the old if availability does.
 * Each step changes ReplicaSets only; what comes of it wakes the Deployment again.
 */
export function rollingUpdate(sync: DeploymentSync): void {
  sync.settleCurrent(true);
  if (growCurrent(sync) || shrinkOld(sync)) return;
  if (sync.isComplete()) sync.cleanUp();
}

function growCurrent(sync: DeploymentSync): boolean {
  const current = sync.current!;
  const desired = desiredReplicas(sync.deployment);
  const size = replicasOf(current);
  if (size === desired) return false;
  const target = size > desired ? desired : sync.targetOfCurrent(size);
  return sync.scaleTo(current, target) !== current;
}

function shrinkOld(sync: DeploymentSync): boolean {
  const old = sync.old.filter(isActive);
  if (old.length === 0) return false;
  const current = sync.current!;
  const minAvailable = desiredReplicas(sync.deployment) - maxUnavailable(sync.deployment);
  const unavailableNew = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const most = totalDesired(sync.all) - minAvailable - unavailableNew;
  if (most <= 0) return false;
  const { sets, removed } = removeUnhealthy(sync, old, most);
  const spare = totalAvailable([...sets, current]) - minAvailable;
  return removed + removeHealthy(sync, sets, spare) > 0;
}

/** Old Pods that are not available go first: nobody misses them, and they could hold up the rollout for ever. */
function removeUnhealthy(
  sync: DeploymentSync,
  old: readonly ReplicaSet[],
  most: number,
): { readonly sets: ReplicaSet[]; readonly removed: number } {
  let removed = 0;
  const sets = old.map((rs) => {
    const size = replicasOf(rs);
    const count = Math.min(most - removed, size - (rs.status?.availableReplicas ?? 0));
    if (count <= 0) return rs;
    removed += count;
    return sync.scaleTo(rs, size - count);
  });
  return { sets, removed };
}

function removeHealthy(sync: DeploymentSync, old: readonly ReplicaSet[], spare: number): number {
  let removed = 0;
  for (const rs of old) {
    const count = Math.min(replicasOf(rs), spare - removed);
    if (count <= 0) continue;
    sync.scaleTo(rs, replicasOf(rs) - count);
    removed += count;
  }
  return removed;
}
