import { ConfigurationError } from './configuration-error.ts';
import {
  EXTENSION_POINTS,
  type ExtensionPoint,
  type PluginRef,
  type Plugins,
  type PluginSet,
} from './kube-scheduler-configuration.ts';

/** The plugins of the default profile at the points that they implement (default_plugins.go). */
const DEFAULT_MULTI_POINT: readonly PluginRef[] = [
  { name: 'SchedulingGates' },
  { name: 'PrioritySort' },
  { name: 'NodeUnschedulable' },
  { name: 'NodeName' },
  { name: 'TaintToleration', weight: 3 },
  { name: 'NodeAffinity', weight: 2 },
  { name: 'NodePorts' },
  { name: 'NodeResourcesFit', weight: 1 },
  { name: 'VolumeRestrictions' },
  { name: 'NodeVolumeLimits' },
  { name: 'VolumeBinding' },
  { name: 'VolumeZone' },
  { name: 'PodTopologySpread', weight: 2 },
  { name: 'InterPodAffinity', weight: 2 },
  { name: 'DynamicResources', weight: 2 },
  { name: 'DefaultPreemption' },
  { name: 'NodeResourcesBalancedAllocation', weight: 1 },
  { name: 'ImageLocality', weight: 1 },
  { name: 'DefaultBinder' },
];

/** Which plugins take part at one point, in order. */
export interface PointPlugins {
  readonly names: readonly string[];
  readonly weights: ReadonlyMap<string, number>;
}

const namesOf = (refs: readonly PluginRef[] | undefined): Set<string> => new Set(refs?.map(({ name }) => name));

/** The default list as a profile changes it: what it enables again takes its place with the new weight. */
function mergeMultiPoint({ enabled = [], disabled }: PluginSet): PluginRef[] {
  const off = namesOf(disabled);
  const own = new Map(enabled.map((ref) => [ref.name, ref]));
  const kept = off.has('*') ? [] : DEFAULT_MULTI_POINT.filter(({ name }) => !off.has(name));
  const replaced = namesOf(kept.filter(({ name }) => own.has(name)));
  return [...kept.map((ref) => own.get(ref.name) ?? ref), ...enabled.filter(({ name }) => !replaced.has(name))];
}

function refuseTwice(refs: readonly PluginRef[] | undefined, where: string): void {
  const seen = new Set<string>();
  for (const { name } of refs ?? []) {
    if (seen.has(name)) throw new ConfigurationError(`${where} enables plugin "${name}" twice.`);
    seen.add(name);
  }
}

/**
 * The plugins of a profile, point by point. First come those that stand both at the point and in multiPoint, in
 * the order of the point, then the others of multiPoint, then the others of the point. What a point disables
 * takes no part there.
 */
export function pluginsByPoint(
  plugins: Plugins,
  implementsPoint: (name: string, point: ExtensionPoint) => boolean,
): ReadonlyMap<ExtensionPoint, PointPlugins> {
  const multi = mergeMultiPoint(plugins.multiPoint ?? {});
  refuseTwice(plugins.multiPoint?.enabled, 'multiPoint');
  const byPoint = new Map<ExtensionPoint, PointPlugins>();
  for (const point of EXTENSION_POINTS) {
    const { enabled: listed = [], disabled } = plugins[point] ?? {};
    refuseTwice(listed, point);
    const enabled = listed.filter(({ name }) => implementsPoint(name, point));
    const off = namesOf(disabled);
    const everywhere = off.has('*') ? [] : multi.filter(({ name }) => !off.has(name) && implementsPoint(name, point));
    const inBoth = namesOf(everywhere);
    const own = namesOf(enabled);
    const ordered = [
      ...enabled.filter(({ name }) => inBoth.has(name)),
      ...everywhere.filter(({ name }) => !own.has(name)),
      ...enabled.filter(({ name }) => !inBoth.has(name)),
    ];
    byPoint.set(point, {
      names: ordered.map(({ name }) => name),
      weights: new Map(ordered.map(({ name, weight }) => [name, weight || 1])),
    });
  }
  return byPoint;
}
