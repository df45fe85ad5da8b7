import type { QueuedPod } from './queued-pod.ts';

/** Binary heap of waiting Pods under any order; each Pod knows its position, so that any one can be taken out. */
export class PodHeap {
  readonly #items: QueuedPod[] = [];
  readonly #compare: (a: QueuedPod, b: QueuedPod) => number;

  constructor(compare: (a: QueuedPod, b: QueuedPod) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#items.length;
  }

  peek(): QueuedPod | undefined {
    return this.#items[0];
  }

  push(pod: QueuedPod): void {
    this.#items.push(pod);
    this.#up(pod, this.#items.length - 1);
  }

  pop(): QueuedPod | undefined {
    const top = this.#items[0];
    if (top) this.remove(top);
    return top;
  }

  remove(pod: QueuedPod): void {
    const items = this.#items;
    const at = pod.position;
    const last = items.pop()!;
    pod.position = -1;
    if (last === pod) return;
    this.#down(last, at);
    this.#up(last, last.position);
  }

  #up(pod: QueuedPod, from: number): void {
    const items = this.#items;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent]!;
      if (this.#compare(pod, above) >= 0) break;
      items[at] = above;
      above.position = at;
      at = parent;
    }
    items[at] = pod;
    pod.position = at;
  }

  #down(pod: QueuedPod, from: number): void {
    const items = this.#items;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.#compare(items[child + 1]!, items[child]!) < 0) child++;
      const below = items[child]!;
      if (this.#compare(below, pod) >= 0) break;
      items[at] = below;
      below.position = at;
      at = child;
    }
    items[at] = pod;
    pod.position = at;
  }
}
