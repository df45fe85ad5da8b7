import type { Random } from '../kernel/index.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { Snapshot } from './cache/snapshot.ts';
import { EXTENDER, filterByExtenders, scoreByExtenders, type Extender } from './extender.ts';
import { Cycle } from './framework/cycle.ts';
import type { Framework } from './framework/framework.ts';
import { MAX_NODE_SCORE, type Rejections } from './framework/plugin.ts';
import type { RunningProfile } from './profile.ts';
import type { Nominations } from './preemption/nominations.ts';
import { failed, isRejected, status, type Status } from './framework/status.ts';
import { nodesToFind } from './sampling.ts';

/** What one plugin gave the feasible nodes, in their order. */
export interface PluginScores {
  readonly plugin: string;
  readonly weight: number;
  readonly raw: readonly number[];
  readonly normalised: readonly number[];
}

/** How the search for a node ended. */
export interface Placement {
  readonly cycle: Cycle;
  /** Undefined when no node was found. */
  readonly node?: NodeInfo;
  /** The nodes that would do. The list is reused by the next search. */
  readonly feasible: readonly NodeInfo[];
  readonly rejections: Rejections;
  /** Set when a PreFilter plugin has rejected the Pod, or something went wrong. */
  readonly status?: Status;
  /** The node is the one where room had been made for the Pod: no other was looked at. */
  readonly nominated: boolean;
  /** Plugins that named the only nodes worth looking at. */
  readonly narrowedBy: readonly string[];
  /** Plugins that rejected the Pod on some node. */
  readonly rejectedBy: ReadonlySet<string>;
  /** Scores per plugin, where nodes had to be compared and `detail` was asked for. */
  readonly scores: readonly PluginScores[];
  readonly totals: Float64Array;
}

/** What of a profile a search goes by. */
export type SchedulingProfile = Pick<RunningProfile, 'framework' | 'percentageOfNodesToScore'>;

interface Search {
  readonly candidates: readonly NodeInfo[];
  /** How many feasible nodes are enough. */
  readonly wanted: number;
  /** Stands for the nodes that are no candidates. */
  readonly absent: Status | undefined;
  /** Of all nodes. */
  readonly total: number;
}

/** Most nodes for which a placement says in detail what each plugin gave each node. */
export const DETAIL_NODES = 50;

const NOBODY: readonly PodInfo[] = [];
const NO_SCORES: readonly PluginScores[] = [];

/** Finds the best node for one Pod at a time: filter, then score (schedulePod). */
export class SchedulingAlgorithm {
  readonly #snapshot: Snapshot;
  readonly #nominations: Nominations;
  readonly #random: Random;
  readonly #extenders: readonly Extender[];
  /** Where the next search begins: every node gets its turn although searches stop early. */
  #start = 0;
  readonly #feasible: NodeInfo[] = [];
  #scores = new Float64Array(64);
  #totals = new Float64Array(64);

  constructor(snapshot: Snapshot, nominations: Nominations, random: Random, extenders: readonly Extender[] = []) {
    this.#extenders = extenders;
    this.#snapshot = snapshot;
    this.#nominations = nominations;
    this.#random = random;
  }

