import type { NodeColumns } from './node-columns.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodRequests } from './pod-requests.ts';

/**
 * Scores that follow from a node's numbers and a Pod's requests alone. Pods come in sets that request the same,
 * and each changes one node only: the scores of all others are still known from the Pod before.
 */
export class ScoreMemo {
  readonly #compute: (node: NodeInfo, requests: PodRequests) => number;
  #requests: PodRequests | undefined;
  #scores = new Float64Array(0);
  /** The version of the node for which the score holds, by row; 0 for none. */
  #versions = new Uint32Array(0);

  constructor(compute: (node: NodeInfo, requests: PodRequests) => number) {
    this.#compute = compute;
  }

  fill(columns: NodeColumns, requests: PodRequests, nodes: readonly NodeInfo[], scores: Float64Array): void {
    if (this.#versions.length !== columns.versions.length) {
      this.#scores = new Float64Array(columns.versions.length);
      this.#versions = new Uint32Array(columns.versions.length);
    } else if (requests !== this.#requests) {
      this.#versions.fill(0);
    }
    this.#requests = requests;
    const { versions } = columns;
    const known = this.#versions;
    const memo = this.#scores;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      const { row } = node;
      if (known[row] !== versions[row]) {
        known[row] = versions[row]!;
        memo[row] = this.#compute(node, requests);
      }
      scores[i] = memo[row]!;
    }
  }
}
