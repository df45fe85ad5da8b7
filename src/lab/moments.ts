import type { Cluster } from '../cluster/index.ts';

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

/** Remembers for every revision when it was written. Etcd keeps no times; a lab's scrubber and replay need them. */
export class Moments {
  readonly #start: Moment;
  readonly #first: number;
  readonly #times: number[] = [];
  readonly #executed: number[] = [];
  readonly #inputs: number[] = [];

  constructor({ etcd, kernel }: Cluster, inputs: () => number) {
    this.#first = etcd.revision + 1;
    etcd.watch({ prefix: '/' }, () => {
      while (this.last < etcd.revision) {
        this.#times.push(kernel.now);
        this.#executed.push(kernel.executed);
        this.#inputs.push(inputs());
      }
    });
    this.#start = { revision: etcd.revision, time: kernel.now, executed: kernel.executed, inputs: 0 };
  }

  /** The first revision that can be shown: the cluster as it was created. */
  get first(): number {
    return this.#start.revision;
  }

  get last(): number {
    return this.#first + this.#times.length - 1;
  }

  at(revision: number): Moment {
    const i = revision - this.#first;
    if (i < 0) return this.#start;
    return { revision, time: this.#times[i]!, executed: this.#executed[i]!, inputs: this.#inputs[i]! };
  }
}
