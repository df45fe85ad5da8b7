import { ApiError } from '../../api/status.ts';
import type { Pod } from '../../api/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { ExtensionPoint } from '../configuration/kube-scheduler-configuration.ts';
import { EXTENDER } from '../extender.ts';
import type { ProfilePoints } from '../profile.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { Action, ClusterEvent } from './cluster-event.ts';
import { stateKey, type Cycle } from './cycle.ts';
import type { Handle, Plugin, PluginEntry, PostFilterResult, Rejections } from './plugin.ts';
import { failed, isRejected, status, type Status } from './status.ts';

type Having<K extends keyof Plugin> = Plugin & Required<Pick<Plugin, K>>;

export interface ScorePlugin {
  readonly plugin: Having<'score'>;
  readonly weight: number;
}

/** What the PreFilter plugins agree on. */
export interface PreFiltered {
  readonly status?: Status;
  readonly nodeNames?: ReadonlySet<string>;
  /** Plugins that narrowed the search. */
  readonly narrowedBy: readonly string[];
}

/** Whether a Pod may be bound: now, unless someone refuses it or wants it to wait. */
export interface Permission {
  readonly refusal?: Status;
  /** The plugins to wait for, each with its time limit in milliseconds. */
  readonly waitFor?: ReadonlyMap<string, number>;
}

const PERMITTED: Permission = Object.freeze({});

const FILTERS = stateKey<readonly Having<'filter'>[]>();

/** A profile: the plugins in their order, run extension point by extension point. */
export class Framework {
  readonly plugins: readonly Plugin[];
  readonly #byName = new Map<string, Plugin>();
  readonly #weights = new Map<Plugin, number>();
  readonly #preFilters: readonly Having<'preFilter'>[];
  readonly #filters: readonly Having<'filter'>[];
  readonly #idlers: readonly Plugin[];
  readonly #trials: readonly Plugin[];
  readonly #preScores: readonly Having<'preScore'>[];
  readonly #scores: readonly Having<'score'>[];
  readonly #reserves: readonly Plugin[];
  readonly #permits: readonly Having<'permit'>[];
  readonly #preBinds: readonly Having<'preBind'>[];
  readonly #binds: readonly Having<'bind'>[];
  readonly #postBinds: readonly Having<'postBind'>[];
  readonly #preEnqueues: readonly Having<'preEnqueue'>[];
  readonly #postFilters: readonly Having<'postFilter'>[];
  readonly #sort: Having<'less'>;
  readonly #interests = new Map<string, ReadonlyMap<Action, (pod: PodInfo, event: ClusterEvent) => boolean>>();

