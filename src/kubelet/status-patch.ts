import { equal } from '../api/draft.ts';

interface Condition {
  readonly type: string;
  readonly message?: string;
  readonly reason?: string;
}

interface Status {
  readonly conditions?: readonly Condition[];
}

type StatusFields = Record<string, unknown>;

/** Fields that go away again when the kubelet no longer says them. */
const REMOVABLE = ['message', 'reason', 'ephemeralContainerStatuses'] as const;

/** Conditions that go away again; others that the kubelet does not speak of are somebody else's. */
const PASSING: readonly string[] = ['PodResizePending', 'PodResizeInProgress'];

/** Details that a condition may stop giving. */
const OPTIONAL = ['message', 'reason'] as const;

/** The condition, with a null for each detail that it no longer gives. */
function withRemovals(before: Condition, condition: Condition): object {
  let patch: StatusFields | undefined;
  for (const key of OPTIONAL) {
    if (before[key] === undefined || condition[key] !== undefined) continue;
    patch ??= { ...condition };
    patch[key] = null;
  }
  return patch ?? condition;
}

/** A strategic merge patch of conditions: those that changed, with nulls for what they no longer say, and the order of all. */
function conditionsPatch(old: readonly Condition[], next: readonly Condition[]): StatusFields {
  const changed: object[] = [];
  for (const condition of next) {
    const before = old.find(({ type }) => type === condition.type);
    if (before && equal(before, condition)) continue;
    changed.push(before ? withRemovals(before, condition) : condition);
  }
  const missing = old.filter(({ type }) => !next.some((condition) => condition.type === type));
  const kept = missing.filter(({ type }) => !PASSING.includes(type));
  for (const { type } of missing) if (PASSING.includes(type)) changed.push({ $patch: 'delete', type });
  const all = kept.length === 0 ? next : [...next, ...kept];
  return { '$setElementOrder/conditions': orderOf(all), conditions: changed };
}

/** The order that was said last: nearly all Pods have the same conditions. */
let lastOrder: readonly { readonly type: string }[] = [];

function orderOf(conditions: readonly Condition[]): readonly { readonly type: string }[] {
  const same = lastOrder.length === conditions.length && lastOrder.every(({ type }, i) => type === conditions[i]!.type);
  if (!same) lastOrder = conditions.map(({ type }) => ({ type }));
  return lastOrder;
}

/** A strategic merge patch that turns one status, of a Pod or a node, into the other; undefined when nothing does. */
export function statusPatch(old: Status, next: Status): StatusFields | undefined {
  const before = old as StatusFields;
  const after = next as StatusFields;
  let patch: StatusFields | undefined;
  for (const key in after) {
    if (equal(before[key], after[key])) continue;
    patch ??= {};
    if (key === 'conditions') Object.assign(patch, conditionsPatch(old.conditions ?? [], next.conditions ?? []));
    else patch[key] = after[key];
  }
  for (const key of REMOVABLE) {
    if (before[key] === undefined || after[key] !== undefined) continue;
    patch ??= {};
    patch[key] = null;
  }
  return patch;
}
