import { UNLABELLED, type Topology } from './topology.ts';

/** Pods of a tally by the value that their node has for a label. */
export interface DomainCounts {
  readonly topology: Topology;
  /** By number of the value. The array may be replaced by a longer one: read it from here each time. */
  counts: Int32Array;
  /** Of all values together. */
  sum: number;
  version: number;
}

function lengthen(domain: DomainCounts): void {
  const longer = new Int32Array(domain.topology.nodes.length);
  longer.set(domain.counts);
  domain.counts = longer;
}

/** How many Pods of one sort each node has, and each domain of the topologies asked for; kept up to date. */
export class PodTally {
  /** By row. Rows that never had such a Pod may lie beyond its end. */
  rows = new Int32Array(16);
  total = 0;
  readonly #domains: DomainCounts[] = [];

  add(row: number, delta: 1 | -1): void {
    if (row >= this.rows.length) {
      const longer = new Int32Array(Math.max(row + 1, this.rows.length * 2));
      longer.set(this.rows);
      this.rows = longer;
    }
    this.rows[row]! += delta;
    this.total += delta;
    for (const domain of this.#domains) {
      const id = domain.topology.at(row);
      if (id === UNLABELLED) continue;
      if (id >= domain.counts.length) lengthen(domain);
      domain.counts[id]! += delta;
      domain.sum += delta;
    }
  }

  /** Of a node, by row. */
  at(row: number): number {
    return row < this.rows.length ? this.rows[row]! : 0;
  }

  /** The counts by domain, current now and through every add() until nodes change. */
  per(topology: Topology): DomainCounts {
    let domain = this.#domains.find((known) => known.topology === topology);
    if (!domain) {
      domain = { topology, counts: new Int32Array(0), sum: 0, version: -1 };
      this.#domains.push(domain);
    }
    if (domain.version !== topology.version) this.#count(domain);
    else if (domain.counts.length < topology.size) lengthen(domain);
    return domain;
  }

  #count(domain: DomainCounts): void {
    const { topology } = domain;
    domain.counts = new Int32Array(topology.nodes.length);
    domain.sum = 0;
    domain.version = topology.version;
    for (let row = 0; row < this.rows.length; row++) {
      const count = this.rows[row]!;
      const id = count === 0 ? UNLABELLED : topology.at(row);
      if (id === UNLABELLED) continue;
      domain.counts[id]! += count;
      domain.sum += count;
    }
  }
}
