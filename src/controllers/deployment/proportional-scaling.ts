import type { Deployment, ReplicaSet } from '../../api/types.ts';
import { maxAnnotation } from './annotations.ts';
import { bySizeNewer, bySizeOlder, replicasOf, totalDesired } from './replica-sets.ts';
import { desiredReplicas, maxSurge } from './strategy.ts';

/**
 * How a change of `replicas` in the middle of a rollout is shared out: every active ReplicaSet grows or shrinks in
 * proportion to its size, and what rounding leaves over goes to the largest. Returns the new size of each.
 */
export function proportionalSizes(deployment: Deployment, active: readonly ReplicaSet[]): Map<ReplicaSet, number> {
  const desired = desiredReplicas(deployment);
  const allowed = desired > 0 ? desired + maxSurge(deployment) : 0;
  const change = allowed - totalDesired(active);
  const sorted = [...active].sort(change > 0 ? bySizeNewer : bySizeOlder);
  const sizes = new Map<ReplicaSet, number>();
  let distributed = 0;
  for (const rs of sorted) {
    const share = shareOf(rs, deployment, change, distributed);
    sizes.set(rs, replicasOf(rs) + share);
    distributed += share;
  }
  const largest = sorted[0];
  if (largest && change !== 0) sizes.set(largest, Math.max(0, sizes.get(largest)! + change - distributed));
  return sizes;
}

/** Part of the change that falls to one ReplicaSet, never more than is still to be shared out. */
function shareOf(rs: ReplicaSet, deployment: Deployment, change: number, distributed: number): number {
  if (replicasOf(rs) === 0 || change === 0 || change === distributed) return 0;
  const wanted = growth(rs, deployment);
  const left = change - distributed;
  return change > 0 ? Math.min(wanted, left) : Math.max(wanted, left);
}

function growth(rs: ReplicaSet, deployment: Deployment): number {
  const size = replicasOf(rs);
  const desired = desiredReplicas(deployment);
  if (desired === 0) return -size;
  const before = maxAnnotation(rs) || deployment.status?.replicas || 0;
  if (before === 0) return 0;
  return roundHalfAwayFromZero((size * (desired + maxSurge(deployment))) / before) - size;
}

const roundHalfAwayFromZero = (x: number): number => (x < 0 ? -Math.round(-x) : Math.round(x));
