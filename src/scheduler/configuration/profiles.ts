import type { Plugin, PluginEntry } from '../framework/plugin.ts';
import type { Profile, ProfilePoints } from '../profile.ts';
import { ConfigurationError } from './configuration-error.ts';
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  type KubeSchedulerConfiguration,
  type NodeResourcesFitArgs,
  type ProfileConfiguration,
} from './kube-scheduler-configuration.ts';
import { pluginsByPoint, type PointPlugins } from './plugin-sets.ts';
import { IN_TREE_PLUGINS, type PluginRegistry } from './registry.ts';

/** What of a plugin has to be there for it to take part at a point. */
const METHOD: Readonly<Record<ExtensionPoint, readonly (keyof Plugin)[]>> = {
  preEnqueue: ['preEnqueue'],
  queueSort: ['less'],
  preFilter: ['preFilter'],
  filter: ['filter'],
  postFilter: ['postFilter'],
  preScore: ['preScore'],
  score: ['score'],
  reserve: ['reserve', 'unreserve'],
  permit: ['permit'],
  preBind: ['preBind'],
  bind: ['bind'],
  postBind: ['postBind'],
};

/** A plugin as it is when nobody uses it yet: which points it extends can be seen from that. */
type Outline = (name: string) => Plugin;

const extendsPoint = (plugin: Plugin, point: ExtensionPoint): boolean =>
  METHOD[point].some((method) => plugin[method] !== undefined);

/**
 * The profiles of a configuration, with Kubernetes' defaults for what it leaves out. `outOfTree` are plugins beyond
 * kube-scheduler's own that it may name. Throws ConfigurationError.
 */
export function profilesOf(
  { profiles = [{}], percentageOfNodesToScore, extenders = [] }: KubeSchedulerConfiguration,
  outline: (entry: PluginEntry) => Plugin,
  outOfTree: PluginRegistry = new Map(),
): Profile[] {
  const ofExtenders = extenders.flatMap(({ managedResources = [] }) =>
    managedResources.flatMap(({ name, ignoredByScheduler }) => (ignoredByScheduler ? name : [])),
  );
  const registry = new Map([...IN_TREE_PLUGINS, ...outOfTree]);
  const fit = IN_TREE_PLUGINS.get('NodeResourcesFit')!;
  registry.set('NodeResourcesFit', (args: NodeResourcesFitArgs) =>
    fit({ ...args, ignoredResources: [...(args.ignoredResources ?? []), ...ofExtenders] }),
  );
  const read = profiles.map((profile) => readProfile(profile, percentageOfNodesToScore, outline, registry));
  const names = new Set<string>();
  for (const { schedulerName } of read) {
    if (names.has(schedulerName)) throw new ConfigurationError(`Two profiles are named "${schedulerName}".`);
    names.add(schedulerName);
  }
  const sorts = new Set(read.map(({ points }) => points?.queueSort?.join()));
  if (sorts.size > 1) throw new ConfigurationError('All profiles need to have the same plugin for queueSort.');
  return read;
}

function readProfile(
  { schedulerName = 'default-scheduler', plugins = {}, pluginConfig = [], ...own }: ProfileConfiguration,
  percentage: number | undefined,
  outline: (entry: PluginEntry) => Plugin,
  registry: PluginRegistry,
): Profile {
  const args = new Map<string, Readonly<Record<string, unknown>>>();
  for (const { name, args: given = {} } of pluginConfig) {
    if (!registry.has(name)) throw unknownPlugin(name, registry);
    if (args.has(name)) throw new ConfigurationError(`pluginConfig has arguments for "${name}" twice.`);
    args.set(name, given);
  }
  const entries = new Map<string, { readonly entry: PluginEntry; readonly plugin: Plugin }>();
  const entryOf = (name: string): { readonly entry: PluginEntry; readonly plugin: Plugin } => {
    let known = entries.get(name);
    if (!known) {
      const make = registry.get(name);
      if (!make) throw unknownPlugin(name, registry);
      const entry = { create: make(args.get(name) ?? {}) };
      known = { entry, plugin: outline(entry) };
      entries.set(name, known);
    }
    return known;
  };
  const outlineOf: Outline = (name) => entryOf(name).plugin;
  const byPoint = pluginsByPoint(plugins, (name, point) => extendsPoint(outlineOf(name), point));
  refuseUnusable(byPoint, schedulerName);
  refuseUnprepared(byPoint, outlineOf);
  const weights = byPoint.get('score')!.weights;
  const used = [...entries].filter(([name]) => EXTENSION_POINTS.some((p) => byPoint.get(p)!.names.includes(name)));
  const percentageOfNodesToScore = own.percentageOfNodesToScore ?? percentage;
  return {
    schedulerName,
    plugins: used.map(([name, { entry }]) => ({ ...entry, weight: weights.get(name) ?? 1 })),
    points: Object.fromEntries(EXTENSION_POINTS.map((point) => [point, byPoint.get(point)!.names])) as ProfilePoints,
    ...(percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore }),
  };
}

const unknownPlugin = (name: string, registry: PluginRegistry): ConfigurationError =>
  new ConfigurationError(`There is no plugin "${name}"; there are: ${[...registry.keys()].join(', ')}.`);

/** A filter needs what its plugin has found out in preFilter, a score what it has in preScore. */
function refuseUnprepared(byPoint: ReadonlyMap<ExtensionPoint, PointPlugins>, outlineOf: Outline): void {
  for (const [before, point] of [
    ['preFilter', 'filter'],
    ['preScore', 'score'],
  ] as const) {
    const prepared = byPoint.get(before)!.names;
    for (const name of byPoint.get(point)!.names) {
      if (prepared.includes(name) || !extendsPoint(outlineOf(name), before)) continue;
      throw new ConfigurationError(`Plugin "${name}" is enabled for ${point} and needs to be for ${before} as well.`);
    }
  }
}

function refuseUnusable(byPoint: ReadonlyMap<ExtensionPoint, PointPlugins>, schedulerName: string): void {
  const sorts = byPoint.get('queueSort')!.names;
  if (sorts.length !== 1) {
    throw new ConfigurationError(
      `Profile "${schedulerName}" needs exactly one plugin for queueSort, and has: ${sorts.join(', ') || 'none'}.`,
    );
  }
  if (byPoint.get('bind')!.names.length === 0) {
    throw new ConfigurationError(`Profile "${schedulerName}" needs at least one plugin for bind.`);
  }
}
