import { NodeKind } from '../api/core/node.ts';
import { PodKind } from '../api/core/pod.ts';
import { formatTime } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Node, Pod } from '../api/types.ts';
import { controllerUser, type Controller, type ControllerContext } from './context.ts';
import { findCondition } from './conditions.ts';
import { indexPodsByNode, isPodFinished, podsOnNode } from './pods.ts';

const NAME = 'pod-garbage-collector';
const PERIOD_MS = 20_000;

/** A Node must be missing this long before its Pods are taken to be lost. */
const QUARANTINE_MS = 40_000;

/** Finished Pods beyond so many are deleted, oldest first. */
const FINISHED_THRESHOLD = 12_500;

/** Somebody has said that the Node will not come back by itself, and it is not ready. */
const isOutOfService = ({ spec, status }: Node): boolean =>
  (spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service') &&
  findCondition(status?.conditions, 'Ready')?.status !== 'True';

/**
 * Deletes Pods that nobody else will: those bound to Nodes that no longer exist, those that are being deleted on Nodes
 * that are out of service, those that were deleted before they were bound, and the oldest of too many finished ones.
 * Looks every 20 s.
 */
export function startPodGc({ kernel, client: base, informers }: ControllerContext): Controller {
  const pods = informers.for(PodKind);
  const nodes = informers.for(NodeKind);
  indexPodsByNode(pods);
  const client = base.as(NAME, controllerUser(NAME)).resource(PodKind);
  /** Since when Nodes are missing that Pods are bound to. */
  const missing = new Map<string, number>();

  function remove(pod: Pod, reason?: string): void {
    const { name, namespace } = pod.metadata;
    try {
      if (reason !== undefined || !isPodFinished(pod)) markFailed(pod, reason);
      client.delete(name, namespace, { gracePeriodSeconds: 0 });
    } catch (error) {
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
    }
  }

  function markFailed(pod: Pod, message: string | undefined): void {
    const { name, namespace, uid } = pod.metadata;
    const disrupted = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'DeletionByPodGC',
      message: message ?? '',
      lastTransitionTime: formatTime(kernel.now),
    };
    const status = {
      ...(isPodFinished(pod) ? {} : { phase: 'Failed' }),
      ...(message === undefined ? {} : { conditions: [disrupted] }),
    };
    client.patch(name, namespace, 'strategic', { metadata: { uid }, status }, { subresource: 'status' });
  }

  /** Nodes that have been missing for the whole quarantine. */
  function lostNodes(): Set<string> {
    const names = new Set<string>();
    for (const pod of pods.list()) {
      const node = pod.spec.nodeName;
      if (node && !nodes.getByKey(node)) names.add(node);
    }
    for (const node of missing.keys()) if (!names.has(node)) missing.delete(node);
    for (const node of names) if (!missing.has(node)) missing.set(node, kernel.now);
    return new Set([...names].filter((node) => kernel.now - missing.get(node)! >= QUARANTINE_MS));
  }

  function collect(): void {
    for (const node of lostNodes()) {
      for (const pod of [...podsOnNode(pods, node).values()]) remove(pod, 'PodGC: node no longer exists');
    }
    for (const node of nodes.list().filter(isOutOfService)) {
      const { name } = node.metadata;
      for (const pod of [...podsOnNode(pods, name).values()]) if (pod.metadata.deletionTimestamp) remove(pod);
    }
    for (const pod of [...podsOnNode(pods, '').values()]) if (pod.metadata.deletionTimestamp) remove(pod);
    const finished = pods.list().filter(isPodFinished);
    if (finished.length <= FINISHED_THRESHOLD) return;
    finished.sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? -1 : 1));
    for (const pod of finished.slice(0, finished.length - FINISHED_THRESHOLD)) remove(pod);
  }

  let timer = kernel.after(PERIOD_MS, NAME, tick, { background: true });
  function tick(): void {
    timer = kernel.after(PERIOD_MS, NAME, tick, { background: true });
    if (pods.hasSynced() && nodes.hasSynced()) collect();
  }
  return { stop: () => timer.cancel() };
}
