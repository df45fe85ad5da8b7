import type { Attributes } from '../kernel/index.ts';
import { messageOf } from './framework/status.ts';
import { DETAIL_NODES, type Placement } from './scheduling-algorithm.ts';

/** What one plugin gave the feasible nodes, in their order. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  readonly normalised: readonly number[];
}

const TOP = 5;

/**
 * A scheduling decision as attributes of its span. Small clusters get all of it: `filter/<node>` says who
 * turned a node away and why; `feasible` names the others, and `score/<plugin>/raw|normalised|weighted` and
 * `total` have one number for each of them in that order; `tied` names those with the highest total. Large clusters get counts and the best few.
 */
export function describe(placement: Placement): Attributes {
  const { feasible, rejections, scores, totals, node } = placement;
  const attributes: Record<string, string | number | readonly string[] | readonly number[]> = {
    nodes: rejections.total,
    evaluatedNodes: feasible.length + rejections.nodes.length,
    feasibleNodes: feasible.length,
  };
  if (node) attributes['node'] = node.name;
  if (placement.status) attributes['preFilter'] = messageOf(placement.status);
  if (rejections.total > DETAIL_NODES) {
    summarise(placement, attributes);
    return attributes;
  }
  rejections.nodes.forEach((rejected, i) => {
    const { plugin, reasons } = rejections.statuses[i]!;
    attributes[`filter/${rejected.name}`] = [plugin, ...reasons];
  });
  attributes['feasible'] = feasible.map(({ name }) => name);
  for (const { plugin, weight, raw, normalised } of scores) {
    attributes[`score/${plugin}/weight`] = weight;
    attributes[`score/${plugin}/raw`] = raw;
    attributes[`score/${plugin}/normalised`] = normalised;
    attributes[`score/${plugin}/weighted`] = normalised.map((score) => score * weight);
  }
  if (scores.length > 0) {
    const total = [...totals.subarray(0, feasible.length)];
    attributes['total'] = total;
    const highest = Math.max(...total);
    // Chance has chosen among them.
    attributes['tied'] = feasible.filter((_, i) => total[i] === highest).map(({ name }) => name);
  }
  return attributes;
}

function summarise(
  { feasible, rejections, totals }: Placement,
  attributes: Record<string, string | number | readonly string[] | readonly number[]>,
): void {
  const counts = new Map<string, number>();
  for (const { plugin } of rejections.statuses) counts.set(plugin, (counts.get(plugin) ?? 0) + 1);
  for (const [plugin, count] of counts) attributes[`filtered/${plugin}`] = count;
  if (feasible.length < 2) return;
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
