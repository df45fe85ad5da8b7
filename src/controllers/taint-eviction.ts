import { NodeKind } from '../api/core/node.ts';
import { PodKind } from '../api/core/pod.ts';
import { tolerates } from '../api/core/tolerations.ts';
import { formatTime, keyOf } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Node, Pod, Taint, Toleration } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { replaceCondition } from './conditions.ts';
import { equal } from '../api/draft.ts';
import { indexPodsByNode, podsOnNode } from './pods.ts';

const NAME = 'taint-eviction-controller';

const noExecute = (node: Node | undefined): readonly Taint[] =>
  node?.spec.taints?.filter(({ effect }) => effect === 'NoExecute') ?? [];

/**
 * For how many seconds a Pod may stay on a Node with these taints: 0 when it tolerates one of them not at all,
 * Infinity when it tolerates all for ever, otherwise the shortest of its tolerations' tolerationSeconds.
 */
export function toleratedSeconds(pod: Pod, taints: readonly Taint[]): number {
  const used: Toleration[] = [];
  for (const taint of taints) {
    const matching = (pod.spec.tolerations ?? []).filter((toleration) => tolerates(toleration, taint));
    if (matching.length === 0) return 0;
    used.push(...matching);
  }
  return used.reduce(
    (least, { tolerationSeconds }) => Math.min(least, Math.max(0, tolerationSeconds ?? Infinity)),
    Infinity,
  );
}

/** Deletes Pods from Nodes that are tainted NoExecute, each as soon as its tolerations run out. */
export function startTaintEviction(context: ControllerContext): Controller {
  const { kernel } = context;
  const pods = context.informers.for(PodKind);
  const nodes = context.informers.for(NodeKind);
  indexPodsByNode(pods);
  /** Since when a Pod has been staying on a tainted Node, and when it has to go. */
  const waiting = new Map<string, { readonly uid: string; readonly sinceMs: number; readonly dueMs: number }>();

  const loop = new ControlLoop({
    context,
    name: NAME,
    account: 'node-controller',
    reconcile: (key) => {
      const pod = pods.getByKey(key);
      const taints = noExecute(pod?.spec.nodeName ? nodes.getByKey(pod.spec.nodeName) : undefined);
      if (!pod || pod.metadata.deletionTimestamp || taints.length === 0) {
        if (waiting.delete(key) && pod && !pod.metadata.deletionTimestamp) cancelled(pod);
        return;
      }
      const seconds = toleratedSeconds(pod, taints);
      if (seconds === Infinity) {
        if (waiting.delete(key)) cancelled(pod);
        return;
      }
      const known = waiting.get(key);
      const sinceMs = known !== undefined && known.uid === pod.metadata.uid ? known.sinceMs : kernel.now;
      const dueMs = sinceMs + seconds * 1000;
      if (dueMs > kernel.now) {
        waiting.set(key, { uid: pod.metadata.uid!, sinceMs, dueMs });
        loop.queue.addAfter(key, dueMs - kernel.now);
        return;
      }
      waiting.delete(key);
      evict(pod);
    },
  });

  function event({ metadata: { name, namespace, uid } }: Pod, message: string): void {
    const subject = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: namespace!, uid: uid! } };
    loop.recorder.event(subject, 'Normal', 'TaintManagerEviction', message);
  }

  const cancelled = (pod: Pod): void => event(pod, `Cancelling deletion of Pod ${keyOf(pod)}`);

  function evict(pod: Pod): void {
    const client = loop.client.resource(PodKind);
    const { name, namespace } = pod.metadata;
    event(pod, `Marking for deletion Pod ${keyOf(pod)}`);
    const condition = {
      type: 'DisruptionTarget',
      status: 'True' as const,
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
      lastTransitionTime: formatTime(kernel.now),
    };
    try {
      const conditions = replaceCondition(pod.status?.conditions ?? [], condition);
      client.updateStatus({ ...pod, status: { ...pod.status, conditions } });
      client.delete(name, namespace);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  const enqueue = (pod: Pod): void => loop.queue.add(keyOf(pod));
  const nodeChanged = (node: Node, old?: Node): void => {
    const taints = noExecute(node);
    const before = noExecute(old);
    if (equal(taints, before)) return;
    for (const pod of podsOnNode(pods, node.metadata.name).values()) enqueue(pod);
  };
  loop.on(nodes, { add: (node) => nodeChanged(node), update: nodeChanged });
  loop.on(pods, {
    add: (pod) => {
      if (noExecute(nodes.getByKey(pod.spec.nodeName ?? '')).length > 0) enqueue(pod);
    },
    update: (pod, old) => {
      const relevant = pod.spec.nodeName !== old.spec.nodeName || pod.spec.tolerations !== old.spec.tolerations;
      if (relevant && noExecute(nodes.getByKey(pod.spec.nodeName ?? '')).length > 0) enqueue(pod);
    },
    delete: (pod) => {
      if (waiting.has(keyOf(pod))) enqueue(pod);
    },
  });
  return loop;
}
