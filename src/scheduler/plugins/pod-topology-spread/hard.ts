import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { DomainCounts } from '../../cache/pod-tally.ts';
import { UNLABELLED } from '../../cache/topology.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';
import { spreads, type Spread, type SpreadConstraint } from './constraints.ts';

const ABSENT = -1;

/** A DoNotSchedule constraint while nodes are judged by it. */
interface HardSpread extends Spread {
  /** Counts of every domain, where all nodes count: these follow what is tried. */
  readonly live: DomainCounts | undefined;
  /** Otherwise counts of the domains of the nodes that count, ABSENT for others. */
  readonly own: Int32Array | undefined;
  /** 1 when the constraint selects the Pod itself. */
  readonly self: 0 | 1;
  /** What the fewest Pods are in any domain; NaN when to be found out anew. */
  least: number;
}

const STATE = stateKey<readonly HardSpread[]>();

/** Counts what hard constraints need; false when there are none among those of the Pod. */
export function prepareHard(cycle: Cycle, ofPod: readonly SpreadConstraint[]): boolean {
  const { pod, snapshot } = cycle;
  const constraints = ofPod.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  if (constraints.length === 0) return false;
  const state = spreads(pod, snapshot, constraints, true).map((spread): HardSpread => {
    const { topology, tally, counts, constraint } = spread;
    let own: Int32Array | undefined;
    if (counts) {
      own = new Int32Array(topology.size).fill(ABSENT);
      for (const node of snapshot.nodes) {
        const id = topology.ids[node.row]!;
        if (id === UNLABELLED || !counts(node)) continue;
        own[id] = Math.max(own[id]!, 0) + tally.at(node.row);
      }
    }
    return {
      ...spread,
      live: counts ? undefined : tally.per(topology),
      own,
      self: constraint.selector.matches(pod.pod.metadata.labels) ? 1 : 0,
      least: NaN,
    };
  });
  cycle.write(STATE, state);
  return true;
}

/** A Pod was put on a node on trial, or taken off. */
export function adjustHard(cycle: Cycle, { pod }: PodInfo, node: NodeInfo, delta: 1 | -1): void {
  for (const spread of cycle.read(STATE) ?? []) {
    spread.least = NaN;
    const { own, topology, counts, constraint } = spread;
    if (!own || pod.metadata.namespace !== cycle.pod.pod.metadata.namespace || pod.metadata.deletionTimestamp) continue;
    if (!constraint.selector.matches(pod.metadata.labels)) continue;
    const id = topology.ids[node.row]!;
    if (id !== UNLABELLED && counts!(node)) own[id]! += delta;
  }
}

/** The fewest Pods in a domain; none as long as there are fewer domains than wanted. */
function least({ own, live, topology, constraint: { minDomains } }: HardSpread): number {
  const { nodes, size } = topology;
  let domains = 0;
  let fewest = Infinity;
  for (let id = 0; id < size; id++) {
    if (own ? own[id] === ABSENT : nodes[id] === 0) continue;
    domains++;
    const count = own ? own[id]! : live!.counts[id]!;
    if (count < fewest) fewest = count;
  }
  return domains < minDomains ? 0 : fewest;
}

/** What speaks against a node; undefined when nothing does. */
export function violation(cycle: Cycle, { row }: NodeInfo): 'label' | 'skew' | undefined {
  const state = cycle.read(STATE)!;
  for (let i = 0; i < state.length; i++) {
    const spread = state[i]!;
    const id = spread.topology.ids[row]!;
    if (id === UNLABELLED) return 'label';
    if (Number.isNaN(spread.least)) spread.least = least(spread);
    const count = spread.own ? Math.max(spread.own[id]!, 0) : spread.live!.counts[id]!;
    if (count + spread.self - spread.least > spread.constraint.maxSkew) return 'skew';
  }
  return undefined;
}
