import type { Pod } from '../../api/types.ts';
import { isPodFinished } from '../pods.ts';
import type { DeploymentSync } from './deployment-sync.ts';
import { isActive, totalActual } from './replica-sets.ts';
import { desiredReplicas } from './strategy.ts';

/**
 * One step of strategy Recreate: all old Pods go, and only when the last of them is gone the new ones come.
 * `podsOf` gives the Pods of a ReplicaSet by its uid, terminating ones too.
 */
export function recreate(sync: DeploymentSync, podsOf: (uid: string) => Iterable<Pod>): void {
  sync.settleCurrent(false);
  const active = sync.old.filter(isActive);
  if (active.length > 0) {
    for (const rs of active) sync.scaleTo(rs, 0);
    return;
  }
  if (oldPodsRun(sync, podsOf)) return;
  sync.settleCurrent(true);
  sync.scaleTo(sync.current!, desiredReplicas(sync.deployment));
  if (sync.isComplete()) sync.cleanUp();
}

function oldPodsRun(sync: DeploymentSync, podsOf: (uid: string) => Iterable<Pod>): boolean {
  if (totalActual(sync.old) > 0) return true;
  for (const rs of sync.old) for (const pod of podsOf(rs.metadata.uid ?? '')) if (!isPodFinished(pod)) return true;
  return false;
}
