import type { Kernel } from '../../kernel/index.ts';
import type { PriorityLevelConfiguration } from '../../api/types.ts';
import { dealHand } from './shuffle-sharding.ts';

/** A request that takes seats for a while. */
export interface Work {
  readonly seats: number;
  /** How long it is in flight, virtual milliseconds. */
  readonly durationMs: number;
  /** Its flow, as a number (flowHash). */
  readonly flow: number;
}

interface Waiting extends Work {
  readonly since: number;
}

/** What happened to a request on arrival. */
export type Admitted = 'executing' | 'queued' | 'queue-full' | 'concurrency-limit';

/**
 * The seats of one priority level and the queues before them. Requests wait in one of the queues of their flow's hand,
 * the one with the least work; freed seats go to the queues by turns.
 */
export class PriorityLevel {
  readonly name: string;
  /** Seats; Infinity for exempt levels. */
  limit = Infinity;
  executing = 0;
  rejected = 0;
  dispatched = 0;
  /** Virtual milliseconds that requests waited. */
  waitedMs = 0;
  readonly #kernel: Kernel;
  #config: PriorityLevelConfiguration['spec'];
  #queues: Waiting[][] = [];
  #next = 0;

  constructor(kernel: Kernel, { metadata, spec }: PriorityLevelConfiguration) {
    this.#kernel = kernel;
    this.name = metadata.name;
    this.#config = spec;
    this.configure(spec);
  }

  configure(spec: PriorityLevelConfiguration['spec']): void {
    this.#config = spec;
    const { queues = 0 } = spec.limited?.limitResponse?.queuing ?? {};
    while (this.#queues.length < queues) this.#queues.push([]);
  }

  /** How many seats this level is worth beside others. */
  get shares(): number {
    return this.#config.limited?.nominalConcurrencyShares ?? 30;
  }

  get isExempt(): boolean {
    return this.#config.type === 'Exempt';
  }

  get waiting(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  /** A request arrives. Unless it is turned away, it has its seats now or in its turn. */
  arrive(work: Work): Admitted {
    if (this.isExempt || (this.executing + work.seats <= this.limit && this.waiting === 0)) {
      this.#execute(work);
      return 'executing';
    }
    const { limitResponse } = this.#config.limited ?? {};
    const { queuing } = limitResponse ?? {};
    if (limitResponse?.type !== 'Queue' || !queuing) {
      this.rejected++;
      return 'concurrency-limit';
    }
    const { queues = 64, handSize = 8, queueLengthLimit = 50 } = queuing;
    const length = (index: number): number => this.#queues[index]!.reduce((sum, { seats }) => sum + seats, 0);
    const chosen = dealHand(work.flow, queues, handSize).reduce((best, one) =>
      length(one) < length(best) ? one : best,
    );
    const queue = this.#queues[chosen]!;
    if (queue.length >= queueLengthLimit) {
      this.rejected++;
      return 'queue-full';
    }
    queue.push({ ...work, since: this.#kernel.now });
    return 'queued';
  }

  #execute(work: Work): void {
    this.executing += work.seats;
    this.dispatched++;
    this.#kernel.after(work.durationMs, 'kube-apiserver', () => {
      this.executing -= work.seats;
      this.#dispatch();
    });
  }

  /** Gives free seats to those who wait, one queue after the other. */
  #dispatch(): void {
    for (let looked = 0; looked < this.#queues.length; looked++) {
      const queue = this.#queues[this.#next % this.#queues.length]!;
      this.#next++;
      const first = queue[0];
      if (!first) continue;
      if (this.executing + first.seats > this.limit) return;
      queue.shift();
      this.waitedMs += this.#kernel.now - first.since;
      this.#execute(first);
      looked = -1;
    }
  }
}
