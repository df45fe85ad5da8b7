import type { NodeInfo } from '../cache/node-info.ts';
import { startOf, type Victims } from './victims.ts';

/** A node on which the Pod would fit once the victims are gone. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
}

/** Makes priorities positive, so that more victims are never cheaper than fewer of the same. */
const SHIFT = 2 ** 31;

/** What it costs to choose a candidate: the first number that differs decides, the lower is better. */
function harm({ pods, violations }: Candidate, now: number): readonly number[] {
  const [first] = pods;
  let sum = 0;
  let earliest = Infinity;
  for (const pod of pods) {
    sum += pod.priority + SHIFT;
    if (pod.priority === first!.priority) earliest = Math.min(earliest, startOf(pod, now));
  }
  return [violations, first!.priority, sum, pods.length, -earliest];
}

/**
 * The candidate that does least harm: the fewest violated budgets, then the lowest of the highest victims, then
 * the lowest sum of priorities, then the fewest victims, then the most important victims that have run the
 * shortest; the first of equals.
 */
export function pickNode(candidates: readonly Candidate[], now: number): Candidate {
  let best = candidates[0]!;
  let least = harm(best, now);
  for (let i = 1; i < candidates.length; i++) {
    const found = harm(candidates[i]!, now);
    const differs = found.findIndex((value, at) => value !== least[at]);
    if (differs < 0 || found[differs]! > least[differs]!) continue;
    best = candidates[i]!;
    least = found;
  }
  return best;
}
