import type { SchedulerCache } from '../cache/cache.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';

const NOBODY: readonly PodInfo[] = [];

/**
 * Pods for which room is being made on a node: until they are there, others of lower or equal priority must
 * not take it. The nodes themselves know them: a search asks thousands.
 */
export class Nominations {
  readonly #cache: SchedulerCache;
  readonly #nodeOf = new Map<string, NodeInfo>();

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  get size(): number {
    return this.#nodeOf.size;
  }

  /** '' takes the Pod's nomination away. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid);
    if (nodeName === '') return;
    const node = this.#cache.claim(nodeName);
    node.nominated = [...node.nominated, pod];
    this.#nodeOf.set(pod.uid, node);
  }

  delete(uid: string): void {
    const node = this.#nodeOf.get(uid);
    if (!node) return;
    this.#nodeOf.delete(uid);
    node.nominated = node.nominated.filter((pod) => pod.uid !== uid);
    this.#cache.release(node);
  }

  /** The Pods nominated to a node whose room `pod` may take. */
  below(pod: PodInfo, nodeName: string): readonly PodInfo[] {
    return this.#cache.get(nodeName)?.nominated.filter(({ priority }) => priority < pod.priority) ?? NOBODY;
  }

  /** The Pods nominated to a node that `pod` has to leave room for. */
  ahead(pod: PodInfo, { nominated }: NodeInfo): readonly PodInfo[] {
    if (nominated.length === 0) return NOBODY;
    return nominated.filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
  }
}
