import type { Kernel, Timer } from '../../kernel/index.ts';
import type { PriorityLevelConfiguration } from '../../api/types.ts';
import { RequestQueue } from './request-queue.ts';
import { SeatDemand } from './seat-demand.ts';
import { dealHand } from './shuffle-sharding.ts';
import type { WorkEstimate } from './work-estimate.ts';
import { GUESSED_SECONDS, widthOf, workOf, type Arrived, type Rejection, type Work } from './work.ts';

interface Waiting extends Arrived {
  readonly timer: Timer;
  /** Where the level's progress was on arrival, seat-seconds. */
  readonly progress: number;
}

/** What happened to a request on arrival. */
export type Admitted = 'executing' | 'queued' | Rejection;

/** Sees what happens to the requests of a level. */
export interface LevelObserver {
  dispatched(level: PriorityLevel, work: Work, waitedMs: number, queued: boolean): void;
  rejected(level: PriorityLevel, work: Work, reason: Rejection, waitedMs: number): void;
  queued(level: PriorityLevel, work: Work, queueLength: number): void;
  finished(level: PriorityLevel, work: Work): void;
}

/** How long requests wait at most: a quarter of --request-timeout. */
export const WAIT_LIMIT_MS = 15_000;
const COMPONENT = 'kube-apiserver';
const MOST_SEATS = 10;
const MOST_SEATS_OF_LEVEL = 0.15;
const DEFAULT_SHARES = 30;

/**
 * The seats of one priority level and the queues before them. Requests wait in one of the queues of their flow's hand,
 * the one with the least work. A freed seat goes to the queue that would be the first to finish its next request if all
 * queues were served at once, bit by bit (fair queuing, KEP-1040).
 */
export class PriorityLevel {
  readonly name: string;
  readonly demand: SeatDemand;
  /** Seats by its shares alone, and the bounds that lending and borrowing keep to. */
  nominal = 0;
  least = 0;
  most = 0;
  /** Seats now; Infinity for exempt levels while they are configured so. */
  limit = Infinity;
  executing = 0;
  seatsInUse = 0;
  rejected = 0;
  timedOut = 0;
  dispatched = 0;
  /** Virtual milliseconds that requests waited. */
  waitedMs = 0;
  readonly #kernel: Kernel;
  readonly #observer: () => LevelObserver;
  #config: PriorityLevelConfiguration['spec'];
  #queues: RequestQueue<Waiting>[] = [];
  readonly #inFlight = new Set<Arrived>();
  #enqueued = 0;
  #next = 0;
  #waiting = 0;
  #seatsWaiting = 0;
  /** How far each queue would be if all were served at once, seat-seconds; and when that was worked out. */
  #progress = 0;
  #progressAt: number;

  constructor(kernel: Kernel, { metadata, spec }: PriorityLevelConfiguration, observer: () => LevelObserver) {
    this.#kernel = kernel;
    this.#observer = observer;
    this.#progressAt = kernel.now;
    this.demand = new SeatDemand(kernel.now);
    this.name = metadata.name;
    this.#config = spec;
    this.configure(spec);
  }

