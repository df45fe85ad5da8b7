import type { Attributes, AttributeValue } from '../kernel/index.ts';
import { DECISION, type SchedulingDecision } from './decision.ts';
import type { PostFilterResult } from './framework/plugin.ts';
import { messageOf } from './framework/status.ts';
import type { RunningProfile } from './profile.ts';
import { DETAIL_NODES, type Placement } from './scheduling-algorithm.ts';

type Writing = Record<string, AttributeValue>;

/** How the cycle ended, beyond the search itself. */
export interface Ending {
  readonly outcome: SchedulingDecision['outcome'];
  /** Why there is no node. */
  readonly message?: string;
  readonly preemption?: PostFilterResult;
}

/** How many of the best nodes of a large cluster are named. */
const TOP = 5;

/**
 * A scheduling decision as attributes of its span; readDecision() reads them. Small clusters get all of it:
 * `filter/<node>` says who turned a node away and why; `feasible` names the others, and
 * `score/<plugin>/raw|normalised|weighted` and `total` have one number for each of them in that order; `tied`
 * names those with the highest total. Large clusters get counts and the best few.
 */
export function decisionAttributes(
  { schedulerName, framework }: RunningProfile,
  placement: Placement,
  { outcome, message, preemption }: Ending,
): Attributes {
  const { cycle, feasible, rejections, node } = placement;
  const attributes: Writing = {
    [DECISION]: outcome,
    profile: schedulerName,
    nodes: rejections.total,
    evaluatedNodes: feasible.length + rejections.nodes.length,
    feasibleNodes: feasible.length,
  };
  if (node) attributes['node'] = node.name;
  if (placement.nominated) attributes['nominated'] = true;
  if (message !== undefined) attributes['message'] = message;
  if (placement.status) attributes['preFilter'] = messageOf(placement.status);
  if (placement.narrowedBy.length > 0) attributes['narrowedBy'] = placement.narrowedBy;
  attributes['filters'] = framework.filterNames;
  attributes['skippedFilters'] = [...cycle.skippedFilters].flatMap(({ name, filter }) => (filter ? name : []));
  const counts = new Map<string, number>();
  for (const { plugin } of rejections.statuses) counts.set(plugin, (counts.get(plugin) ?? 0) + 1);
  for (const [plugin, count] of counts) attributes[`filtered/${plugin}`] = count;
  if (preemption) addPreemption(attributes, preemption);
  addBest(attributes, placement);
  if (rejections.total <= DETAIL_NODES) addMatrix(attributes, placement);
  return attributes;
}

function addMatrix(attributes: Writing, { feasible, rejections, scores, totals, node }: Placement): void {
  rejections.nodes.forEach((rejected, i) => {
    const { plugin, reasons } = rejections.statuses[i]!;
    attributes[`filter/${rejected.name}`] = [plugin, ...reasons];
  });
  attributes['feasible'] = feasible.map(({ name }) => name);
  if (!node || feasible.length < 2) return;
  attributes['scores'] = scores.map(({ plugin }) => plugin);
  for (const { plugin, weight, raw, normalised } of scores) {
    attributes[`score/${plugin}/weight`] = weight;
    attributes[`score/${plugin}/raw`] = raw;
    attributes[`score/${plugin}/normalised`] = normalised;
    attributes[`score/${plugin}/weighted`] = normalised.map((score) => score * weight);
  }
  const total = [...totals.subarray(0, feasible.length)];
  attributes['total'] = total;
  const highest = Math.max(...total);
  attributes['tied'] = feasible.filter((_, i) => total[i] === highest).map(({ name }) => name);
}

function addPreemption(attributes: Writing, { nominatedNodeName, candidates = [] }: PostFilterResult): void {
  attributes['preemption'] = nominatedNodeName ?? '';
  for (const { node, pods, violations } of candidates.slice(0, DETAIL_NODES)) {
    attributes[`victims/${node.name}`] = pods.map(({ key }) => key);
    if (violations > 0) attributes[`violations/${node.name}`] = violations;
  }
}

function addBest(attributes: Writing, { feasible, totals, node }: Placement): void {
  if (!node || feasible.length < 2) return;
  const best: number[] = [];
  for (let i = 0; i < feasible.length; i++) {
    if (best.length === TOP && totals[i]! <= totals[best[TOP - 1]!]!) continue;
    if (best.length === TOP) best.pop();
    let at = best.length;
    while (at > 0 && totals[best[at - 1]!]! < totals[i]!) at--;
    best.splice(at, 0, i);
  }
  attributes['top'] = best.map((i) => feasible[i]!.name);
  attributes['topTotal'] = best.map((i) => totals[i]!);
}
