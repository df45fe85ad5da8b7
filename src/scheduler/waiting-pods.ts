import { goDuration } from '../api/duration.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { status, type Status } from './framework/status.ts';

/** A Pod that has a node, while Permit plugins hold it back from binding. */
export interface WaitingPod {
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** The plugins that have not allowed it yet. */
  readonly pendingPlugins: readonly string[];
  /** The plugin lets the Pod go; it goes once all have. */
  allow(plugin: string): void;
  /** The plugin refuses the Pod: it has to look for a node again. */
  reject(plugin: string, reason: string): void;
}

/** No plugin can hold a Pod for longer. */
const LONGEST_MS = 15 * 60_000;

interface Held extends WaitingPod {
  end(refusal: Status | undefined): void;
}

/** The Pods that Permit plugins hold back, by uid. */
export class WaitingPods {
  readonly #kernel: Kernel;
  readonly #component: string;
  readonly #held = new Map<string, Held>();

  constructor(kernel: Kernel, component: string) {
    this.#kernel = kernel;
    this.#component = component;
  }

  /**
   * Holds a Pod until every plugin has allowed it, or one has refused or runs out of its time, in milliseconds.
   * Then calls `proceed`, once.
   */
  hold(
    pod: PodInfo,
    nodeName: string,
    timeouts: ReadonlyMap<string, number>,
    proceed: (refusal: Status | undefined) => void,
  ): void {
    const timers = new Map<string, Timer>();
    const end = (refusal: Status | undefined): void => {
      if (this.#held.get(pod.uid) !== held) return;
      this.#held.delete(pod.uid);
      for (const timer of timers.values()) timer.cancel();
      proceed(refusal);
    };
    const held: Held = {
      pod,
      nodeName,
      get pendingPlugins() {
        return [...timers.keys()];
      },
      allow(plugin) {
        timers.get(plugin)?.cancel();
        timers.delete(plugin);
        if (timers.size === 0) end(undefined);
      },
      reject: (plugin, reason) => end(status('Unschedulable', plugin, reason)),
      end,
    };
    this.#held.set(pod.uid, held);
    for (const [plugin, wanted] of timeouts) {
      const ms = Math.min(wanted, LONGEST_MS);
      const reason = `rejected due to timeout after waiting ${goDuration(ms)} at plugin ${plugin}`;
      const giveUp = (): void => held.reject(plugin, reason);
      timers.set(plugin, this.#kernel.after(ms, this.#component, giveUp, { background: true }));
    }
  }

  get(uid: string): WaitingPod | undefined {
    return this.#held.get(uid);
  }

  /** In the order in which they came; a copy, as those that are let go leave. */
  list(): readonly WaitingPod[] {
    return [...this.#held.values()];
  }

  /** Returns false when the Pod is not held. */
  reject(uid: string, refusal: Status): boolean {
    const held = this.#held.get(uid);
    held?.end(refusal);
    return held !== undefined;
  }
}
