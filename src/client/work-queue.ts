import type { Kernel, Timer, TimerOptions } from '../kernel/index.ts';
import { causeNow } from './delivery.ts';
import { ControllerRateLimiter, type RateLimiter } from './rate-limiter.ts';

/** Longer waits belong to a cluster at rest. */
const BACKGROUND_MS = 10_000;

/**
 * The queue between informers and reconciles (client-go's workqueue). A key is in it once however often it is
 * added; a key added while it is being processed comes back when that is done. Each key remembers the span
 * that first asked for it.
 */
export class WorkQueue {
  readonly #kernel: Kernel;
  readonly #owner: string;
  readonly #limiter: RateLimiter;
  readonly #queue: string[] = [];
  #head = 0;
  /** Keys that need processing, with the cause of the first add. */
  readonly #dirty = new Map<string, number>();
  readonly #processing = new Set<string>();
  readonly #waiting = new Map<string, Timer>();
  #ready: (() => void) | undefined;
  #closed = false;

  constructor(kernel: Kernel, owner: string, limiter: RateLimiter = new ControllerRateLimiter()) {
    this.#kernel = kernel;
    this.#owner = owner;
    this.#limiter = limiter;
  }

  /** Keys that can be taken now. */
  get length(): number {
    return this.#queue.length - this.#head;
  }

  /** Calls `ready` once for every key that becomes available. */
  onReady(ready: () => void): void {
    this.#ready = ready;
    for (let i = this.length; i > 0; i--) ready();
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    const trace = this.#kernel.trace;
    const cause = causeNow(trace);
    this.#dirty.set(key, cause);
    if (this.#processing.has(key)) return;
    this.#push(key, cause);
  }

  /** Adds the key after a while; of several waits for one key the shortest counts. Long waits are background work. */
  addAfter(key: string, delayMs: number, options: TimerOptions = { background: delayMs >= BACKGROUND_MS }): void {
    if (this.#closed) return;
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const waiting = this.#waiting.get(key);
    if (waiting?.active) {
      if (waiting.due <= this.#kernel.now + delayMs) return;
      waiting.cancel();
    }
    const trace = this.#kernel.trace;
    trace.within(causeNow(trace), () => {
      const timer = this.#kernel.after(
        delayMs,
        this.#owner,
        () => {
          this.#waiting.delete(key);
          this.add(key);
        },
        options,
      );
      this.#waiting.set(key, timer);
    });
  }

  /** Adds the key after the delay that its failures have earned, which is returned: milliseconds. */
  addRateLimited(key: string): number {
    const delayMs = this.#limiter.when(key, this.#kernel.now);
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** Forgets the key's failures; a success calls this. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }

  /** How often the key has failed in a row. */
  requeues(key: string): number {
    return this.#limiter.requeues(key);
  }

  /** Takes the next key for processing; done() must follow. */
  take(): { readonly key: string; readonly cause: number } | undefined {
    if (this.#head >= this.#queue.length) return undefined;
    const key = this.#queue[this.#head++]!;
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    const cause = this.#dirty.get(key) ?? 0;
    this.#dirty.delete(key);
    this.#processing.add(key);
    return { key, cause };
  }

  done(key: string): void {
    this.#processing.delete(key);
    const cause = this.#dirty.get(key);
    if (cause !== undefined && !this.#closed) this.#push(key, cause);
  }

  /** Drops everything and takes nothing more. */
  close(): void {
    this.#closed = true;
    this.#queue.length = 0;
    this.#head = 0;
    this.#dirty.clear();
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
  }

  #push(key: string, cause: number): void {
    this.#queue.push(key);
    if (this.#ready) this.#kernel.trace.within(cause, this.#ready);
  }
}
