/** Fewer nodes than this are all looked at; no search stops before it has found as many. */
const MIN_NODES = 100;
const MIN_PERCENT = 5;

/**
 * How many feasible nodes are enough to choose from (percentageOfNodesToScore left to adapt): all of a small
 * cluster, half of one with 100 nodes, a tenth of one with 5,000, never less than a twentieth.
 */
export function nodesToFind(nodes: number): number {
  if (nodes < MIN_NODES) return nodes;
  const percent = Math.max(50 - Math.trunc(nodes / 125), MIN_PERCENT);
  return Math.max(Math.trunc((nodes * percent) / 100), MIN_NODES);
}
