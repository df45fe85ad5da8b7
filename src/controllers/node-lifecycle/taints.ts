import type { Node, Taint } from '../../api/types.ts';
import { findCondition } from '../conditions.ts';

const NOT_READY = 'node.kubernetes.io/not-ready';
const UNREACHABLE = 'node.kubernetes.io/unreachable';

/** Which condition in which state keeps new Pods off a Node, and by which taint. */
const NO_SCHEDULE: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: NOT_READY },
  { type: 'Ready', status: 'Unknown', key: UNREACHABLE },
  { type: 'MemoryPressure', status: 'True', key: 'node.kubernetes.io/memory-pressure' },
  { type: 'DiskPressure', status: 'True', key: 'node.kubernetes.io/disk-pressure' },
  { type: 'NetworkUnavailable', status: 'True', key: 'node.kubernetes.io/network-unavailable' },
  { type: 'PIDPressure', status: 'True', key: 'node.kubernetes.io/pid-pressure' },
];
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';

/** Taint keys of effect NoSchedule that are this controller's alone. */
const OWN: ReadonlySet<string> = new Set([...NO_SCHEDULE.map(({ key }) => key), UNSCHEDULABLE]);

/** The taints of effect NoSchedule that a Node's conditions and spec call for. */
function wantedNoSchedule(node: Node): string[] {
  const keys = NO_SCHEDULE.filter(
    ({ type, status }) => findCondition(node.status?.conditions, type)?.status === status,
  ).map(({ key }) => key);
  if (node.spec.unschedulable) keys.push(UNSCHEDULABLE);
  return keys;
}

/**
 * The Node's taints put right: those of effect NoSchedule as its state calls for them and, where `mayStay`, none that
 * drives Pods off. Undefined when they are right already.
 */
export function settledTaints(node: Node, mayStay: boolean, now: string): Taint[] | undefined {
  const settled = withNoScheduleTaints(node, now);
  if (!mayStay) return settled;
  return changeNoExecute(settled ?? node.spec.taints ?? [], undefined, now) ?? settled;
}

function withNoScheduleTaints(node: Node, now: string): Taint[] | undefined {
  const taints = node.spec.taints ?? [];
  const wanted = new Set(wantedNoSchedule(node));
  const kept = taints.filter(({ key, effect }) => effect !== 'NoSchedule' || !OWN.has(key) || wanted.delete(key));
  if (wanted.size === 0 && kept.length === taints.length) return undefined;
  return [...kept, ...[...wanted].map((key): Taint => ({ key, effect: 'NoSchedule', timeAdded: now }))];
}

/** The taint that drives Pods off a Node in this state of readiness. */
export const noExecuteKey = (ready: string | undefined): string | undefined =>
  ready === 'False' ? NOT_READY : ready === 'Unknown' ? UNREACHABLE : undefined;

/** The Node's taints with only `key` of the two that drive Pods off it; undefined when they are so already. */
export function withNoExecuteTaint(node: Node, key: string | undefined, now: string): Taint[] | undefined {
  return changeNoExecute(node.spec.taints ?? [], key, now);
}

function changeNoExecute(taints: readonly Taint[], key: string | undefined, now: string): Taint[] | undefined {
  const own = (taint: Taint): boolean =>
    taint.effect === 'NoExecute' && (taint.key === NOT_READY || taint.key === UNREACHABLE);
  const present = taints.filter(own);
  if (key === undefined ? present.length === 0 : present.length === 1 && present[0]!.key === key) return undefined;
  const kept = taints.filter((taint) => !own(taint) || taint.key === key);
  if (key === undefined || kept.some((taint) => own(taint))) return kept;
  return [...kept, { key, effect: 'NoExecute', timeAdded: now }];
}
