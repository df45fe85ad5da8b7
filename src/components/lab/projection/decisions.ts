/** The scheduler's decisions, read from the trace. */
import type { ShownSpan } from '../../../lab/protocol.ts';
import {
  DECISION,
  filterVerdict,
  readDecision,
  type NodeDecision,
  type SchedulingDecision,
} from '../../../scheduler/decision.ts';

/** A decision of this run of the cluster, or of the one before it (before a reset, or before history was branched). */
export interface RunDecision {
  /** Tells it from every other of either run. */
  readonly key: string;
  readonly earlierRun: boolean;
  readonly decision: SchedulingDecision;
}

/** The decisions among spans that had begun by `until`, the newest first. */
export function decisionsAmong(spans: Iterable<ShownSpan>, until: number, earlierRun: boolean): RunDecision[] {
  const found: RunDecision[] = [];
  for (const span of spans) {
    if (span.attributes[DECISION] === undefined || span.start > until) continue;
    const decision = readDecision(span);
    if (decision) found.push({ key: `${earlierRun ? 'earlier' : 'now'} ${decision.span}`, earlierRun, decision });
  }
  return found.sort((a, b) => b.decision.span - a.decision.span);
}

/** A cell of the filters' half of the matrix. */
export interface FilterCell {
  readonly verdict: 'passed' | 'rejected' | 'not asked';
  readonly reasons: readonly string[];
}

/** A cell of the scores' half. */
export interface ScoreCell {
  readonly raw: number;
  readonly normalised: number;
  readonly weighted: number;
  /** Of what the plugin could have given: 0 … 1. */
  readonly share: number;
}

/** A decision as a matrix: a row for each plugin, a column for each node that was looked at. */
export interface DecisionMatrix {
  /** By name. */
  readonly nodes: readonly NodeDecision[];
  /** Those that had something to say; the last row may be an extender, which is no plugin of the profile. */
  readonly filters: readonly { readonly plugin: string; readonly cells: readonly FilterCell[] }[];
  readonly scores: readonly {
    readonly plugin: string;
    readonly weight: number;
    readonly cells: readonly (ScoreCell | undefined)[];
  }[];
}

const byName = (a: NodeDecision, b: NodeDecision): number => a.node.localeCompare(b.node, 'en', { numeric: true });

export function decisionMatrix(decision: SchedulingDecision): DecisionMatrix {
  const { filterPlugins, skippedFilters, scorePlugins } = decision;
  const nodes = [...decision.nodes].sort(byName);
  const asked = filterPlugins.filter((plugin) => !skippedFilters.includes(plugin));
  const others = nodes.flatMap(({ rejectedBy }) =>
    rejectedBy && !filterPlugins.includes(rejectedBy) ? rejectedBy : [],
  );
  const filters = [...asked, ...new Set(others)].map((plugin) => ({
    plugin,
    cells: nodes.map((node): FilterCell => {
      const verdict = filterVerdict(decision, node, plugin);
      return {
        verdict: verdict === 'skipped' ? 'passed' : verdict,
        reasons: verdict === 'rejected' ? node.reasons : [],
      };
    }),
  }));
  const scores = scorePlugins.map(({ plugin, weight }) => ({
    plugin,
    weight,
    cells: nodes.map((node): ScoreCell | undefined => {
      const score = node.scores.find((each) => each.plugin === plugin);
      return score && { ...score, share: Math.min(1, Math.max(0, score.normalised / 100)) };
    }),
  }));
  return { nodes, filters, scores };
}
