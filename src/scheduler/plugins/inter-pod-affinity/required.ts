import { selects, type AffinityTerm } from '../../cache/affinity-terms.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodIndex, PodQuery } from '../../cache/pod-index.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { DomainCounts } from '../../cache/pod-tally.ts';
import type { Snapshot } from '../../cache/snapshot.ts';
import { UNLABELLED } from '../../cache/topology.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';

/** What decides for a Pod whether it may be on a node: counts that follow every Pod put there on trial. */
interface RequiredState {
  /** Of the Pods that all of its affinity terms select, one per term. */
  readonly wanted: readonly DomainCounts[];
  /** Whether its affinity terms select the Pod itself: the first of such Pods may go anywhere. */
  readonly wantsItself: boolean;
  /** Of the Pods that its anti-affinity terms select, one per term. */
  readonly unwanted: readonly DomainCounts[];
  /** Of the placed Pods whose anti-affinity selects it. */
  repelling: readonly DomainCounts[];
}

const STATE = stateKey<RequiredState>();

/** The query for the Pods that all of some terms select. */
export function podsSelectedBy(terms: readonly AffinityTerm[], index: PodIndex): PodQuery {
  const { namespaceLabels } = index;
  const [only] = terms;
  const [own] = only && !only.namespaceSelector && only.namespaces.size === 1 ? only.namespaces : [];
  return {
    id: `affinity ${terms.map((term) => term.selects).join(' & ')}`,
    matches:
      only && terms.length === 1
        ? ({ pod }) => selects(only, pod, namespaceLabels)
        : ({ pod }) => terms.every((term) => selects(term, pod, namespaceLabels)),
    ...(own ? { namespace: own } : {}),
    byNamespaceLabels: terms.some(({ namespaceSelector }) => namespaceSelector !== undefined),
  };
}

const repellingCounts = (pod: PodInfo, { index, topologies }: Snapshot): DomainCounts[] =>
  index.repelling(pod).map(({ term, tally }) => tally.per(topologies.get(term.topologyKey)));

/** Looks up what concerns the Pod; false when nothing can turn it away. */
export function prepareRequired(cycle: Cycle): boolean {
  const { pod, snapshot } = cycle;
  const { required, requiredAnti } = pod.affinity;
  const repelling = repellingCounts(pod, snapshot);
  if (required.length === 0 && requiredAnti.length === 0 && repelling.length === 0) return false;
  const { index, topologies } = snapshot;
  const all = required.length > 0 ? index.tally(podsSelectedBy(required, index)) : undefined;
  cycle.write(STATE, {
    wanted: all ? required.map(({ topologyKey }) => all.per(topologies.get(topologyKey))) : [],
    wantsItself: required.every((term) => selects(term, pod.pod, index.namespaceLabels)),
    unwanted: requiredAnti.map((term) =>
      index.tally(podsSelectedBy([term], index)).per(topologies.get(term.topologyKey)),
    ),
    repelling,
  });
  return true;
}

/** A Pod with anti-affinity of its own has come or gone on trial. */
export function reconsider(cycle: Cycle, { affinity }: PodInfo): void {
  const state = cycle.read(STATE);
  if (state && affinity.requiredAnti.length > 0) state.repelling = repellingCounts(cycle.pod, cycle.snapshot);
}

function anyIn(domains: readonly DomainCounts[], row: number): boolean {
  for (let i = 0; i < domains.length; i++) {
    const { topology, counts } = domains[i]!;
    const id = topology.ids[row]!;
    if (id !== UNLABELLED && counts[id]! > 0) return true;
  }
  return false;
}

/** Whether a Pod of every affinity term is in the node's domain; a node without the label has none. */
function meetsAffinity({ wanted, wantsItself }: RequiredState, row: number): boolean {
  let present = true;
  for (let i = 0; i < wanted.length; i++) {
    const { topology, counts } = wanted[i]!;
    const id = topology.ids[row]!;
    if (id === UNLABELLED) return false;
    if (counts[id]! <= 0) present = false;
  }
  if (present) return true;
  return wantsItself && wanted.every(({ sum }) => sum === 0);
}

export type Objection = 'affinity' | 'anti-affinity' | 'existing anti-affinity';

/** What speaks against the node; undefined when nothing does. */
export function objection(cycle: Cycle, { row }: NodeInfo): Objection | undefined {
  const state = cycle.read(STATE)!;
  if (!meetsAffinity(state, row)) return 'affinity';
  if (anyIn(state.unwanted, row)) return 'anti-affinity';
  return anyIn(state.repelling, row) ? 'existing anti-affinity' : undefined;
}
