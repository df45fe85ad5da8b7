import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { startOf } from './victims.ts';

/** A node on which the Pod would fit once the victims, most important first, are gone. */
export interface Candidate {
  readonly node: NodeInfo;
  readonly victims: readonly PodInfo[];
}

/** Makes priorities positive, so that more victims are never cheaper than fewer of the same. */
const SHIFT = 2 ** 31;

/**
 * The candidate that does least harm: the lowest of the highest victims, then the lowest sum of priorities, then
 * the fewest victims, then the most important victims that have run the shortest.
 */
export function pickNode(candidates: readonly Candidate[], now: number): Candidate {
  const criteria: ((candidate: Candidate) => number)[] = [
    ({ victims }) => victims[0]!.priority,
    ({ victims }) => victims.reduce((sum, { priority }) => sum + priority + SHIFT, 0),
    ({ victims }) => victims.length,
    ({ victims }) => {
      const highest = victims.filter(({ priority }) => priority === victims[0]!.priority);
      return -Math.min(...highest.map((victim) => startOf(victim, now)));
    },
  ];
  let left = candidates;
  for (const harm of criteria) {
    const least = Math.min(...left.map(harm));
    left = left.filter((candidate) => harm(candidate) === least);
    if (left.length === 1) break;
  }
  return left[0]!;
}