  configure(spec: PriorityLevelConfiguration['spec']): void {
    this.#config = spec;
    const { queues = 0 } = spec.limited?.limitResponse?.queuing ?? {};
    while (this.#queues.length < queues) this.#queues.push(new RequestQueue(this.#queues.length));
    // Queues that are too many are gone when they are empty, and so are those behind them.
    while (this.#queues.length > queues && this.#queues.at(-1)!.isIdle) this.#queues.pop();
  }

  /** How many seats this level is worth beside others. */
  get shares(): number {
    const { exempt, limited } = this.#config;
    return this.isExempt
      ? (exempt?.nominalConcurrencyShares ?? 0)
      : (limited?.nominalConcurrencyShares ?? DEFAULT_SHARES);
  }

  /** Which part of its nominal seats it lends while it does not need them, percent. */
  get lendablePercent(): number {
    return (this.isExempt ? this.#config.exempt : this.#config.limited)?.lendablePercent ?? 0;
  }

  /** How much it may borrow, percent of its nominal seats; undefined for all there is. */
  get borrowingLimitPercent(): number | undefined {
    return this.#config.limited?.borrowingLimitPercent;
  }

  get isExempt(): boolean {
    return this.#config.type === 'Exempt';
  }

  get isIdle(): boolean {
    return this.#waiting === 0 && this.executing === 0;
  }

  get waiting(): number {
    return this.#waiting;
  }

  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }

  get queues(): readonly RequestQueue<Arrived>[] {
    return this.#queues;
  }

  /** Requests in flight. */
  get inFlight(): Iterable<Arrived> {
    return this.#inFlight;
  }

  /** The most seats that one request may take. */
  get mostSeats(): number {
    return Math.max(1, Math.min(MOST_SEATS, Math.ceil(this.nominal * MOST_SEATS_OF_LEVEL)));
  }

  /** How much progress the level has made, seat-seconds. */
  get progress(): number {
    return this.#progress;
  }

  /** Gives the level so many seats from now on. */
  setLimit(limit: number): void {
    this.#proceed();
    this.limit = limit;
    this.#dispatch();
  }

  /** A request arrives. Unless it is turned away, it has its seats now or in its turn. */
  arrive(work: Work): Admitted {
    this.#proceed();
    const { now } = this.#kernel;
    if (this.isExempt || (this.#waiting === 0 && this.#accommodates(work))) {
      // Queued levels keep account of flows that never wait, too, when there is something to keep account of.
      const queue = this.isExempt || work.durationMs === 0 ? undefined : this.#choose(work);
      this.#execute({ work, arrived: now, started: now, queue: queue?.index ?? -1 }, queue, false);
      return 'executing';
    }
    const { queuing } = this.#config.limited?.limitResponse ?? {};
    if (!queuing || this.#queues.length === 0) return this.#reject(work, 'concurrency-limit', 0);
    const queue = this.#choose(work)!;
    if (this.seatsInUse >= this.limit && queue.length >= (queuing.queueLengthLimit ?? 50))
      return this.#reject(work, 'queue-full', 0);
    if (queue.isIdle) queue.nextDispatch = this.#progress;
    const timer = this.#kernel.after(WAIT_LIMIT_MS, COMPONENT, () => this.#expire(queue, waiting));
    const waiting: Waiting = {
      work,
      arrived: now,
      started: undefined,
      queue: queue.index,
      timer,
      progress: this.#progress,
    };
    queue.push(waiting);
    this.#count(1, widthOf(work));
    this.#observer().queued(this, work, queue.length);
    this.#dispatch();
    return this.#inFlight.has(waiting) ? 'executing' : 'queued';
  }

  /** The queue of a flow's hand with the least work. */
  #choose({ flow }: Work): RequestQueue<Waiting> | undefined {
    const { queues = 0, handSize = 8 } = this.#config.limited?.limitResponse?.queuing ?? {};
    if (queues === 0) return undefined;
    const hand = dealHand(flow, queues, Math.min(handSize, queues));
    const offset = this.#enqueued++ % hand.length;
    let best: RequestQueue<Waiting> | undefined;
    for (let i = 0; i < hand.length; i++) {
      const queue = this.#queues[hand[(offset + i) % hand.length]!]!;
      if (!best || queue.work < best.work) best = queue;
    }
    return best;
  }

  /** A request always finds room where nobody else is. */
  #accommodates(work: WorkEstimate): boolean {
    return this.seatsInUse === 0 ? this.limit > 0 : this.seatsInUse + widthOf(work) <= this.limit;
  }

  #count(requests: number, seats: number): void {
    this.#waiting += requests;
    this.#seatsWaiting += seats;
    this.demand.set(this.seatsInUse + this.#seatsWaiting, this.#kernel.now);
  }

  #reject(work: Work, reason: Rejection, waitedMs: number): Rejection {
    this.rejected++;
    if (reason === 'time-out') this.timedOut++;
    this.#observer().rejected(this, work, reason, waitedMs);
    return reason;
  }

  #expire(queue: RequestQueue<Waiting>, waiting: Waiting): void {
    this.#proceed();
    if (!queue.remove(waiting)) return;
    this.#count(-1, -widthOf(waiting.work));
    this.#reject(waiting.work, 'time-out', this.#kernel.now - waiting.arrived);
    waiting.work.settled?.('time-out');
  }

