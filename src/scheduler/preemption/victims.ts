import type { PodDisruptionBudget } from '../../api/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Cycle } from '../framework/cycle.ts';
import type { Handle } from '../framework/plugin.ts';
import { status, type Status } from '../framework/status.ts';
import { splitByBudget } from './disruption-budgets.ts';

const NO_VICTIMS = status(
  'UnschedulableAndUnresolvable',
  'DefaultPreemption',
  'No preemption victims found for incoming pod',
);

/** The Pods to evict from a node. */
export interface Victims {
  /** Most important first: higher priority, then longer running. */
  readonly pods: readonly PodInfo[];
  /** How many of them a PodDisruptionBudget would rather keep. */
  readonly violations: number;
}

/** The Pods to evict from a node so that the cycle's Pod fits; or why eviction does not help. */
export function selectVictims(
  cycle: Cycle,
  node: NodeInfo,
  budgets: readonly PodDisruptionBudget[],
  handle: Handle,
): Victims | Status {
  const { fits, addPod, removePod } = handle;
  const lower: PodInfo[] = [];
  for (const pod of node.pods.values()) if (pod.priority < cycle.pod.priority) lower.push(pod);
  if (lower.length === 0) return NO_VICTIMS;
  // What is tried here is tried on the node itself, and undone before anyone else looks.
  for (const pod of lower) removePod(cycle, pod, node);
  const verdict = fits(cycle, node);
  if (verdict) {
    for (const pod of lower) addPod(cycle, pod, node);
    return verdict;
  }
  const byImportance = lower.sort(byImportanceOf);
  const { violating, others } = splitByBudget(byImportance, budgets);
  const victims: PodInfo[] = [];
  const reprieve = (pod: PodInfo): void => {
    addPod(cycle, pod, node);
    if (!fits(cycle, node)) return;
    removePod(cycle, pod, node);
    victims.push(pod);
  };
  violating.forEach(reprieve);
  const violations = victims.length;
  others.forEach(reprieve);
  for (const pod of victims) addPod(cycle, pod, node);
  const pods =
    violating.length > 0 && others.length > 0 ? byImportance.filter((pod) => victims.includes(pod)) : victims;
  return { pods, violations };
}

const byImportanceOf = (a: PodInfo, b: PodInfo): number => {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.startTime < b.startTime ? -1 : a.startTime > b.startTime ? 1 : 0;
};
