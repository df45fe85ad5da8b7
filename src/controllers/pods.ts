import { controllerOf, parseTime } from '../api/meta.ts';
import type { Pod, PodCondition } from '../api/types.ts';
import type { SharedInformer } from '../client/index.ts';
import { findCondition } from './conditions.ts';

/** Index of Pods by the uid of their controller, and of those without one by namespace. */
const BY_CONTROLLER = 'controller';
const orphansOf = (namespace: string): string => `orphans/${namespace}`;

/** Index of Pods by the node that they are bound to. */
const BY_NODE = 'node';

export function indexPodsByController(pods: SharedInformer<Pod>): void {
  pods.addIndex(BY_CONTROLLER, (pod) => [controllerOf(pod)?.uid ?? orphansOf(pod.metadata.namespace ?? '')]);
}

export function indexPodsByNode(pods: SharedInformer<Pod>): void {
  pods.addIndex(BY_NODE, (pod) => [pod.spec.nodeName ?? '']);
}

export const podsOfController = (pods: SharedInformer<Pod>, uid: string): ReadonlyMap<string, Pod> =>
  pods.bucket(BY_CONTROLLER, uid);

/** Pods of a namespace that no controller owns. */
export const orphanPods = (pods: SharedInformer<Pod>, namespace: string): ReadonlyMap<string, Pod> =>
  pods.bucket(BY_CONTROLLER, orphansOf(namespace));

export const podsOnNode = (pods: SharedInformer<Pod>, node: string): ReadonlyMap<string, Pod> =>
  pods.bucket(BY_NODE, node);

/** Its containers have ended for good. */
export const isPodFinished = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';

/** Counts as a replica: neither finished nor being deleted. */
export const isPodActive = (pod: Pod): boolean => !isPodFinished(pod) && pod.metadata.deletionTimestamp === undefined;

export const isPodTerminating = (pod: Pod): boolean =>
  !isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined;

export const readyCondition = (pod: Pod): PodCondition | undefined => findCondition(pod.status?.conditions, 'Ready');

export const isPodReady = (pod: Pod): boolean => readyCondition(pod)?.status === 'True';

/** When the Pod became ready, NaN when that is not known. */
export const readySinceMs = (pod: Pod): number => parseTime(readyCondition(pod)?.lastTransitionTime ?? '');

/**
 * How long until a ready Pod has been ready for `minReadySeconds`: 0 or less when it is available, undefined when it
 * is not ready or nobody knows since when.
 */
export function availableInMs(pod: Pod, minReadySeconds: number, nowMs: number): number | undefined {
  if (!isPodReady(pod)) return undefined;
  if (minReadySeconds === 0) return 0;
  const since = readySinceMs(pod);
  return Number.isNaN(since) ? undefined : since + minReadySeconds * 1000 - nowMs;
}
