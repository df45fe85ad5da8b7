import type { Kernel } from '../kernel/index.ts';

/**
 * When a kubelet looks at its runtime (the pod lifecycle event generator): every period, and on demand right
 * after it started something. A Pod is synced again only with a look younger than its last sync. Nothing
 * is scheduled here: the ticks are a grid in time.
 */
export class Relist {
  readonly #kernel: Kernel;
  readonly #periodMs: number;
  readonly #phaseMs: number;

  /** `phaseMs`: where in the period this node's ticks fall. */
  constructor(kernel: Kernel, periodMs: number, phaseMs: number) {
    this.#kernel = kernel;
    this.#periodMs = periodMs;
    this.#phaseMs = phaseMs;
  }

  /** The first tick after `time`. */
  nextTick(time = this.#kernel.now): number {
    const period = this.#periodMs;
    const tick = Math.floor((time - this.#phaseMs) / period) * period + this.#phaseMs;
    return tick > time ? tick : tick + period;
  }

  /** The first moment from now on at which there was a look after `since`. */
  freshAfter(since: number): number {
    const now = this.#kernel.now;
    return Math.max(now, this.nextTick(since));
  }
}
