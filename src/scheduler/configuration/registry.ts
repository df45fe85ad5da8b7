import type { PluginFactory } from '../framework/plugin.ts';
import { balancedAllocation, balancedAllocationOf } from '../plugins/balanced-allocation.ts';
import { coscheduling } from '../plugins/coscheduling.ts';
import { defaultBinder } from '../plugins/default-binder.ts';
import { defaultPreemptionWith } from '../plugins/default-preemption.ts';
import { dynamicResources } from '../plugins/dynamic-resources.ts';
import { imageLocality } from '../plugins/image-locality.ts';
import { interPodAffinityWith } from '../plugins/inter-pod-affinity/inter-pod-affinity.ts';
import { nodeAffinityWith } from '../plugins/node-affinity.ts';
import { nodeName } from '../plugins/node-name.ts';
import { nodePorts } from '../plugins/node-ports.ts';
import { nodeResourcesFitBy, type IgnoredResources } from '../plugins/node-resources-fit.ts';
import { nodeUnschedulable } from '../plugins/node-unschedulable.ts';
import { podTopologySpread, podTopologySpreadBy } from '../plugins/pod-topology-spread/pod-topology-spread.ts';
import { prioritySort } from '../plugins/priority-sort.ts';
import { schedulingGates } from '../plugins/scheduling-gates.ts';
import type { ScoringStrategy } from '../plugins/scoring-strategy.ts';
import { taintToleration } from '../plugins/taint-toleration.ts';
import { nodeVolumeLimits } from '../plugins/volumes/node-volume-limits.ts';
import { volumeBinding, volumeBindingWithin } from '../plugins/volumes/volume-binding.ts';
import { volumeRestrictions } from '../plugins/volumes/volume-restrictions.ts';
import { volumeZone } from '../plugins/volumes/volume-zone.ts';
import { ConfigurationError } from './configuration-error.ts';
import type {
  CoschedulingArgs,
  DefaultPreemptionArgs,
  InterPodAffinityArgs,
  NodeAffinityArgs,
  NodeResourcesBalancedAllocationArgs,
  NodeResourcesFitArgs,
  PodTopologySpreadArgs,
  ResourceWeight,
  VolumeBindingArgs,
} from './kube-scheduler-configuration.ts';

/** Makes a plugin from its arguments; throws ConfigurationError. */
export type ConfigurablePlugin = (args: Readonly<Record<string, unknown>>) => PluginFactory;

/** Plugins that a configuration can name. */
export type PluginRegistry = ReadonlyMap<string, ConfigurablePlugin>;

const withWeights = (resources: readonly ResourceWeight[]): { name: string; weight: number }[] =>
  resources.map(({ name, weight }) => ({ name, weight: weight ?? 1 }));

function strategyOf({ scoringStrategy = {} }: NodeResourcesFitArgs): ScoringStrategy {
  const { type = 'LeastAllocated', requestedToCapacityRatio } = scoringStrategy;
  const resources = scoringStrategy.resources ? { resources: withWeights(scoringStrategy.resources) } : {};
  if (type === 'LeastAllocated' || type === 'MostAllocated') return { type, ...resources };
  if (type !== 'RequestedToCapacityRatio') {
    const known = 'LeastAllocated, MostAllocated, RequestedToCapacityRatio';
    throw new ConfigurationError(`NodeResourcesFit: there is no strategy "${String(type)}"; there are: ${known}.`);
  }
  const shape = requestedToCapacityRatio?.shape ?? [];
  if (shape.length === 0) {
    throw new ConfigurationError(
      'NodeResourcesFit: RequestedToCapacityRatio needs scoringStrategy.requestedToCapacityRatio.shape with at least one point.',
    );
  }
  shape.forEach(({ utilization, score }, i) => {
    const rises = i === 0 || utilization > shape[i - 1]!.utilization;
    if (rises && utilization >= 0 && utilization <= 100 && score >= 0 && score <= 10) return;
    throw new ConfigurationError(
      `NodeResourcesFit: point ${i} of the shape needs a utilization of 0 … 100, higher than that of the point before it, and a score of 0 … 10.`,
    );
  });
  return { type, ...resources, shape };
}

function nodeResourcesFit(args: NodeResourcesFitArgs): PluginFactory {
  const { ignoredResources = [], ignoredResourceGroups = [] } = args;
  const ignored: IgnoredResources | undefined =
    ignoredResources.length + ignoredResourceGroups.length === 0
      ? undefined
      : { names: new Set(ignoredResources), groups: new Set(ignoredResourceGroups) };
  return nodeResourcesFitBy(strategyOf(args), ignored);
}

function podTopologySpreadOf({ defaultConstraints, defaultingType = 'System' }: PodTopologySpreadArgs): PluginFactory {
  if (defaultingType === 'List') return podTopologySpreadBy(defaultConstraints ?? []);
  if (defaultConstraints?.length) {
    throw new ConfigurationError('PodTopologySpread: set defaultingType to List where there are defaultConstraints.');
  }
  return podTopologySpread;
}

function interPodAffinityOf(args: InterPodAffinityArgs): PluginFactory {
  const { hardPodAffinityWeight = 1 } = args;
  if (hardPodAffinityWeight >= 0 && hardPodAffinityWeight <= 100) return interPodAffinityWith(args);
  throw new ConfigurationError('InterPodAffinity: hardPodAffinityWeight needs to be in 0 … 100.');
}

const balancedOf = ({ resources }: NodeResourcesBalancedAllocationArgs): PluginFactory =>
  resources ? balancedAllocationOf(resources.map(({ name }) => name)) : balancedAllocation;

const volumeBindingOf = ({ bindTimeoutSeconds }: VolumeBindingArgs): PluginFactory =>
  bindTimeoutSeconds === undefined ? volumeBinding : volumeBindingWithin(bindTimeoutSeconds * 1_000);

/** The plugins that every configuration can name: those of kube-scheduler, and Coscheduling. */
export const IN_TREE_PLUGINS: PluginRegistry = new Map<string, ConfigurablePlugin>([
  ['SchedulingGates', () => schedulingGates],
  ['PrioritySort', () => prioritySort],
  ['NodeUnschedulable', () => nodeUnschedulable],
  ['NodeName', () => nodeName],
  ['TaintToleration', () => taintToleration],
  ['NodeAffinity', ({ addedAffinity }: NodeAffinityArgs) => nodeAffinityWith(addedAffinity ?? {})],
  ['NodePorts', () => nodePorts],
  ['NodeResourcesFit', nodeResourcesFit],
  ['VolumeRestrictions', () => volumeRestrictions],
  ['NodeVolumeLimits', () => nodeVolumeLimits],
  ['VolumeBinding', volumeBindingOf],
  ['VolumeZone', () => volumeZone],
  ['PodTopologySpread', podTopologySpreadOf],
  ['InterPodAffinity', interPodAffinityOf],
  ['DynamicResources', () => dynamicResources],
  ['DefaultPreemption', (args: DefaultPreemptionArgs) => defaultPreemptionWith(args)],
  ['NodeResourcesBalancedAllocation', balancedOf],
  ['ImageLocality', () => imageLocality],
  ['DefaultBinder', () => defaultBinder],
  // Not of kube-scheduler; profiles have to ask for it.
  [
    'Coscheduling',
    ({ permitWaitingTimeSeconds }: CoschedulingArgs) =>
      coscheduling(permitWaitingTimeSeconds === undefined ? undefined : permitWaitingTimeSeconds * 1_000),
  ],
]);
