import type { PluginEntry } from '../framework/plugin.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { defaultBinder } from './default-binder.ts';
import { defaultPreemption } from './default-preemption.ts';
import { dynamicResources } from './dynamic-resources.ts';
import { imageLocality } from './image-locality.ts';
import { interPodAffinity } from './inter-pod-affinity/inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread/pod-topology-spread.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { nodeVolumeLimits } from './volumes/node-volume-limits.ts';
import { volumeBinding } from './volumes/volume-binding.ts';
import { volumeRestrictions } from './volumes/volume-restrictions.ts';
import { volumeZone } from './volumes/volume-zone.ts';

/** The plugins of the default profile in their order, with the weights of their scores (default_plugins.go). */
export const defaultProfile: readonly PluginEntry[] = [
  { create: schedulingGates },
  { create: prioritySort },
  { create: nodeUnschedulable },
  { create: nodeName },
  { create: taintToleration, weight: 3 },
  { create: nodeAffinity, weight: 2 },
  { create: nodePorts },
  { create: nodeResourcesFit, weight: 1 },
  { create: volumeRestrictions },
  { create: nodeVolumeLimits },
  { create: volumeBinding },
  { create: volumeZone },
  { create: podTopologySpread, weight: 2 },
  { create: interPodAffinity, weight: 2 },
  { create: dynamicResources, weight: 2 },
  { create: defaultPreemption },
  { create: balancedAllocation, weight: 1 },
  { create: imageLocality, weight: 1 },
  { create: defaultBinder },
];
