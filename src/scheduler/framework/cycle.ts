import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../cache/snapshot.ts';
import type { Plugin } from './plugin.ts';

/** Names a slot of the cycle that a plugin writes early and reads once per node. */
export interface StateKey<T> {
  readonly slot: number;
  /** Phantom: the type of what is kept there. */
  readonly type?: T;
}

let slots = 0;

/** Reserves a slot in every cycle. Called once per plugin, when its module loads. */
export const stateKey = <T>(): StateKey<T> => ({ slot: slots++ });

/**
 * One attempt to place one Pod (CycleState): what plugins computed for it, and which of them have said that
 * they do not concern it.
 */
export class Cycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  readonly skippedFilters = new Set<Plugin>();
  /** Filters that would let the Pod in everywhere, as is known without asking. */
  readonly idleFilters = new Set<Plugin>();
  readonly skippedScores = new Set<Plugin>();
  /** Every filter that concerns the Pod goes by what the Pods of a node use together: trials need change no more. */
  trialsByNumbers = false;
  readonly #state: unknown[] = [];

  constructor(pod: PodInfo, snapshot: Snapshot) {
    this.pod = pod;
    this.snapshot = snapshot;
  }

  read<T>(key: StateKey<T>): T | undefined {
    return this.#state[key.slot] as T | undefined;
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#state[key.slot] = value;
  }
}