  /** `detail` keeps the scores of each plugin. */
  place(profile: SchedulingProfile, pod: PodInfo, detail: boolean): Placement {
    const { framework, percentageOfNodesToScore } = profile;
    const cycle = new Cycle(pod, this.#snapshot);
    const all = this.#snapshot.nodes;
    const feasible = this.#feasible;
    feasible.length = 0;
    const rejectedBy = new Set<string>();
    const pre = framework.preFilter(cycle);
    const { narrowedBy } = pre;
    const found = { cycle, feasible, rejectedBy, narrowedBy, scores: NO_SCORES, totals: this.#totals };
    const base = { ...found, nominated: false };
    if (pre.status) {
      const failure = pre.status;
      if (isRejected(failure)) rejectedBy.add(failure.plugin);
      const rejections = { total: all.length, nodes: [], statuses: [], absent: failure };
      return { ...base, rejections, status: failure };
    }
    for (const plugin of narrowedBy) rejectedBy.add(plugin);
    const nominated = this.#nominated(framework, cycle);
    if (nominated) {
      feasible.push(nominated);
      return {
        ...base,
        nominated: true,
        rejections: { total: all.length, nodes: [], statuses: [], absent: undefined },
        node: nominated,
      };
    }
    const candidates = pre.nodeNames ? all.filter(({ name }) => pre.nodeNames!.has(name)) : all;
    const wanted = nodesToFind(candidates.length, percentageOfNodesToScore);
    const search = { candidates, wanted, absent: narrowed(narrowedBy), total: all.length };
    const rejections = this.#filter(framework, cycle, search, rejectedBy);
    if (rejections.failure) return { ...base, rejections, status: rejections.failure };
    if (feasible.length <= 1) {
      return { ...base, rejections, ...(feasible[0] ? { node: feasible[0] } : {}) };
    }
    const scores = this.#score(framework, cycle, detail);
    if ('code' in scores) return { ...base, rejections, status: scores };
    return { ...base, rejections, scores, totals: this.#totals, node: this.#best() };
  }

  /** The node where room has been made for the Pod, once the Pod fits there. */
  #nominated(framework: Framework, cycle: Cycle): NodeInfo | undefined {
    const name = cycle.pod.pod.status?.nominatedNodeName;
    const node = name ? this.#snapshot.get(name) : undefined;
    if (!node) return undefined;
    return framework.filterBeside(this.#nominations.ahead(cycle.pod, node), cycle, node) ? undefined : node;
  }

  #filter(
    framework: Framework,
    cycle: Cycle,
    { candidates, wanted, absent, total }: Search,
    rejectedBy: Set<string>,
  ): Rejections & { failure?: Status } {
    const { pod } = cycle;
    const filters = framework.filters(cycle);
    const anyNominated = this.#nominations.size > 0;
    const feasible = this.#feasible;
    const nodes: NodeInfo[] = [];
    const statuses: Status[] = [];
    const count = candidates.length;
    let failure: Status | undefined;
    let last: Status | undefined;
    for (let i = 0, at = count ? this.#start % count : 0; i < count && feasible.length < wanted; i++) {
      const node = candidates[at]!;
      if (++at === count) at = 0;
      const ahead = anyNominated ? this.#nominations.ahead(pod, node) : NOBODY;
      const verdict =
        ahead.length === 0 ? framework.filter(filters, cycle, node) : framework.filterBeside(ahead, cycle, node);
      if (verdict === undefined) {
        feasible.push(node);
        continue;
      }
      if (!isRejected(verdict)) {
        failure = failed(verdict, `running "${verdict.plugin}" filter plugin`);
        break;
      }
      nodes.push(node);
      statuses.push(verdict);
      if (verdict !== last) rejectedBy.add(verdict.plugin);
      last = verdict;
    }
    if (total > 0) this.#start = (this.#start + feasible.length + nodes.length) % total;
    if (!failure && this.#extenders.length > 0) {
      failure = filterByExtenders(this.#extenders, pod, feasible, (node, why) => {
        nodes.push(node);
        statuses.push(why);
        rejectedBy.add(EXTENDER);
      });
    }
    return { total, nodes, statuses, absent, ...(failure ? { failure } : {}) };
  }

  /** Adds up the weighted scores of the feasible nodes in #totals; an error when a plugin's are none. */
  #score(framework: Framework, cycle: Cycle, detail: boolean): readonly PluginScores[] | Status {
    const nodes = this.#feasible;
    const count = nodes.length;
    if (this.#scores.length < count) {
      this.#scores = new Float64Array(count * 2);
      this.#totals = new Float64Array(count * 2);
    }
    const scores = this.#scores;
    const totals = this.#totals;
    totals.fill(0, 0, count);
    const details: PluginScores[] = [];
    for (const { plugin, weight } of framework.scores(cycle, nodes)) {
      plugin.score(cycle, nodes, scores);
      const raw = detail ? [...scores.subarray(0, count)] : undefined;
      plugin.normalizeScore?.(cycle, scores, count);
      for (let i = 0; i < count; i++) {
        const score = scores[i]!;
        // Neither does NaN pass.
        if (!(score >= 0 && score <= MAX_NODE_SCORE)) return invalidScore(plugin.name, score);
        totals[i]! += weight * score;
      }
      if (raw) details.push({ plugin: plugin.name, weight, raw, normalised: [...scores.subarray(0, count)] });
    }
    if (this.#extenders.length > 0) {
      const before = detail ? totals.slice(0, count) : totals;
      scoreByExtenders(this.#extenders, cycle.pod, nodes, totals);
      if (detail) details.push(extenderScores([...before].map((total, i) => totals[i]! - total)));
    }
    return details;
  }

  /** The node with the highest total; among equals each is as likely as the others. */
  #best(): NodeInfo {
    const nodes = this.#feasible;
    const totals = this.#totals;
    let highest = -1;
    let equals = 0;
    for (let i = 0; i < nodes.length; i++) {
      if (totals[i]! > highest) {
        highest = totals[i]!;
        equals = 1;
      } else if (totals[i] === highest) {
        equals++;
      }
    }
    let nth = equals === 1 ? 0 : this.#random.int(equals);
    let at = 0;
    while (totals[at] !== highest || nth-- > 0) at++;
    return nodes[at]!;
  }
}

/** What the extenders have added, all of them together, weighted already. */
const extenderScores = (added: readonly number[]): PluginScores => ({
  plugin: EXTENDER,
  weight: 1,
  raw: added,
  normalised: added,
});

const invalidScore = (plugin: string, score: number): Status =>
  status(
    'Error',
    plugin,
    `applying score defaultWeights on Score plugins: plugin "${plugin}" returns an invalid score ${score}, it should in the range of [0, ${MAX_NODE_SCORE}] after normalizing`,
  );

/** What to say of the nodes that plugins have excluded by naming others. */
const narrowed = (plugins: readonly string[]): Status | undefined =>
  plugins.length === 0
    ? undefined
    : status('UnschedulableAndUnresolvable', '', `node(s) didn't satisfy plugin(s) [${[...plugins].sort().join(' ')}]`);
