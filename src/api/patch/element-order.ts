/** The order of the items of a list that a strategic merge patch merged. */
import { equal } from '../draft.ts';
import { isObject, StrategicPatchError, goValue } from './strategic-schema.ts';

/** What identifies an item: the value of its merge key, or the item itself in lists of scalars. */
export function identity(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '' || !isObject(item)) return item;
  const key = item[mergeKey];
  if (key === undefined)
    throw new StrategicPatchError(`map: ${goValue(item)} does not contain declared merge key: ${mergeKey}`);
  return key;
}

/** Where the item with this identity is; -1 where there is none. */
export function indexIn(list: readonly unknown[], key: unknown, mergeKey: string): number {
  for (let i = 0; i < list.length; i++) if (equal(identity(list[i], mergeKey), key)) return i;
  return -1;
}

/** Whether both have the same items in the same order. */
function inOrder(merged: readonly unknown[], order: readonly unknown[], mergeKey: string): boolean {
  for (let i = 0; i < merged.length; i++) {
    if (!equal(identity(merged[i], mergeKey), identity(order[i], mergeKey))) return false;
  }
  return true;
}

/** The same items in this order; undefined where the order names others. */
function reordered(merged: readonly unknown[], order: readonly unknown[], mergeKey: string): unknown[] | undefined {
  const out = new Array<unknown>(order.length);
  for (let i = 0; i < order.length; i++) {
    const at = indexIn(merged, identity(order[i], mergeKey), mergeKey);
    if (at < 0 || out.includes(merged[at])) return undefined;
    out[i] = merged[at];
  }
  return out;
}

/**
 * Puts the items that the patch names into the patch's order, and the others, in their old order, between them where
 * the old order says so.
 */
export function inPatchOrder(
  merged: readonly unknown[],
  patchOrder: readonly unknown[],
  oldOrder: readonly unknown[],
  mergeKey: string,
): unknown[] {
  if (merged.length === patchOrder.length) {
    if (inOrder(merged, patchOrder, mergeKey)) return merged as unknown[];
    const ordered = reordered(merged, patchOrder, mergeKey);
    if (ordered) return ordered;
  }
  const named: { item: unknown; at: number }[] = [];
  const others: { item: unknown; at: number }[] = [];
  for (const item of merged) {
    const key = identity(item, mergeKey);
    const inPatch = indexIn(patchOrder, key, mergeKey);
    if (inPatch >= 0) named.push({ item, at: inPatch });
    else others.push({ item, at: indexIn(oldOrder, key, mergeKey) });
  }
  named.sort((a, b) => a.at - b.at);
  const left = others.sort((a, b) => a.at - b.at);
  const out: unknown[] = [];
  let i = 0;
  for (const { item } of named) {
    const old = indexIn(oldOrder, identity(item, mergeKey), mergeKey);
    while (i < left.length && old >= 0 && left[i]!.at >= 0 && left[i]!.at < old) out.push(left[i++]!.item);
    out.push(item);
  }
  while (i < left.length) out.push(left[i++]!.item);
  return out;
}
