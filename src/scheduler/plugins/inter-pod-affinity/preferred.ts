import type { NodeInfo } from '../../cache/node-info.ts';
import { REQUIRED } from '../../cache/pod-index.ts';
import type { DomainCounts } from '../../cache/pod-tally.ts';
import { UNLABELLED } from '../../cache/topology.ts';
import type { InterPodAffinityArgs } from '../../configuration/kube-scheduler-configuration.ts';
import { stateKey, type Cycle } from '../../framework/cycle.ts';
import { MAX_NODE_SCORE } from '../../framework/plugin.ts';
import { podsSelectedBy } from './required.ts';

/** Each Pod that is counted adds `weight` to the nodes of its domain. */
interface Contribution {
  readonly domain: DomainCounts;
  readonly weight: number;
}

const STATE = stateKey<readonly Contribution[]>();

/**
 * Collects what the Pod prefers and what placed Pods prefer about it; false when there is nothing. What placed Pods
 * require counts as a preference of `hardPodAffinityWeight`.
 */
export function preparePreferred(
  cycle: Cycle,
  { hardPodAffinityWeight = 1, ignorePreferredTermsOfExistingPods = false }: InterPodAffinityArgs,
): boolean {
  const { pod, snapshot } = cycle;
  const { index, topologies } = snapshot;
  const contributions: Contribution[] = [];
  const { preferred, preferredAnti } = pod.affinity;
  if (ignorePreferredTermsOfExistingPods && preferred.length + preferredAnti.length === 0) return false;
  const collect = (terms: typeof preferred, sign: 1 | -1): void => {
    for (const { term, weight } of terms) {
      const tally = index.tally(podsSelectedBy([term], index));
      if (tally.total === 0) continue;
      const domain = tally.per(topologies.get(term.topologyKey));
      if (domain.sum > 0) contributions.push({ domain, weight: sign * weight });
    }
  };
  collect(preferred, 1);
  collect(preferredAnti, -1);
  for (const { term, weight: own, tally } of index.scoring(pod)) {
    const weight = own === REQUIRED ? hardPodAffinityWeight : own;
    if (weight === 0) continue;
    const domain = tally.per(topologies.get(term.topologyKey));
    if (domain.sum > 0) contributions.push({ domain, weight });
  }
  if (contributions.length === 0) return false;
  cycle.write(STATE, contributions);
  return true;
}

export function scorePreferred(cycle: Cycle, nodes: readonly NodeInfo[], scores: Float64Array): void {
  scores.fill(0, 0, nodes.length);
  for (const { domain, weight } of cycle.read(STATE) ?? []) {
    const { counts, topology } = domain;
    const { ids } = topology;
    for (let i = 0; i < nodes.length; i++) {
      const id = ids[nodes[i]!.row]!;
      if (id !== UNLABELLED) scores[i]! += weight * counts[id]!;
    }
  }
}

/** Stretches the scores from the lowest, 0, to the highest, MAX_NODE_SCORE. */
export function normalizePreferred(scores: Float64Array, count: number): void {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let i = 0; i < count; i++) {
    if (scores[i]! < lowest) lowest = scores[i]!;
    if (scores[i]! > highest) highest = scores[i]!;
  }
  const range = highest - lowest;
  for (let i = 0; i < count; i++) {
    scores[i] = range > 0 ? Math.trunc(MAX_NODE_SCORE * ((scores[i]! - lowest) / range)) : 0;
  }
}
