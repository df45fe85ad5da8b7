import { PodKind } from '../api/core/pod.ts';
import { formatTime } from '../api/meta.ts';
import { ApiError } from '../api/status.ts';
import type { Pod, PodCondition } from '../api/types.ts';
import type { Client } from '../client/index.ts';

export interface PodStatusChange {
  /** Unschedulable, or SchedulerError when something went wrong. */
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  /** As in PostFilterResult: absent leaves the field alone. */
  readonly nominatedNodeName?: string;
}

/** Says in the Pod's status that it has no node yet and why; writes nothing when it says so already. */
export function markUnscheduled(client: Client, pod: Pod, change: PodStatusChange, now: number): void {
  const { reason, message, nominatedNodeName } = change;
  const old = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  const condition: PodCondition = {
    type: 'PodScheduled',
    status: 'False',
    reason,
    message,
    lastTransitionTime: old?.status === 'False' ? old.lastTransitionTime! : formatTime(now),
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
  };
  const sameCondition = old?.status === 'False' && old.reason === reason && old.message === message;
  const nominated = pod.status?.nominatedNodeName ?? '';
  const sameNomination = nominatedNodeName === undefined || nominatedNodeName === nominated;
  if (sameCondition && sameNomination) return;
  const status = {
    ...(sameCondition ? {} : conditionPatch(pod, condition)),
    ...(sameNomination ? {} : { nominatedNodeName: nominatedNodeName || null }),
  };
  patchStatus(client, pod, status);
}

/** A strategic merge patch of the status that sets one condition: in its place, or last where it is new. */
export function conditionPatch(pod: Pod, condition: PodCondition): object {
  const types = (pod.status?.conditions ?? []).map(({ type }) => type);
  const order = types.includes(condition.type) ? types : [...types, condition.type];
  return { '$setElementOrder/conditions': order.map((type) => ({ type })), conditions: [condition] };
}

/** Says on which node the Pod is about to run. */
export function nominate(client: Client, pod: Pod, nodeName: string): void {
  if (pod.status?.nominatedNodeName !== nodeName) patchStatus(client, pod, { nominatedNodeName: nodeName });
}

/** Takes back what nominate() or a preemption has said. */
export function endNomination(client: Client, pod: Pod | undefined): void {
  if (pod?.status?.nominatedNodeName) patchStatus(client, pod, { nominatedNodeName: null });
}

function patchStatus(client: Client, { metadata: { name, namespace } }: Pod, status: object): void {
  try {
    client.resource(PodKind).patch(name, namespace, 'strategic', { status }, { subresource: 'status' });
  } catch (error) {
    // A Pod that is gone has no use for a status.
    if (!(error instanceof ApiError)) throw error;
  }
}
