import type { NodeInfo } from '../cache/node-info.ts';
import type { Victims } from './victims.ts';

/** A node on which the Pod would fit once the victims are gone. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
}

/** Makes priorities positive, so that more victims are never cheaper than fewer of the same. */
const SHIFT = 2 ** 31;

function sumOf({ pods }: Candidate): number {
  let sum = 0;
  for (const { priority } of pods) sum += priority + SHIFT;
  return sum;
}

/** When the first of the most important victims was started. */
function earliest({ pods }: Candidate): string {
  const { priority } = pods[0]!;
  let first = pods[0]!.startTime;
  for (const pod of pods) if (pod.priority === priority && pod.startTime < first) first = pod.startTime;
  return first;
}

/** The candidates that come to the least harm by one measure. */
function least(candidates: readonly Candidate[], measure: (candidate: Candidate) => number): readonly Candidate[] {
  if (candidates.length < 2) return candidates;
  let lowest = Infinity;
  let found: Candidate[] = [];
  for (const candidate of candidates) {
    const harm = measure(candidate);
    if (harm > lowest) continue;
    if (harm < lowest) found = [];
    lowest = harm;
    found.push(candidate);
  }
  return found;
}

/**
 * The candidate that does least harm: the fewest violated budgets, then the lowest of the highest victims, then
 * the lowest sum of priorities, then the fewest victims, then the most important victims that have run the
 * shortest; the first of equals.
 */
export function pickNode(candidates: readonly Candidate[]): Candidate {
  let left = least(candidates, ({ violations }) => violations);
  left = least(left, ({ pods }) => pods[0]!.priority);
  left = least(left, sumOf);
  left = least(left, ({ pods }) => pods.length);
  return left.length < 2 ? left[0]! : left.reduce((best, one) => (earliest(one) > earliest(best) ? one : best));
}
