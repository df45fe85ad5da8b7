import type { Cluster } from '../cluster/index.ts';
import { isTelling } from './telling.ts';

/** Where in the run a revision was written: enough to replay to it. */
export interface Moment {
  readonly revision: number;
  /** Virtual time of the write. */
  readonly time: number;
  /** Kernel events that had run, the one that wrote included. */
  readonly executed: number;
  /** Inputs that had come, the one that wrote included. */
  readonly inputs: number;
}

/** How much of the past a session keeps, in revisions. */
interface Retention {
  /** Beyond so many, the older ones are let go. */
  readonly most: number;
  /** So many are left then. */
  readonly least: number;
}

const RETENTION: Retention = { most: 20_000, least: 10_000 };

/**
 * Remembers for every revision when it was written: etcd keeps no times, and a lab's scrubber and replay need them.
 * Sees to it that a long session does not grow without end: what is too old is compacted, as a real API server has
 * its etcd do every five minutes. It does so at the same revisions in a replay.
 */
export class Moments {
  readonly #cluster: Cluster;
  readonly #start: Moment;
  readonly #retention: Retention;
  /** The revision that the first elements below are about. */
  #base: number;
  #times: number[] = [];
  #executed: number[] = [];
  #inputs: number[] = [];
  #telling: number[] = [];

  constructor(cluster: Cluster, inputs: () => number, retention: Retention = RETENTION) {
    const { etcd, kernel } = cluster;
    this.#cluster = cluster;
    this.#retention = retention;
    this.#base = etcd.revision + 1;
    this.#start = { revision: etcd.revision, time: kernel.now, executed: kernel.executed, inputs: 0 };
    etcd.watch({ prefix: '/' }, (changes) => {
      while (this.last < etcd.revision) {
        this.#times.push(kernel.now);
        this.#executed.push(kernel.executed);
        this.#inputs.push(inputs());
      }
      if (changes.some(isTelling)) this.#telling.push(etcd.revision);
      if (this.#times.length > retention.most) this.#forget();
    });
  }

  /** The first revision that can be shown: the cluster as it was created, unless that is too long ago. */
  get first(): number {
    return this.#base === this.#start.revision + 1 ? this.#start.revision : this.#base;
  }

  get last(): number {
    return this.#base + this.#times.length - 1;
  }

  at(revision: number): Moment {
    const i = revision - this.#base;
    if (i < 0) return this.#start;
    return { revision, time: this.#times[i]!, executed: this.#executed[i]!, inputs: this.#inputs[i]! };
  }

  /** The revisions after `revision` that tell a reader something, oldest first (see `isTelling`). */
  tellingAfter(revision: number): readonly number[] {
    let low = 0;
    let high = this.#telling.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#telling[middle]! <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#telling.slice(low);
  }

  #forget(): void {
    const { etcd } = this.#cluster;
    const drop = this.#times.length - this.#retention.least;
    this.#times = this.#times.slice(drop);
    this.#executed = this.#executed.slice(drop);
    this.#inputs = this.#inputs.slice(drop);
    this.#base += drop;
    this.#telling = [...this.tellingAfter(this.#base - 1)];
    etcd.compact(this.#base);
  }
}
