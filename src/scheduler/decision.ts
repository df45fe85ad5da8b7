import type { Attributes, AttributeValue, Span } from '../kernel/index.ts';

/** What one score plugin gave one node. */
export interface NodeScore {
  readonly plugin: string;
  /** As the plugin gave it, in its own unit. */
  readonly raw: number;
  /** Brought into 0 … 100. */
  readonly normalised: number;
  /** Times the weight that the profile gives the plugin: what counts. */
  readonly weighted: number;
}

/**
 * What became of one node in a decision:
 * - `chosen`: the Pod goes there.
 * - `feasible`: it passed every filter, but another one scored higher or won the draw.
 * - `rejected`: a filter, or an extender, turned it away.
 */
export type NodeOutcome = 'chosen' | 'feasible' | 'rejected';

/** One row of the matrix: a node that was looked at. */
export interface NodeDecision {
  readonly node: string;
  readonly outcome: NodeOutcome;
  /** The first filter that turned the node away; those after it were not asked. Only where rejected. */
  readonly rejectedBy?: string;
  /** Its reasons, in the words of FailedScheduling; empty unless rejected. */
  readonly reasons: readonly string[];
  /** In the order of `SchedulingDecision.scorePlugins`; empty where nodes did not have to be compared. */
  readonly scores: readonly NodeScore[];
  /** Sum of the weighted scores, with those of extenders; absent where nodes did not have to be compared. */
  readonly total?: number;
  /** Shares the highest total. Where several do, chance has chosen among them. */
  readonly tied: boolean;
}

/** What a filter plugin says about a node in the matrix. */
export type FilterVerdict =
  /** It lets the Pod in. */
  | 'passed'
  /** It turns the Pod away. */
  | 'rejected'
  /** A filter before it had turned the Pod away. */
  | 'not asked'
  /** It has nothing to say about this Pod, on any node (PreFilter returned Skip). */
  | 'skipped';

/** A score plugin that took part, and its multiplier. */
export interface WeightedPlugin {
  readonly plugin: string;
  readonly weight: number;
}

/** A node on which preemption could make room, and what that would cost. */
export interface PreemptionCandidate {
  readonly node: string;
  /** namespace/name of the Pods to evict, the most important first. */
  readonly victims: readonly string[];
  /** How many of them a PodDisruptionBudget would rather keep. */
  readonly violations: number;
}

/** What was tried to make room when the Pod fitted nowhere. */
export interface Preemption {
  /** Where room is being made; absent when that would have helped nowhere. */
  readonly node?: string;
  readonly candidates: readonly PreemptionCandidate[];
}

/**
 * One scheduling cycle that explains itself: which nodes were looked at, what each filter and each score plugin
 * said about each of them, and how the choice fell. In clusters too large for that (`detailed` is false)
 * `nodes` is empty, and `rejections` and `best` sum up.
 */
export interface SchedulingDecision {
  /** Id of its span in the trace. */
  readonly span: number;
  /** Virtual milliseconds since the Unix epoch. */
  readonly at: number;
  /** The scheduler that decided: its lane in the trace. */
  readonly component: string;
  /** The profile that was asked for: spec.schedulerName. */
  readonly profile: string;
  /** namespace/name. */
  readonly pod: string;
  /** How often this Pod has been tried by now, 1 at first. */
  readonly attempt: number;
  readonly outcome: 'scheduled' | 'unschedulable' | 'error';
  /** The chosen node; absent when there is none. */
  readonly node?: string;
  /** Room had been made for the Pod on this node: no other one was looked at. */
  readonly nominated: boolean;
  /** Why there is no node, as the FailedScheduling event says. */
  readonly message?: string;
  /** Nodes of the cluster, those looked at, those that passed. A search ends when enough have passed. */
  readonly nodeCount: number;
  readonly evaluatedCount: number;
  readonly feasibleCount: number;
  /** Plugins that named the only nodes worth looking at (PreFilter). */
  readonly narrowedBy: readonly string[];
  /** The filter plugins of the profile, in the order in which they are asked. */
  readonly filterPlugins: readonly string[];
  /** Those of them that have nothing to say about this Pod. */
  readonly skippedFilters: readonly string[];
  /** The score plugins that took part, in order; empty where nodes did not have to be compared. */
  readonly scorePlugins: readonly WeightedPlugin[];
  /** Whether `nodes` has every node that was looked at. */
  readonly detailed: boolean;
  /** Feasible ones first, each sort in the order in which they were looked at. */
  readonly nodes: readonly NodeDecision[];
  /** How many nodes each plugin turned away. */
  readonly rejections: readonly { readonly plugin: string; readonly nodes: number }[];
  /** The best few with their totals, best first. */
  readonly best: readonly { readonly node: string; readonly total: number }[];
  /** Set when nothing fitted and room was looked for. */
  readonly preemption?: Preemption;
}

