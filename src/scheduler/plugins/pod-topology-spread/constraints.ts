import { matchesRequired } from '../../../api/core/node-selector.ts';
import { isTolerated } from '../../../api/core/tolerations.ts';
import { matcherOf, type LabelMatcher } from '../../../api/selector.ts';
import type { Node, PodSpec } from '../../../api/types.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodIndex } from '../../cache/pod-index.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { PodTally } from '../../cache/pod-tally.ts';
import type { Snapshot } from '../../cache/snapshot.ts';
import { UNLABELLED, type Topology } from '../../cache/topology.ts';

type Raw = NonNullable<PodSpec['topologySpreadConstraints']>[number];
type WhenUnsatisfiable = 'DoNotSchedule' | 'ScheduleAnyway';

/** A topologySpreadConstraint with its defaults, ready to be matched. */
export interface SpreadConstraint {
  readonly whenUnsatisfiable: WhenUnsatisfiable;
  readonly topologyKey: string;
  readonly maxSkew: number;
  readonly minDomains: number;
  readonly selector: LabelMatcher;
  /** Only nodes that the Pod's nodeSelector and node affinity allow count (nodeAffinityPolicy: Honor). */
  readonly honorAffinity: boolean;
  /** Only nodes without taints that the Pod does not tolerate count (nodeTaintsPolicy: Honor). */
  readonly honorTaints: boolean;
}

const NONE: readonly SpreadConstraint[] = [];
const known = new Map<string, readonly SpreadConstraint[]>();
const MAX_KNOWN = 1_000;

/** The Pod's own constraints; Pods that say the same mostly share one list. */
export function constraintsOf(spec: PodSpec): readonly SpreadConstraint[] {
  const raw = spec.topologySpreadConstraints;
  if (!raw?.length) return NONE;
  const id = JSON.stringify(raw);
  let constraints = known.get(id);
  if (!constraints) {
    constraints = raw.map((each) => spreadConstraint(each, matcherOf(each.labelSelector)));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(id, constraints);
  }
  return constraints;
}

/** matchLabelKeys are in the selector already. */
export const spreadConstraint = (raw: Omit<Raw, 'labelSelector'>, selector: LabelMatcher): SpreadConstraint => ({
  whenUnsatisfiable: raw.whenUnsatisfiable as WhenUnsatisfiable,
  topologyKey: raw.topologyKey,
  maxSkew: raw.maxSkew,
  minDomains: raw.minDomains ?? 1,
  selector,
  honorAffinity: raw.nodeAffinityPolicy !== 'Ignore',
  honorTaints: raw.nodeTaintsPolicy === 'Honor',
});

/** Pods that count: of the namespace, selected, and not about to go. */
function spreadTally(index: PodIndex, namespace: string, selector: LabelMatcher): PodTally {
  return index.tally({
    ...(namespace === '' ? {} : { namespace }),
    id: `spread ${namespace} ${selector.nothing ? '-' : selector.toString()}`,
    matches: ({ pod: { metadata } }) =>
      (metadata.namespace ?? '') === namespace && !metadata.deletionTimestamp && selector.matches(metadata.labels),
  });
}

export const hasAllKeys = (labels: Node['metadata']['labels'], constraints: readonly SpreadConstraint[]): boolean =>
  constraints.every(({ topologyKey }) => labels?.[topologyKey] !== undefined);

/** A constraint with the counts that it is judged by. */
export interface Spread {
  readonly constraint: SpreadConstraint;
  readonly topology: Topology;
  readonly tally: PodTally;
  /** Whether the Pods of a node count; undefined when those of every node do. */
  readonly counts: ((node: NodeInfo) => boolean) | undefined;
}

const restrictsNodes = ({ nodeSelector, affinity }: PodSpec): boolean =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined ||
  (nodeSelector !== undefined && Object.keys(nodeSelector).length > 0);

/** Brings a Pod's constraints together with the cluster. `allKeys`: nodes that lack one of the labels do not count. */
export function spreads(
  { pod }: PodInfo,
  { index, topologies, marked, nodes }: Snapshot,
  constraints: readonly SpreadConstraint[],
  allKeys: boolean,
): Spread[] {
  const { spec, metadata } = pod;
  const keys = constraints.map(({ topologyKey }) => topologies.get(topologyKey));
  const lacking = allKeys && keys.some(({ labelled }) => labelled < nodes.length);
  return constraints.map((constraint, i) => {
    const byAffinity = constraint.honorAffinity && restrictsNodes(spec);
    const byTaints = constraint.honorTaints && marked.hardTaints > 0;
    const counts = (node: NodeInfo): boolean =>
      (!lacking || keys.every(({ ids }) => ids[node.row]! !== UNLABELLED)) &&
      (!byAffinity || matchesRequired(spec, node)) &&
      (!byTaints || node.hardTaints.every((taint) => isTolerated(taint, spec.tolerations)));
    return {
      constraint,
      topology: keys[i]!,
      tally: spreadTally(index, metadata.namespace ?? '', constraint.selector),
      counts: lacking || byAffinity || byTaints ? counts : undefined,
    };
  });
}
