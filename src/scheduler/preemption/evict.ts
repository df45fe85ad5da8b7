import { PodKind } from '../../api/core/pod.ts';
import { formatTime } from '../../api/meta.ts';
import { ApiError, hasReason } from '../../api/status.ts';
import type { Pod, PodCondition } from '../../api/types.ts';
import { conditionPatch } from '../pod-condition.ts';
import type { Client } from '../../client/index.ts';

/** Marks a Pod as disrupted and deletes it, gracefully. Returns false when it was gone already. */
export function evict(client: Client, victim: Pod, schedulerName: string, now: number): boolean {
  const { name, namespace, uid, generation } = victim.metadata;
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'PreemptionByScheduler',
    message: `${schedulerName}: preempting to accommodate a higher priority pod`,
    lastTransitionTime: formatTime(now),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const pods = client.resource(PodKind);
  try {
    const status = conditionPatch(victim, condition);
    pods.patch(name, namespace, 'strategic', { status }, { subresource: 'status' });
    pods.delete(name, namespace, uid === undefined ? {} : { preconditions: { uid } });
    return true;
  } catch (error) {
    if (hasReason(error, 'NotFound') || (error instanceof ApiError && error.code === 409)) return false;
    throw error;
  }
}
