import type { Deployment } from '../../api/types.ts';
import { partOf } from '../part-of.ts';

export const desiredReplicas = ({ spec }: Deployment): number => spec.replicas ?? 1;

export const isRollingUpdate = ({ spec }: Deployment): boolean => spec.strategy?.type !== 'Recreate';

/** How many Pods a rolling update may have above the desired number. */
export function maxSurge(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return partOf(deployment.spec.strategy?.rollingUpdate?.maxSurge, desiredReplicas(deployment), true);
}

/** How many Pods a rolling update may have below the desired number; at least one where it may have none above. */
export function maxUnavailable(deployment: Deployment): number {
  const desired = desiredReplicas(deployment);
  if (!isRollingUpdate(deployment) || desired === 0) return 0;
  const unavailable = partOf(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, desired, false);
  return Math.min(unavailable === 0 && maxSurge(deployment) === 0 ? 1 : unavailable, desired);
}
