import type { NodeDecision, SchedulingDecision } from './decision.ts';

/** A score that is not what it was. */
export interface ScoreChange {
  readonly plugin: string;
  /** Weighted; absent where the plugin had no say. */
  readonly before?: number;
  readonly after?: number;
}

/** A node about which two decisions differ. */
export interface NodeChange {
  readonly node: string;
  /** Absent where the node was not looked at. */
  readonly before?: NodeDecision;
  readonly after?: NodeDecision;
  /** In the order of the plugins, only those that changed. */
  readonly scores: readonly ScoreChange[];
  /** By how much the total has grown; absent unless both have one. */
  readonly totalBy?: number;
}

/** How a decision differs from an earlier one about the same Pod, or the same Pod in another run. */
export interface DecisionDifference {
  readonly same: boolean;
  readonly outcome?: {
    readonly before: SchedulingDecision['outcome'];
    readonly after: SchedulingDecision['outcome'];
  };
  /** The chosen node; absent where it is the same. */
  readonly node?: { readonly before?: string; readonly after?: string };
  /** Where the message of FailedScheduling is another one. */
  readonly message?: { readonly before?: string; readonly after?: string };
  /** Plugins whose weight has changed, or that only one of the two asked. */
  readonly weights: readonly ScoreChange[];
  /** In the order of the later decision; nodes that only the earlier one knows come last. */
  readonly nodes: readonly NodeChange[];
}

/** `before` and `after`, without what is undefined; undefined when they are the same. */
function change<T>(before: T | undefined, after: T | undefined): { before?: T; after?: T } | undefined {
  if (before === after) return undefined;
  return { ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Changes of named numbers, in the order of `after`, then of `before`. */
function changes(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): ScoreChange[] {
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((plugin) => {
    const changed = change(before.get(plugin), after.get(plugin));
    return changed ? [{ plugin, ...changed }] : [];
  });
}

const weighted = (node: NodeDecision | undefined): Map<string, number> =>
  new Map(node?.scores.map((score) => [score.plugin, score.weighted]));

function nodeChange(node: string, before: NodeDecision | undefined, after: NodeDecision | undefined): NodeChange[] {
  const scores = changes(weighted(before), weighted(after));
  const samePlace = before?.outcome === after?.outcome && before?.rejectedBy === after?.rejectedBy;
  const sameReasons = before?.reasons.join('\n') === after?.reasons.join('\n');
  if (samePlace && sameReasons && scores.length === 0 && before?.total === after?.total) return [];
  const totalBy =
    before?.total === undefined || after?.total === undefined ? {} : { totalBy: after.total - before.total };
  return [{ node, ...change(before, after), scores, ...totalBy }];
}

/** Compares two decisions: what became of each node, and which scores made the difference. */
export function differenceBetween(before: SchedulingDecision, after: SchedulingDecision): DecisionDifference {
  const earlier = new Map(before.nodes.map((each) => [each.node, each]));
  const later = new Map(after.nodes.map((each) => [each.node, each]));
  const nodes = [...new Set([...later.keys(), ...earlier.keys()])].flatMap((name) =>
    nodeChange(name, earlier.get(name), later.get(name)),
  );
  const weightsOf = ({ scorePlugins }: SchedulingDecision): Map<string, number> =>
    new Map(scorePlugins.map(({ plugin, weight }) => [plugin, weight]));
  const weights = changes(weightsOf(before), weightsOf(after));
  const node = change(before.node, after.node);
  const message = change(before.message, after.message);
  const outcome = before.outcome === after.outcome ? undefined : { before: before.outcome, after: after.outcome };
  return {
    same: !outcome && !node && !message && weights.length === 0 && nodes.length === 0,
    ...(outcome ? { outcome } : {}),
    ...(node ? { node } : {}),
    ...(message ? { message } : {}),
    weights,
    nodes,
  };
}
