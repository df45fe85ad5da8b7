import type { Node, Pod } from '../../../api/types.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import type { ClusterEvent } from '../../framework/cluster-event.ts';
import { hasAllKeys, type SpreadConstraint } from './constraints.ts';

/** What is asked of a Pod: its own constraints, or the profile's. */
export type ConstraintsOfPod = (pod: Pod) => readonly SpreadConstraint[];

const hard = (constraints: readonly SpreadConstraint[]): SpreadConstraint[] =>
  constraints.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');

/** Whether a Pod is the waiting one, or one that counts for it: placed, and of its namespace. */
const concerns = (waiting: PodInfo, pod: Pod | undefined): boolean =>
  !pod ||
  pod.metadata.uid === waiting.uid ||
  (Boolean(pod.spec.nodeName) && pod.metadata.namespace === waiting.pod.metadata.namespace);

/** Whether a Pod that came, changed or went may let in one that spreading has turned away. */
export function podHelps(waiting: PodInfo, event: ClusterEvent, constraintsOf: ConstraintsOfPod): boolean {
  const old = event.old as Pod | undefined;
  const now = event.new as Pod | undefined;
  if (!concerns(waiting, old) || !concerns(waiting, now)) return false;
  const constraints = hard(constraintsOf(waiting.pod));
  if (event.action === 'PodToleration') return constraints.some(({ honorTaints }) => honorTaints);
  const counts = (pod: Pod | undefined): boolean =>
    pod !== undefined && constraints.some(({ selector }) => selector.matches(pod.metadata.labels));
  return now && old ? counts(now) !== counts(old) : counts(now ?? old);
}

/** Whether a node that came, changed its labels or taints, or went may let in such a Pod. */
export function nodeHelps(waiting: PodInfo, event: ClusterEvent, constraintsOf: ConstraintsOfPod): boolean {
  const before = (event.old as Node | undefined)?.metadata.labels;
  const now = (event.new as Node | undefined)?.metadata.labels;
  const constraints = hard(constraintsOf(waiting.pod));
  const counted = event.old !== undefined && hasAllKeys(before, constraints);
  const counts = event.new !== undefined && hasAllKeys(now, constraints);
  if (counted !== counts) return true;
  if (counts && event.action === 'NodeTaint') return true;
  return counts && constraints.some(({ topologyKey }) => before?.[topologyKey] !== now?.[topologyKey]);
}
