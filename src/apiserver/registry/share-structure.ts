import type { UntypedObject } from '../../api/object.ts';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * `next` with every part that equals the corresponding part of `old` replaced by it, so that versions of an object
 * share memory; `old` itself when nothing differs. Neither is changed.
 */
export function shareStructure<T>(next: T, old: unknown): T {
  if (next === old || !isObject(next) || !isObject(old)) return next;
  const shared = Array.isArray(next)
    ? Array.isArray(old)
      ? shareList(next, old)
      : next
    : Array.isArray(old)
      ? next
      : shareFields(next, old);
  return shared as T;
}

function shareList(next: readonly unknown[], old: readonly unknown[]): readonly unknown[] {
  let same = next.length === old.length;
  let out: unknown[] | undefined;
  for (let i = 0; i < next.length; i++) {
    const value = next[i];
    const shared = i < old.length ? shareStructure(value, old[i]) : value;
    if (shared !== value) (out ??= next.slice())[i] = shared;
    if (same && shared !== old[i]) same = false;
  }
  return same ? old : (out ?? next);
}

function shareFields(next: Record<string, unknown>, old: Record<string, unknown>): Record<string, unknown> {
  let same = true;
  let count = 0;
  let out: Record<string, unknown> | undefined;
  for (const key in next) {
    count++;
    const value = next[key];
    const before = old[key];
    if (value === before) {
      if (value === undefined) same = false;
      continue;
    }
    const shared = shareStructure(value, before);
    if (shared !== value) (out ??= { ...next })[key] = shared;
    if (shared !== before) same = false;
  }
  if (!same) return out ?? next;
  for (const _ in old) count--;
  return count === 0 ? old : (out ?? next);
}

/**
 * The same for a draft that is about to take the place of `stored`: `stored` itself when nothing differs, otherwise the
 * draft, changed in place. Its metadata stays its own, since it takes the new version.
 */
export function shareDraft(draft: UntypedObject, stored: UntypedObject): UntypedObject {
  const metadata = shareInPlace(draft.metadata as object as Fields, stored.metadata as object as Fields);
  const rest = shareInPlace(draft as Fields, stored as Fields, 'metadata');
  return metadata && rest ? stored : draft;
}

type Fields = Record<string, unknown>;

/** Whether nothing differs, `apart` aside. */
function shareInPlace(draft: Fields, stored: Fields, apart?: string): boolean {
  let same = true;
  let count = 0;
  for (const field in draft) {
    count++;
    const value = draft[field];
    const before = stored[field];
    if (value === before) {
      if (value === undefined) same = false;
      continue;
    }
    if (field === apart) continue;
    const shared = shareStructure(value, before);
    if (shared !== value) draft[field] = shared;
    if (shared !== before) same = false;
  }
  if (!same) return false;
  for (const _ in stored) count--;
  return count === 0;
}
