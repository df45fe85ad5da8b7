/** Fewer nodes than this are all looked at; no search stops before it has found as many. */
const MIN_NODES = 100;
const MIN_PERCENT = 5;

/**
 * How many feasible nodes are enough to choose from: all of a small cluster, otherwise percentageOfNodesToScore.
 * Left to adapt (0), that is half of 100 nodes, a tenth of 5,000, never less than a twentieth.
 */
export function nodesToFind(nodes: number, percentage: number): number {
  if (nodes < MIN_NODES) return nodes;
  const percent = percentage > 0 ? percentage : Math.max(50 - Math.trunc(nodes / 125), MIN_PERCENT);
  return Math.max(Math.trunc((nodes * percent) / 100), MIN_NODES);
}