  #execute(request: Arrived, queue: RequestQueue<Waiting> | undefined, queued: boolean): void {
    const { work, arrived } = request;
    const width = widthOf(work);
    const waitedMs = this.#kernel.now - arrived;
    this.dispatched++;
    this.waitedMs += waitedMs;
    this.#observer().dispatched(this, work, waitedMs, queued);
    if (work.durationMs === 0 && waitedMs === 0) {
      // Nothing in the simulation takes time here: seats are free again before anyone could want them.
      this.#observer().finished(this, work);
      return;
    }
    this.executing++;
    this.seatsInUse += width;
    this.#inFlight.add(request);
    if (queue) {
      if (queue.isIdle) queue.nextDispatch = this.#progress;
      queue.begin(width);
      queue.nextDispatch += workOf(work);
    }
    this.#count(0, 0);
    this.#kernel.after(work.durationMs + work.finalMs, COMPONENT, () => this.#finish(request, queue));
  }

  #finish(request: Arrived, queue: RequestQueue<Waiting> | undefined): void {
    this.#proceed();
    const { work } = request;
    const width = widthOf(work);
    this.executing--;
    this.seatsInUse -= width;
    this.#inFlight.delete(request);
    this.#observer().finished(this, work);
    if (queue) {
      queue.end(width);
      // What it really was takes the place of what it was guessed to be.
      queue.nextDispatch += (work.seats * work.durationMs) / 1000 - work.seats * GUESSED_SECONDS;
      this.#bound(queue);
    }
    this.#count(0, 0);
    this.#dispatch();
  }

  /** What a queue could not use it does not save up: its next request does not count as begun before it came. */
  #bound(queue: RequestQueue<Waiting>): void {
    const first = queue.first;
    if (first && queue.nextDispatch < first.progress) queue.nextDispatch = first.progress;
  }

  /** Lets progress pass for the time since it was last worked out. */
  #proceed(): void {
    const { now } = this.#kernel;
    const passed = (now - this.#progressAt) / 1000;
    this.#progressAt = now;
    if (passed <= 0 || this.isIdle) return;
    const active = this.#queues.reduce((sum, queue) => sum + (queue.isIdle ? 0 : 1), 0);
    if (active > 0) this.#progress += (Math.min(this.seatsInUse + this.#seatsWaiting, this.limit) / active) * passed;
  }

  /** Gives free seats to those who wait. */
  #dispatch(): void {
    while (this.#waiting > 0 && this.seatsInUse < this.limit) {
      const queue = this.#soonest();
      const first = queue?.first;
      if (!queue || !first || !this.#accommodates(first.work)) return;
      this.#next = queue.index;
      queue.remove(first);
      first.timer.cancel();
      this.#count(-1, -widthOf(first.work));
      first.started = this.#kernel.now;
      this.#execute(first, queue, true);
      this.#bound(queue);
      first.work.settled?.(undefined);
    }
  }

  /** The queue whose next request would be done first; those after the last one served before those before it. */
  #soonest(): RequestQueue<Waiting> | undefined {
    let best: RequestQueue<Waiting> | undefined;
    let finish = Infinity;
    const count = this.#queues.length;
    for (let i = 1; i <= count; i++) {
      const queue = this.#queues[(this.#next + i) % count]!;
      const first = queue.first;
      if (!first) continue;
      const its = queue.nextDispatch + workOf(first.work);
      if (its < finish) [best, finish] = [queue, its];
    }
    return best;
  }
}
