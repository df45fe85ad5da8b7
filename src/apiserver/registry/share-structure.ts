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
