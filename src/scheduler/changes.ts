import type { Node, Pod } from '../api/types.ts';
import type { NodeEvent, PodEvent } from './framework/cluster-event.ts';
import { podRequests } from './cache/pod-requests.ts';

type Flat = Readonly<Record<string, unknown>> | undefined;

/** Whether two flat records say the same. */
function sameRecord(a: Flat, b: Flat): boolean {
  if (a === b) return true;
  const keys = Object.keys(a ?? {});
  if (keys.length !== Object.keys(b ?? {}).length) return false;
  return keys.every((key) => a![key] === b?.[key]);
}

function sameList<T>(a: readonly T[] | undefined, b: readonly T[] | undefined, same: (x: T, y: T) => boolean): boolean {
  if (a === b) return true;
  if ((a?.length ?? 0) !== (b?.length ?? 0)) return false;
  return (a ?? []).every((item, i) => same(item, b![i]!));
}

/** What about a node's change may make a Pod schedulable; nothing for a heartbeat. */
export function nodeEvents(old: Node, node: Node): NodeEvent[] {
  const events: NodeEvent[] = [];
  const note = (action: NodeEvent['action']): void => void events.push({ action, old, new: node });
  if (!sameRecord(old.status?.allocatable as Flat, node.status?.allocatable as Flat)) note('NodeAllocatable');
  if (!sameRecord(old.metadata.labels, node.metadata.labels)) note('NodeLabel');
  const sameTaints = sameList(old.spec.taints, node.spec.taints, (a, b) => sameRecord({ ...a }, { ...b }));
  if (!sameTaints || old.spec.unschedulable !== node.spec.unschedulable) note('NodeTaint');
  const sameConditions = sameList(
    old.status?.conditions,
    node.status?.conditions,
    (a, b) => a.type === b.type && a.status === b.status,
  );
  if (!sameConditions) note('NodeCondition');
  if (!sameRecord(old.metadata.annotations, node.metadata.annotations)) note('NodeAnnotation');
  return events;
}

type ClaimStatus = NonNullable<NonNullable<Pod['status']>['resourceClaimStatuses']>[number];

const sameClaim = (a: ClaimStatus, b: ClaimStatus): boolean =>
  a.name === b.name && a.resourceClaimName === b.resourceClaimName;

/** What about a Pod's change may make it, or another, schedulable. */
export function podEvents(old: Pod, pod: Pod): PodEvent[] {
  const events: PodEvent[] = [];
  const note = (action: PodEvent['action']): void => void events.push({ action, old, new: pod });
  if (!sameRecord(old.metadata.labels, pod.metadata.labels)) note('PodLabel');
  if (!sameList(old.status?.resourceClaimStatuses, pod.status?.resourceClaimStatuses, sameClaim)) {
    note('PodGeneratedResourceClaim');
  }
  if (old.spec === pod.spec) return events;
  if (old.spec.containers !== pod.spec.containers && scaledDown(old, pod)) note('PodScaleDown');
  if (old.spec.schedulingGates?.length && !pod.spec.schedulingGates?.length) note('PodSchedulingGatesEliminated');
  if (!sameList(old.spec.tolerations, pod.spec.tolerations, (a, b) => sameRecord({ ...a }, { ...b }))) {
    note('PodToleration');
  }
  return events;
}

function scaledDown(old: Pod, pod: Pod): boolean {
  const before = podRequests(old.spec);
  const after = podRequests(pod.spec);
  if (after.milliCpu < before.milliCpu || after.memory < before.memory) return true;
  return after.ephemeralStorage < before.ephemeralStorage;
}
