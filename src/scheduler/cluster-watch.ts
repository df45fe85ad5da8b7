import { NamespaceKind } from '../api/core/namespace.ts';
import { NodeKind } from '../api/core/node.ts';
import { PodKind } from '../api/core/pod.ts';
import { keyOf } from '../api/meta.ts';
import type { Node, Pod } from '../api/types.ts';
import type { InformerFactory, SharedInformer } from '../client/index.ts';
import type { SchedulerCache } from './cache/cache.ts';
import { nodeEvents, podEvents } from './changes.ts';
import { podInfo } from './cache/pod-info.ts';
import type { Nominations } from './preemption/nominations.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import { status } from './framework/status.ts';
import type { WaitingPods } from './waiting-pods.ts';

export interface ClusterWatchOptions {
  readonly informers: InformerFactory;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly nominations: Nominations;
  readonly waiting: WaitingPods;
  /** Whether a Pod is for this scheduler. */
  readonly isOurs: (pod: Pod) => boolean;
}

const GONE = status('Unschedulable', '', 'removed');

/** Finished Pods use nothing and need no node: the scheduler does not watch them. */
export const ALIVE = 'status.phase!=Succeeded,status.phase!=Failed';

/** Keeps cache and queue current with the API, and tells the queue what may help a waiting Pod. */
export function watchCluster(options: ClusterWatchOptions): SharedInformer<Pod> {
  const { informers, cache, queue, nominations, waiting, isOurs } = options;
  informers.for(NodeKind).addHandler({
    lazy: true,
    add(node: Node) {
      cache.setNode(node);
      queue.moveAll({ action: 'NodeAdd', new: node });
    },
    update(node, old) {
      cache.setNode(node);
      for (const event of nodeEvents(old, node)) queue.moveAll(event);
    },
    delete(node) {
      cache.removeNode(node.metadata.name);
      queue.moveAll({ action: 'NodeDelete', old: node });
    },
  });

  informers.for(NamespaceKind).addHandler({
    lazy: true,
    add: ({ metadata }) => cache.index.setNamespace(metadata.name, metadata.labels),
    update({ metadata }, old) {
      if (metadata.labels !== old.metadata.labels) cache.index.setNamespace(metadata.name, metadata.labels);
    },
    delete: ({ metadata }) => cache.index.setNamespace(metadata.name, undefined),
  });

  const assigned = (pod: Pod): void => {
    const key = keyOf(pod);
    queue.delete(key);
    nominations.delete(pod.metadata.uid ?? '');
    cache.setPod(pod, key);
    queue.moveAll({ action: 'AssignedPodAdd', new: pod });
  };
  /** Room may have been made for a Pod before this scheduler was started, or by someone else. */
  const nominate = (pod: Pod, old?: Pod): void => {
    const nodeName = pod.status?.nominatedNodeName ?? '';
    if (nodeName !== (old?.status?.nominatedNodeName ?? '')) nominations.set(podInfo(pod), nodeName);
  };
  const add = (pod: Pod): void => {
    if (pod.spec.nodeName) {
      assigned(pod);
    } else {
      nominate(pod);
      if (isOurs(pod)) queue.add(pod);
      queue.moveAll({ action: 'UnassignedPodAdd', new: pod });
    }
  };
  const remove = (pod: Pod): void => {
    const key = keyOf(pod);
    queue.delete(key);
    nominations.delete(pod.metadata.uid ?? '');
    if (!pod.spec.nodeName) {
      // It may have a node that only this scheduler knows of.
      waiting.reject(pod.metadata.uid ?? '', GONE);
      // The room that was kept free for it is others' now.
      if (pod.status?.nominatedNodeName) queue.moveAll({ action: 'AssignedPodDelete', old: pod });
      return;
    }
    cache.removePod(key);
    queue.moveAll({ action: 'AssignedPodDelete', old: pod });
  };
  const pods = informers.for(PodKind, { fieldSelector: ALIVE });
  pods.addHandler({
    lazy: true,
    add,
    update(pod, old) {
      if (pod.metadata.uid !== old.metadata.uid) {
        remove(old);
        add(pod);
      } else if (!pod.spec.nodeName) {
        nominate(pod, old);
        if (isOurs(pod) && !cache.isAssumed(keyOf(pod))) queue.update(pod, podEvents(old, pod));
      } else if (!old.spec.nodeName) {
        assigned(pod);
      } else {
        cache.setPod(pod, keyOf(pod));
        for (const event of podEvents(old, pod)) queue.moveAll(event);
      }
    },
    delete: remove,
  });
  return pods;
}
