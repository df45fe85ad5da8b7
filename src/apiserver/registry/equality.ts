const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Whether two JSON values are the same; at once where they share structure. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!sameJson(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  let count = 0;
  for (const key in a) {
    count++;
    const other = b[key];
    if (other === undefined || !sameJson(a[key], other)) return false;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** `next` with every part that equals the corresponding part of `old` replaced by it, so that versions share memory. */
export function shareStructure<T>(next: T, old: unknown): T {
  if (next === old || !isObject(next) || !isObject(old)) return next;
  if (Array.isArray(next)) {
    if (!Array.isArray(old)) return next;
    let same = next.length === old.length;
    for (let i = 0; i < next.length; i++) {
      const shared = i < old.length ? shareStructure<unknown>(next[i], old[i]) : next[i];
      next[i] = shared;
      if (same && shared !== old[i]) same = false;
    }
    return same ? (old as T) : next;
  }
  if (Array.isArray(old)) return next;
  let same = true;
  let count = 0;
  const target = next as Record<string, unknown>;
  for (const key in target) {
    count++;
    const shared = shareStructure(target[key], old[key]);
    if (shared !== target[key]) target[key] = shared;
    if (shared !== old[key]) same = false;
  }
  if (!same) return next;
  for (const _ in old) count--;
  return count === 0 ? (old as T) : next;
}
