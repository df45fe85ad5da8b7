import type { NodeInfo } from '../../cache/node-info.ts';
import { UNLABELLED } from '../../cache/topology.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';
import { MAX_NODE_SCORE } from '../../framework/plugin.ts';
import { spreads, type Spread, type SpreadConstraint } from './constraints.ts';

const HOSTNAME = 'kubernetes.io/hostname';

/** A ScheduleAnyway constraint while nodes are scored by it. */
interface SoftSpread extends Spread {
  /** Pods by domain; undefined for hosts, which are counted one by one. */
  readonly byDomain: Int32Array | undefined;
  /** The more domains there are, the more a Pod in one of them weighs. */
  readonly weight: number;
}

interface SoftState {
  readonly spreads: readonly SoftSpread[];
  /** 1 for nodes that lack a label, by position among those to be scored; undefined when none does. */
  readonly ignored: Uint8Array | undefined;
}

const STATE = stateKey<SoftState>();

/** Counts what soft constraints need. `allKeys`: nodes that lack one of the labels are left out. */
export function prepareSoft(
  cycle: Cycle,
  nodes: readonly NodeInfo[],
  constraints: readonly SpreadConstraint[],
  allKeys: boolean,
): void {
  const { pod, snapshot } = cycle;
  const plain = spreads(pod, snapshot, constraints, allKeys);
  let ignored: Uint8Array | undefined;
  let scored = nodes.length;
  if (allKeys && plain.some(({ topology }) => topology.labelled < snapshot.nodes.length)) {
    ignored = new Uint8Array(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      const { row } = nodes[i]!;
      if (plain.every(({ topology }) => topology.ids[row]! !== UNLABELLED)) continue;
      ignored[i] = 1;
      scored--;
    }
  }
  const state = plain.map((spread): SoftSpread => {
    const { topology, tally, counts, constraint } = spread;
    if (constraint.topologyKey === HOSTNAME) return { ...spread, byDomain: undefined, weight: Math.log(scored + 2) };
    return {
      ...spread,
      byDomain: counts ? countDomains(spread, snapshot.nodes) : tally.per(topology).counts,
      weight: Math.log(domainsOf(spread, nodes, ignored) + 2),
    };
  });
  cycle.write(STATE, { spreads: state, ignored });
}

function countDomains({ topology, tally, counts }: Spread, nodes: readonly NodeInfo[]): Int32Array {
  const byDomain = new Int32Array(topology.size);
  for (const node of nodes) {
    const id = topology.ids[node.row]!;
    if (id !== UNLABELLED && tally.at(node.row) > 0 && counts!(node)) byDomain[id]! += tally.at(node.row);
  }
  return byDomain;
}

/** How many domains the nodes to be scored are in; those without the label are in one together. */
function domainsOf({ topology }: Spread, nodes: readonly NodeInfo[], ignored: Uint8Array | undefined): number {
  const seen = new Uint8Array(topology.size + 1);
  let domains = 0;
  for (let i = 0; i < nodes.length; i++) {
    if (ignored?.[i] === 1) continue;
    const slot = topology.ids[nodes[i]!.row]! + 1;
    if (seen[slot] === 1) continue;
    seen[slot] = 1;
    domains++;
  }
  return domains;
}

/** The more Pods are in the node's domains, the higher: normalizeSoft turns that round. */
export function scoreSoft(cycle: Cycle, nodes: readonly NodeInfo[], scores: Float64Array): void {
  const { spreads: all, ignored } = cycle.read(STATE)!;
  scores.fill(0, 0, nodes.length);
  for (const { topology, tally, byDomain, weight, constraint } of all) {
    const tolerance = constraint.maxSkew - 1;
    const { ids } = topology;
    for (let i = 0; i < nodes.length; i++) {
      const { row } = nodes[i]!;
      const id = ids[row]!;
      if (id === UNLABELLED || ignored?.[i] === 1) continue;
      scores[i]! += (byDomain ? byDomain[id]! : tally.at(row)) * weight + tolerance;
    }
  }
  for (let i = 0; i < nodes.length; i++) scores[i] = Math.round(scores[i]!);
}

/** The least crowded node gets MAX_NODE_SCORE, nodes left out 0. */
export function normalizeSoft(cycle: Cycle, scores: Float64Array, count: number): void {
  const { ignored } = cycle.read(STATE)!;
  let lowest = Infinity;
  let highest = 0;
  for (let i = 0; i < count; i++) {
    if (ignored?.[i] === 1) continue;
    if (scores[i]! < lowest) lowest = scores[i]!;
    if (scores[i]! > highest) highest = scores[i]!;
  }
  for (let i = 0; i < count; i++) {
    if (ignored?.[i] === 1) scores[i] = 0;
    else if (highest === 0) scores[i] = MAX_NODE_SCORE;
    else scores[i] = Math.trunc((MAX_NODE_SCORE * (highest + lowest - scores[i]!)) / highest);
  }
}