  /** `points` says which plugins take part at an extension point, where not all do that extend it. */
  constructor(entries: readonly PluginEntry[], handle: Handle, points: ProfilePoints = {}) {
    this.plugins = entries.map(({ create, weight }) => {
      const plugin = create(handle);
      this.#byName.set(plugin.name, plugin);
      this.#weights.set(plugin, weight ?? 1);
      return plugin;
    });
    const at = (point: ExtensionPoint): readonly Plugin[] =>
      points[point]?.flatMap((name) => this.#byName.get(name) ?? []) ?? this.plugins;
    const having = <K extends keyof Plugin>(point: ExtensionPoint, method: K): Having<K>[] =>
      at(point).filter((plugin): plugin is Having<K> => plugin[method] !== undefined);
    this.#preEnqueues = having('preEnqueue', 'preEnqueue');
    this.#preFilters = having('preFilter', 'preFilter');
    this.#filters = having('filter', 'filter');
    this.#idlers = this.#filters.filter((plugin) => plugin.passesEverywhere !== undefined);
    this.#trials = this.#preFilters.filter(({ addPod, removePod }) => addPod ?? removePod);
    this.#postFilters = having('postFilter', 'postFilter');
    this.#preScores = having('preScore', 'preScore');
    this.#scores = having('score', 'score');
    this.#reserves = at('reserve').filter(({ reserve, unreserve }) => reserve ?? unreserve);
    this.#permits = having('permit', 'permit');
    this.#preBinds = having('preBind', 'preBind');
    this.#binds = having('bind', 'bind');
    this.#postBinds = having('postBind', 'postBind');
    const [sort] = having('queueSort', 'less');
    if (!sort) throw new Error('A scheduler profile needs one plugin that orders the queue, such as PrioritySort.');
    this.#sort = sort;
    for (const plugin of this.plugins) this.#interests.set(plugin.name, interestsOf(plugin));
  }

  /** The filter plugins in the order in which they are asked. */
  get filterNames(): readonly string[] {
    return this.#filters.map(({ name }) => name);
  }

  less(a: QueuedPod, b: QueuedPod): number {
    return this.#sort.less(a, b);
  }

  preEnqueue(pod: Pod): Status | undefined {
    for (const plugin of this.#preEnqueues) {
      const refusal = plugin.preEnqueue(pod);
      if (refusal) return refusal;
    }
    return undefined;
  }

  /** Whether an event may make a Pod schedulable that the named plugin has rejected. */
  helps(pluginName: string, pod: PodInfo, event: ClusterEvent): boolean {
    if (pluginName === EXTENDER) return true;
    return this.#interests.get(pluginName)?.get(event.action)?.(pod, event) ?? false;
  }

  /** Whether the named plugin wants to hear of such events at all. */
  cares(pluginName: string, action: Action): boolean {
    return pluginName === EXTENDER || (this.#interests.get(pluginName)?.has(action) ?? false);
  }

  preFilter(cycle: Cycle): PreFiltered {
    let nodeNames: ReadonlySet<string> | undefined;
    const narrowedBy: string[] = [];
    for (const plugin of this.#preFilters) {
      const result = plugin.preFilter(cycle);
      if (!result) continue;
      if (result.status?.code === 'Skip') {
        cycle.skippedFilters.add(plugin);
        continue;
      }
      if (result.status && isRejected(result.status)) return { status: result.status, narrowedBy };
      if (result.status) {
        return { status: failed(result.status, `running PreFilter plugin "${plugin.name}"`), narrowedBy };
      }
      if (!result.nodeNames) continue;
      nodeNames = nodeNames ? nodeNames.intersection(result.nodeNames) : result.nodeNames;
      narrowedBy.push(plugin.name);
      if (nodeNames.size === 0) {
        const reason =
          narrowedBy.length > 1
            ? `node(s) didn't satisfy plugin(s) [${[...narrowedBy].sort().join(' ')}] simultaneously`
            : `node(s) didn't satisfy plugin ${plugin.name}`;
        return { status: status('UnschedulableAndUnresolvable', plugin.name, reason), narrowedBy };
      }
    }
    for (const plugin of this.#idlers) if (plugin.passesEverywhere?.(cycle)) cycle.idleFilters.add(plugin);
    cycle.trialsByNumbers = this.filters(cycle).every(({ filtersByNumbers }) => filtersByNumbers);
    return { ...(nodeNames ? { nodeNames } : {}), narrowedBy };
  }

  /** The filters that concern this cycle's Pod, in order; known once its PreFilter plugins have been asked. */
  filters(cycle: Cycle): readonly Having<'filter'>[] {
    if (cycle.skippedFilters.size + cycle.idleFilters.size === 0) return this.#filters;
    let filters = cycle.read(FILTERS);
    if (!filters) {
      filters = this.#filters.filter((plugin) => !cycle.skippedFilters.has(plugin) && !cycle.idleFilters.has(plugin));
      cycle.write(FILTERS, filters);
    }
    return filters;
  }

  /** What the first filter that turns the node down says; undefined when all let the Pod in. */
  filter(filters: readonly Having<'filter'>[], cycle: Cycle, node: NodeInfo): Status | undefined {
    for (let i = 0; i < filters.length; i++) {
      const verdict = filters[i]!.filter(cycle, cycle.pod, node);
      if (verdict) return verdict;
    }
    return undefined;
  }

  /**
   * The same where other Pods are nominated to the node: the Pod has to fit with them there, whose room it
   * must not take, and without them, on whose being there it must not rely.
   */
  filterBeside(nominated: readonly PodInfo[], cycle: Cycle, node: NodeInfo): Status | undefined {
    const filters = this.filters(cycle);
    for (const pod of nominated) this.addPod(cycle, pod, node);
    const verdict = this.filter(filters, cycle, node);
    for (const pod of nominated) this.removePod(cycle, pod, node);
    return verdict ?? (nominated.length > 0 ? this.filter(filters, cycle, node) : undefined);
  }

  addPod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    if (cycle.trialsByNumbers) {
      node.use(pod, 1);
      return;
    }
    node.addPod(pod);
    for (const plugin of this.#trials) plugin.addPod?.(cycle, pod, node);
  }

  removePod(cycle: Cycle, pod: PodInfo, node: NodeInfo): void {
    if (cycle.trialsByNumbers) {
      node.use(pod, -1);
      return;
    }
    node.removePod(pod.key);
    for (const plugin of this.#trials) plugin.removePod?.(cycle, pod, node);
  }

  /** Lets plugins make room, until one does. The reasons of those that cannot are put together. */
  postFilter(cycle: Cycle, rejections: Rejections): PostFilterResult {
    const reasons: string[] = [];
    let nominated: PostFilterResult = {};
    for (const plugin of this.#postFilters) {
      const result = plugin.postFilter(cycle, rejections);
      if (!result.status) return result;
      if (result.status.code === 'UnschedulableAndUnresolvable' || !isRejected(result.status)) return result;
      if (result.nominatedNodeName !== undefined) nominated = result;
      reasons.push(...result.status.reasons);
    }
    return { ...nominated, status: status('Unschedulable', '', ...reasons) };
  }

  /** The score plugins that concern this cycle's Pod, in order. */
  scores(cycle: Cycle, nodes: readonly NodeInfo[]): ScorePlugin[] {
    for (const plugin of this.#preScores) {
      if (plugin.preScore(cycle, nodes)?.code === 'Skip') cycle.skippedScores.add(plugin);
    }
    const active: ScorePlugin[] = [];
    for (const plugin of this.#scores) {
      if (!cycle.skippedScores.has(plugin)) active.push({ plugin, weight: this.#weights.get(plugin)! });
    }
    return active;
  }

  reserve(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#reserves) {
      const refusal = plugin.reserve?.(cycle, pod, nodeName);
      if (refusal) return isRejected(refusal) ? refusal : failed(refusal, `running Reserve plugin "${plugin.name}"`);
    }
    return undefined;
  }

  /** Undoes reservations, last first. */
  unreserve(cycle: Cycle, pod: PodInfo, nodeName: string): void {
    for (let i = this.#reserves.length - 1; i >= 0; i--) this.#reserves[i]!.unreserve?.(cycle, pod, nodeName);
  }

  /** What the Permit plugins say together. */
  permit(cycle: Cycle, pod: PodInfo, nodeName: string): Permission {
    let waitFor: Map<string, number> | undefined;
    for (const plugin of this.#permits) {
      const result = plugin.permit(cycle, pod, nodeName);
      if (!result) continue;
      if (isRejected(result.status)) return { refusal: result.status };
      if (result.status.code !== 'Wait') {
        return { refusal: failed(result.status, `running Permit plugin "${plugin.name}"`) };
      }
      (waitFor ??= new Map()).set(plugin.name, result.timeoutMs ?? Infinity);
    }
    return waitFor ? { waitFor } : PERMITTED;
  }

  needsPreBind(cycle: Cycle, pod: PodInfo, nodeName: string): boolean {
    return this.#preBinds.some((plugin) => plugin.needsPreBind?.(cycle, pod, nodeName) ?? false);
  }

  /** Undefined when every plugin is done; Wait when one needs more time. */
  preBind(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#preBinds) {
      const verdict = answerOf(plugin.name, () => plugin.preBind(cycle, pod, nodeName));
      if (!verdict) continue;
      if (verdict.code === 'Wait' || isRejected(verdict)) return verdict;
      return failed(verdict, `running PreBind plugin "${plugin.name}"`);
    }
    return undefined;
  }

  bind(cycle: Cycle, pod: PodInfo, nodeName: string): Status | undefined {
    for (const plugin of this.#binds) {
      const result = plugin.bind(cycle, pod, nodeName);
      if (result?.code !== 'Skip') return result;
    }
    return status('Error', '', 'no plugin has bound the Pod');
  }

  postBind(cycle: Cycle, pod: PodInfo, nodeName: string): void {
    for (const plugin of this.#postBinds) plugin.postBind(cycle, pod, nodeName);
  }
}

/** What a plugin answers, or the API's refusal as an error of the plugin. */
function answerOf(plugin: string, ask: () => Status | undefined): Status | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof ApiError) return status('Error', plugin, error.message);
    throw error;
  }
}

function interestsOf(plugin: Plugin): ReadonlyMap<Action, (pod: PodInfo, event: ClusterEvent) => boolean> {
  const interests = new Map<Action, (pod: PodInfo, event: ClusterEvent) => boolean>();
  for (const { actions, helps } of plugin.events ?? []) {
    for (const action of actions) interests.set(action, helps ?? (() => true));
  }
  return interests;
}
