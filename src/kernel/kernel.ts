import { EventHeap } from './event-heap.ts';
import { Random } from './random.ts';
import { ScheduledEvent, type Pending } from './scheduled-event.ts';
import { Trace, type TraceOptions } from './trace.ts';

/** Virtual time at which a kernel starts unless told otherwise: 2026-01-01T00:00:00Z. */
export const DEFAULT_EPOCH_MS = Date.UTC(2026, 0, 1);

export interface KernelOptions {
  /** Any integer; same seed and same inputs give the same history. */
  readonly seed: number;
  /** Virtual milliseconds since the Unix epoch at which the clock starts. */
  readonly epochMs?: number;
  readonly trace?: TraceOptions;
}

/** Handle of a scheduled event. */
export interface Timer {
  /** Virtual time at which it is due, milliseconds since the Unix epoch. */
  readonly due: number;
  /** True until it has run or was cancelled. */
  readonly active: boolean;
  /** Prevents it from running; harmless when it already ran. */
  cancel(): void;
}

export interface TimerOptions {
  /**
   * Marks what a cluster at rest keeps doing: heartbeats, probe periods, resyncs, distant retries.
   * `runUntilSettled` does not wait for it.
   */
  readonly background?: boolean;
}

/**
 * The discrete-event kernel: one virtual clock, one queue of events ordered by (due, sequence), seeded
 * randomness, one trace. Nothing in the simulation happens outside of an event or an outside input.
 */
export class Kernel {
  readonly seed: number;
  readonly epochMs: number;
  readonly trace: Trace;
  readonly #heap = new EventHeap();
  readonly #streams = new Map<string, Random>();
  #now: number;
  #sequence = 0;
  #executed = 0;
  readonly #pending: Pending = { foreground: 0 };

  constructor(options: KernelOptions) {
    this.seed = options.seed;
    this.epochMs = options.epochMs ?? DEFAULT_EPOCH_MS;
    this.#now = this.epochMs;
    this.trace = new Trace(this, options.trace);
  }

  /** Virtual milliseconds since the Unix epoch; may have a fraction. */
  get now(): number {
    return this.#now;
  }

  /** How many events have run: with determinism, the exact address of a moment in a history. */
  get executed(): number {
    return this.#executed;
  }

  /** True when nothing but background events is pending. */
  get settled(): boolean {
    return this.#pending.foreground === 0;
  }

  /** When the next event is due, or undefined when there is none. */
  get nextDue(): number | undefined {
    return this.#surface()?.due;
  }

  /** The seeded random stream of this name; always the same object. */
  random(stream: string): Random {
    let random = this.#streams.get(stream);
    if (!random) this.#streams.set(stream, (random = new Random(this.seed, stream)));
    return random;
  }

  /**
   * Runs `run` after `delayMs` of virtual time (0: after the events already due now), caused by the current span.
   * `owner` names the component, for traces and steppers.
   */
  after(delayMs: number, owner: string, run: () => void, options?: TimerOptions): Timer {
    const event = new ScheduledEvent(
      this.#now + Math.max(0, delayMs),
      this.#sequence++,
      owner,
      options?.background ?? false,
      this.trace.current,
      run,
      this.#pending,
    );
    this.#heap.push(event);
    return event;
  }

  /** Runs the next event, moving the clock to its due time. Returns it, or undefined when there is none. */
  step(): { readonly owner: string; readonly due: number } | undefined {
    const event = this.#surface();
    if (!event) return undefined;
    this.#heap.pop();
    const run = event.take()!;
    this.#now = event.due;
    this.#executed++;
    this.trace.within(event.cause, run);
    return event;
  }

  /** Runs every event due up to and including `timeMs`, then sets the clock to it. */
  runUntil(timeMs: number): void {
    for (let due = this.nextDue; due !== undefined && due <= timeMs; due = this.nextDue) this.step();
    if (timeMs > this.#now) this.#now = timeMs;
  }

  runFor(durationMs: number): void {
    this.runUntil(this.#now + durationMs);
  }

  /**
   * Runs until only background events are pending, at most to `limitMs` of virtual time from now.
   * Returns whether it settled.
   */
  runUntilSettled(limitMs = 3_600_000): boolean {
    return this.runWhile(() => !this.settled, limitMs);
  }

  /** Runs events while `condition` holds, at most `limitMs` of virtual time from now. Returns whether it stopped holding. */
  runWhile(condition: () => boolean, limitMs: number): boolean {
    const limit = this.#now + limitMs;
    while (condition()) {
      const due = this.nextDue;
      if (due === undefined) return false;
      if (due > limit) {
        this.#now = limit;
        return false;
      }
      this.step();
    }
    return true;
  }

  /** Moves the clock forward without running events; it cannot pass the next one. */
  idleUntil(timeMs: number): void {
    const due = this.nextDue;
    this.#now = Math.max(this.#now, due === undefined ? timeMs : Math.min(timeMs, due));
  }

  /** Drops cancelled events from the top of the heap and returns the next live one. */
  #surface(): ScheduledEvent | undefined {
    for (;;) {
      const top = this.#heap.peek();
      if (!top || top.run !== undefined) return top;
      this.#heap.pop();
    }
  }
}
