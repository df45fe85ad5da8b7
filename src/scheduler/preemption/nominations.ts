import type { PodInfo } from '../cache/pod-info.ts';

const NOBODY: readonly PodInfo[] = [];

/**
 * Pods for which room is being made on a node: until they are there, others of lower or equal priority must
 * not take it.
 */
export class Nominations {
  readonly #byNode = new Map<string, Map<string, PodInfo>>();
  readonly #nodeOf = new Map<string, string>();

  get size(): number {
    return this.#nodeOf.size;
  }

  /** '' takes the Pod's nomination away. */
  set(pod: PodInfo, nodeName: string): void {
    this.delete(pod.uid);
    if (nodeName === '') return;
    this.#nodeOf.set(pod.uid, nodeName);
    let pods = this.#byNode.get(nodeName);
    if (!pods) this.#byNode.set(nodeName, (pods = new Map()));
    pods.set(pod.uid, pod);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const pods = this.#byNode.get(nodeName)!;
    pods.delete(uid);
    if (pods.size === 0) this.#byNode.delete(nodeName);
  }

  /** The Pods nominated to a node whose room `pod` may take. */
  below(pod: PodInfo, nodeName: string): PodInfo[] {
    return [...(this.#byNode.get(nodeName)?.values() ?? [])].filter(({ priority }) => priority < pod.priority);
  }

  /** The Pods nominated to a node that `pod` has to leave room for. */
  ahead(pod: PodInfo, nodeName: string): readonly PodInfo[] {
    const pods = this.#byNode.get(nodeName);
    if (!pods) return NOBODY;
    return [...pods.values()].filter(({ uid, priority }) => uid !== pod.uid && priority >= pod.priority);
  }
}
