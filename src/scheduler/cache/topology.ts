import type { NodeInfo } from './node-info.ts';

/** No value: the node lacks the label. */
export const UNLABELLED = -1;

type Numbers = Int32Array<ArrayBuffer>;

const grown = (array: Numbers, length: number, fill: number): Numbers => {
  const longer = new Int32Array(Math.max(length, array.length * 2)).fill(fill, array.length);
  longer.set(array);
  return longer;
};

/** The values that nodes have for one label, as small numbers: what affinity and spreading call domains. */
export class Topology {
  readonly key: string;
  /** Number of the value of each node, by row; UNLABELLED without the label. */
  ids = new Int32Array(16).fill(UNLABELLED);
  /** How many nodes have each value, by its number. */
  nodes = new Int32Array(16);
  /** How many numbers have been given out. */
  size = 0;
  /** How many nodes have the label. */
  labelled = 0;
  /** Grows when a node with Pods on it changes its value: counts of Pods by value no longer hold. */
  version = 0;
  readonly #numbers = new Map<string, number>();

  constructor(key: string) {
    this.key = key;
  }

  /** Takes over the label of a node; a node that does not exist has none. */
  place(node: NodeInfo): void {
    const { row } = node;
    if (row >= this.ids.length) this.ids = grown(this.ids, row + 1, UNLABELLED);
    const before = this.ids[row]!;
    const now = this.#number(node.node ? node.labels[this.key] : undefined);
    if (before === now) return;
    this.ids[row] = now;
    if (before === UNLABELLED) this.labelled++;
    else this.nodes[before]!--;
    if (now === UNLABELLED) this.labelled--;
    else this.nodes[now]!++;
    if (node.pods.size > 0) this.version++;
  }

  /** Number of the value of a row, which may never have been placed. */
  at(row: number): number {
    return row < this.ids.length ? this.ids[row]! : UNLABELLED;
  }

  #number(value: string | undefined): number {
    if (value === undefined) return UNLABELLED;
    let id = this.#numbers.get(value);
    if (id === undefined) {
      id = this.size++;
      this.#numbers.set(value, id);
      if (id >= this.nodes.length) this.nodes = grown(this.nodes, id + 1, 0);
    }
    return id;
  }
}

/** The topologies that some Pod has asked for. */
export class Topologies {
  readonly #byKey = new Map<string, Topology>();
  readonly #nodes: () => readonly NodeInfo[];

  constructor(nodes: () => readonly NodeInfo[]) {
    this.#nodes = nodes;
  }

  get(key: string): Topology {
    let topology = this.#byKey.get(key);
    if (!topology) {
      this.#byKey.set(key, (topology = new Topology(key)));
      for (const node of this.#nodes()) topology.place(node);
    }
    return topology;
  }

  /** A node has come, changed or gone. */
  place(node: NodeInfo): void {
    for (const topology of this.#byKey.values()) topology.place(node);
  }
}
