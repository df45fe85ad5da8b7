import type { Kernel } from './kernel.ts';

/** What the driver needs of the world outside: the only place where virtual time meets wall time. */
export interface WallClock {
  /** Monotonic wall time, milliseconds. */
  now(): number;
  /** Runs `slice` after about `delayMs` of wall time, letting other work in between; returns a function that cancels it. */
  defer(slice: () => void, delayMs: number): () => void;
}

export interface DriverOptions {
  /** Virtual milliseconds per wall millisecond; Infinity runs as fast as it goes. */
  readonly speed?: number;
  /** Longest uninterrupted slice of work, wall milliseconds. */
  readonly sliceMs?: number;
  /** Called after every slice that ran at least one event. */
  readonly onSlice?: () => void;
  /** Called with what an event threw, after which the rest goes on; unless given, it is thrown at the wall clock. */
  readonly onError?: (error: unknown) => void;
}

/** Longest sleep between looks at the clock, wall milliseconds: how stale virtual time may get in a cluster at rest. */
const LONGEST_SLEEP_MS = 100;

export const hostClock: WallClock = {
  now: () => performance.now(),
  defer: (slice, delayMs) => {
    const handle = setTimeout(slice, delayMs);
    return () => clearTimeout(handle);
  },
};

/** Lets a kernel's virtual time follow wall time at any speed, in slices that never hold the thread longer than a frame. */
export class RealTimeDriver {
  readonly #kernel: Kernel;
  readonly #clock: WallClock;
  readonly #sliceMs: number;
  readonly #onSlice: () => void;
  readonly #onError: ((error: unknown) => void) | undefined;
  #speed: number;
  #cancel: (() => void) | undefined;
  #sleeping = false;
  /** Wall and virtual time that correspond to each other. */
  #anchor = { wall: 0, virtual: 0 };

  constructor(kernel: Kernel, options: DriverOptions = {}, clock: WallClock = hostClock) {
    this.#kernel = kernel;
    this.#clock = clock;
    this.#speed = options.speed ?? 1;
    this.#sliceMs = options.sliceMs ?? 8;
    this.#onSlice = options.onSlice ?? (() => undefined);
    this.#onError = options.onError;
  }

  get running(): boolean {
    return this.#cancel !== undefined;
  }

  get speed(): number {
    return this.#speed;
  }

  set speed(speed: number) {
    this.#speed = speed;
    if (!this.#cancel) return;
    this.stop();
    this.start();
  }

  start(): void {
    if (this.#cancel) return;
    this.#anchor = { wall: this.#clock.now(), virtual: this.#kernel.now };
    this.#next(0);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /**
   * Brings the cluster up to date before an input from outside, so that what the input starts lasts as long on the wall
   * as it does in the cluster, and sees to it that its effects are not kept waiting by a sleep.
   */
  wake(): void {
    if (!this.#cancel) return;
    const before = this.#kernel.executed;
    if (this.#speed !== Infinity) this.#catchUp();
    // What is due at once stays so: inputs that come thick and fast must not put it off for ever.
    if (this.#sleeping) {
      this.#cancel();
      this.#next(0);
    }
    if (this.#kernel.executed !== before) this.#onSlice();
  }

  /** The virtual time that corresponds to this moment. */
  #target(): number {
    if (this.#speed === Infinity) return Infinity;
    return this.#anchor.virtual + (this.#clock.now() - this.#anchor.wall) * this.#speed;
  }

  #next(delayMs: number): void {
    this.#sleeping = delayMs > 0;
    this.#cancel = this.#clock.defer(() => this.#slice(), delayMs);
  }

  #slice(): void {
    const before = this.#kernel.executed;
    const behind = this.#catchUp();
    const ran = this.#kernel.executed !== before;
    if (this.#cancel) this.#next(behind ? 0 : this.#sleep());
    if (ran) this.#onSlice();
  }

  /** Runs what is due, a slice of it at most; true when there was more. */
  #catchUp(): boolean {
    const started = this.#clock.now();
    const target = this.#target();
    for (let due = this.#kernel.nextDue; due !== undefined && due <= target; due = this.#kernel.nextDue) {
      this.#step();
      if (this.#clock.now() - started < this.#sliceMs) continue;
      // The machine cannot keep up: let time slip instead of chasing it with ever longer backlogs.
      this.#anchor = { wall: this.#clock.now(), virtual: this.#kernel.now };
      return true;
    }
    if (target !== Infinity) this.#kernel.idleUntil(target);
    return false;
  }

  #step(): void {
    if (!this.#onError) {
      this.#kernel.step();
      return;
    }
    try {
      this.#kernel.step();
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Wall milliseconds until there is something to do. */
  #sleep(): number {
    const due = this.#kernel.nextDue;
    if (due === undefined) return LONGEST_SLEEP_MS;
    return Math.min(LONGEST_SLEEP_MS, (due - this.#kernel.now) / this.#speed);
  }
}
