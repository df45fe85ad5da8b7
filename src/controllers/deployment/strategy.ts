import type { Deployment } from '../../api/types.ts';

/** `25%` of a total, or the number itself. Percentages are rounded up or down. */
function resolve(value: number | string | undefined, total: number, roundUp: boolean): number {
  if (value === undefined) return 0;
  if (typeof value === 'number') return value;
  const share = (Number.parseInt(value, 10) * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

export const desiredReplicas = ({ spec }: Deployment): number => spec.replicas ?? 1;

export const isRollingUpdate = ({ spec }: Deployment): boolean => spec.strategy?.type !== 'Recreate';

/** How many Pods a rolling update may have above the desired number. */
export function maxSurge(deployment: Deployment): number {
  if (!isRollingUpdate(deployment)) return 0;
  return resolve(deployment.spec.strategy?.rollingUpdate?.maxSurge, desiredReplicas(deployment), true);
}

/** How many Pods a rolling update may have below the desired number; at least one where it may have none above. */
export function maxUnavailable(deployment: Deployment): number {
  const desired = desiredReplicas(deployment);
  if (!isRollingUpdate(deployment) || desired === 0) return 0;
  const unavailable = resolve(deployment.spec.strategy?.rollingUpdate?.maxUnavailable, desired, false);
  return Math.min(unavailable === 0 && maxSurge(deployment) === 0 ? 1 : unavailable, desired);
}
