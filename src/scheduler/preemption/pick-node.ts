import type { NodeInfo } from '../cache/node-info.ts';
import type { Victims } from './victims.ts';

/** A node on which the Pod would fit once the victims are gone. */
export interface Candidate extends Victims {
  readonly node: NodeInfo;
}

/** Makes priorities positive, so that more victims are never cheaper than fewer of the same. */
const SHIFT = 2 ** 31;

const sumOf = ({ pods }: Candidate): number => pods.reduce((sum, { priority }) => sum + priority + SHIFT, 0);

/** When the first of the most important victims was started. */
function earliest({ pods }: Candidate): string {
  const { priority } = pods[0]!;
  let first = pods[0]!.startTime;
  for (const pod of pods) if (pod.priority === priority && pod.startTime < first) first = pod.startTime;
  return first;
}

/** Whether to choose `a` does less harm than to choose `b`. The first criterion that tells them apart decides. */
function harmsLess(a: Candidate, b: Candidate): boolean {
  if (a.violations !== b.violations) return a.violations < b.violations;
  const [first, second] = [a.pods[0]!.priority, b.pods[0]!.priority];
  if (first !== second) return first < second;
  const difference = sumOf(a) - sumOf(b);
  if (difference !== 0) return difference < 0;
  if (a.pods.length !== b.pods.length) return a.pods.length < b.pods.length;
  return earliest(a) > earliest(b);
}

/**
 * The candidate that does least harm: the fewest violated budgets, then the lowest of the highest victims, then
 * the lowest sum of priorities, then the fewest victims, then the most important victims that have run the
 * shortest; the first of equals.
 */
export const pickNode = (candidates: readonly Candidate[]): Candidate =>
  candidates.reduce((best, candidate) => (harmsLess(candidate, best) ? candidate : best));