/** A span as a reader of the trace has it, in the worker or in the page. */
export type DecisionSpan = Pick<Span, 'id' | 'component' | 'start' | 'attributes'>;

/** Set on the spans of scheduling cycles, and on no others. */
export const DECISION = 'decision';

const texts = (value: AttributeValue): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const numbers = (value: AttributeValue): readonly number[] => (Array.isArray(value) ? value.map(Number) : []);
const text = (value: AttributeValue): string => (typeof value === 'string' ? value : '');
const number = (value: AttributeValue): number => (typeof value === 'number' ? value : 0);

/** What follows `prefix` in the names of attributes. */
const after = (attributes: Attributes, prefix: string): string[] =>
  Object.keys(attributes).flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));

/** Reads the decision that a span records; undefined for spans of anything else, and of cycles not ended yet. */
export function readDecision({ id, component, start, attributes: a }: DecisionSpan): SchedulingDecision | undefined {
  const outcome = a[DECISION];
  if (outcome !== 'scheduled' && outcome !== 'unschedulable' && outcome !== 'error') return undefined;
  const node = text(a['node']);
  const message = text(a['message']);
  const scorePlugins = texts(a['scores']).map((plugin) => ({ plugin, weight: number(a[`score/${plugin}/weight`]) }));
  const nodes = readNodes(a, node, scorePlugins);
  const preemption = readPreemption(a);
  return {
    span: id,
    at: start,
    component,
    profile: text(a['profile']),
    pod: text(a['pod']),
    attempt: number(a['attempt']),
    outcome,
    ...(node === '' ? {} : { node }),
    nominated: a['nominated'] === true,
    ...(message === '' ? {} : { message }),
    nodeCount: number(a['nodes']),
    evaluatedCount: number(a['evaluatedNodes']),
    feasibleCount: number(a['feasibleNodes']),
    narrowedBy: texts(a['narrowedBy']),
    filterPlugins: texts(a['filters']),
    skippedFilters: texts(a['skippedFilters']),
    scorePlugins,
    detailed: a['feasible'] !== undefined,
    nodes,
    rejections: after(a, 'filtered/').map((plugin) => ({ plugin, nodes: number(a[`filtered/${plugin}`]) })),
    best: texts(a['top']).map((name, i) => ({ node: name, total: numbers(a['topTotal'])[i] ?? 0 })),
    ...(preemption ? { preemption } : {}),
  };
}

function readNodes(a: Attributes, chosen: string, plugins: readonly WeightedPlugin[]): NodeDecision[] {
  const tied = new Set(texts(a['tied']));
  const totals = numbers(a['total']);
  const columns = plugins.map(({ plugin }) => ({
    plugin,
    raw: numbers(a[`score/${plugin}/raw`]),
    normalised: numbers(a[`score/${plugin}/normalised`]),
    weighted: numbers(a[`score/${plugin}/weighted`]),
  }));
  const feasible = texts(a['feasible']).map((node, i): NodeDecision => {
    const total = totals[i];
    return {
      node,
      outcome: node === chosen ? 'chosen' : 'feasible',
      reasons: [],
      scores: columns.map(({ plugin, raw, normalised, weighted }) => ({
        plugin,
        raw: raw[i] ?? 0,
        normalised: normalised[i] ?? 0,
        weighted: weighted[i] ?? 0,
      })),
      ...(total === undefined ? {} : { total }),
      tied: tied.has(node),
    };
  });
  const rejected = after(a, 'filter/').map((node): NodeDecision => {
    const [rejectedBy = '', ...reasons] = texts(a[`filter/${node}`]);
    return { node, outcome: 'rejected', rejectedBy, reasons, scores: [], tied: false };
  });
  return [...feasible, ...rejected];
}

function readPreemption(a: Attributes): Preemption | undefined {
  if (a['preemption'] === undefined) return undefined;
  const node = text(a['preemption']);
  const candidates = after(a, 'victims/').map((candidate) => ({
    node: candidate,
    victims: texts(a[`victims/${candidate}`]),
    violations: number(a[`violations/${candidate}`]),
  }));
  return { ...(node === '' ? {} : { node }), candidates };
}

/** A cell of the matrix: what a filter plugin said about a node that was looked at. */
export function filterVerdict(
  { filterPlugins, skippedFilters }: SchedulingDecision,
  { rejectedBy }: NodeDecision,
  plugin: string,
): FilterVerdict {
  if (skippedFilters.includes(plugin)) return 'skipped';
  if (rejectedBy === undefined || rejectedBy === plugin) return rejectedBy === plugin ? 'rejected' : 'passed';
  // An extender is asked after every plugin.
  const last = filterPlugins.indexOf(rejectedBy);
  return last < 0 || filterPlugins.indexOf(plugin) < last ? 'passed' : 'not asked';
}
