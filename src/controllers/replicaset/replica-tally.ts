import { keyOf } from '../../api/meta.ts';
import { matcherOfSet, type LabelMatcher } from '../../api/selector.ts';
import type { Pod, PodTemplateSpec } from '../../api/types.ts';
import { isPodActive, isPodReady, isPodTerminating } from '../pods.ts';

const ACTIVE = 1;
const TERMINATING = 2;
const READY = 4;
const FULLY_LABELED = 8;
const STRAY = 16;

/**
 * How many of the Pods that a ReplicaSet owns are in which state, kept up to date Pod by Pod. The real controller
 * counts all of them in every sync; with a thousand Pods that become ready one after another, a thousand syncs would
 * count a million.
 */
export class ReplicaTally {
  /** Selected and neither finished nor being deleted. */
  active = 0;
  terminating = 0;
  /** Of the active ones. */
  ready = 0;
  /** Of the active ones: those that carry every label of the template. */
  fullyLabeled = 0;
  /** Active and owned, but no longer selected: to be released. */
  strays = 0;
  readonly #selector: LabelMatcher;
  readonly #template: LabelMatcher;
  readonly #states = new Map<string, number>();

  constructor(selector: LabelMatcher, template: PodTemplateSpec | undefined, pods: Iterable<Pod>) {
    this.#selector = selector;
    this.#template = matcherOfSet(template?.metadata?.labels);
    for (const pod of pods) this.set(pod);
  }

  /** Takes in a Pod, or its new version. */
  set(pod: Pod): void {
    const key = keyOf(pod);
    const before = this.#states.get(key) ?? 0;
    const after = this.#stateOf(pod);
    if (before === after) return;
    this.#states.set(key, after);
    this.#count(before, -1);
    this.#count(after, 1);
  }

  delete(pod: Pod): void {
    const key = keyOf(pod);
    this.#count(this.#states.get(key) ?? 0, -1);
    this.#states.delete(key);
  }

  #stateOf(pod: Pod): number {
    const { labels } = pod.metadata;
    const selected = this.#selector.matches(labels);
    if (isPodTerminating(pod)) return selected ? TERMINATING : 0;
    if (!isPodActive(pod)) return 0;
    if (!selected) return STRAY;
    return ACTIVE | (isPodReady(pod) ? READY : 0) | (this.#template.matches(labels) ? FULLY_LABELED : 0);
  }

  #count(state: number, by: 1 | -1): void {
    if (state & ACTIVE) this.active += by;
    if (state & TERMINATING) this.terminating += by;
    if (state & READY) this.ready += by;
    if (state & FULLY_LABELED) this.fullyLabeled += by;
    if (state & STRAY) this.strays += by;
  }
}
