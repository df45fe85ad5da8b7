import { parseTime } from '../../api/meta.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { Cycle } from '../framework/cycle.ts';
import type { Handle } from '../framework/plugin.ts';
import { status, type Status } from '../framework/status.ts';

const NO_VICTIMS = status(
  'UnschedulableAndUnresolvable',
  'DefaultPreemption',
  'No preemption victims found for incoming pod',
);

/** When a Pod was started by its kubelet, milliseconds; one not started yet counts as started now. */
export const startOf = ({ pod }: PodInfo, now: number): number =>
  pod.status?.startTime ? parseTime(pod.status.startTime as string) : now;

/** The Pods to evict from a node so that the cycle's Pod fits, most important first; or why eviction does not help. */
export function selectVictims(
  cycle: Cycle,
  node: NodeInfo,
  { fits, addPod, removePod, now }: Handle,
): readonly PodInfo[] | Status {
  const lower = [...node.pods.values()].filter(({ priority }) => priority < cycle.pod.priority);
  if (lower.length === 0) return NO_VICTIMS;
  const time = now();
  lower.sort((a, b) => b.priority - a.priority || startOf(a, time) - startOf(b, time));
  // What is tried here is tried on the node itself, and undone before anyone else looks.
  for (const pod of lower) removePod(cycle, pod, node);
  const verdict = fits(cycle, node);
  const victims: PodInfo[] = [];
  for (const pod of lower) {
    addPod(cycle, pod, node);
    if (verdict || !fits(cycle, node)) continue;
    removePod(cycle, pod, node);
    victims.push(pod);
  }
  for (const pod of victims) addPod(cycle, pod, node);
  return verdict ?? victims;
}
