/**
 * Changing a draft in place is allowed on its top level, metadata, spec and status; what lies deeper may be shared
 * with stored objects. These small tools replace deeper parts only where something changes.
 */

/** `object` with `values` filled in where it has nothing; the same object when nothing was missing. */
export function fillIn<T extends object>(object: T, values: Partial<T>): T {
  let out: T | undefined;
  for (const key in values) {
    if (object[key] === undefined && values[key] !== undefined) {
      out ??= { ...object };
      out[key] = values[key] as T[typeof key];
    }
  }
  return out ?? object;
}

/** The list with every item replaced by `change(item)`; the same list when no item changed. */
export function mapShared<T>(list: readonly T[], change: (item: T, index: number) => T): T[] {
  let out: T[] | undefined;
  for (let i = 0; i < list.length; i++) {
    const item = list[i]!;
    const changed = change(item, i);
    if (changed !== item) (out ??= list.slice())[i] = changed;
  }
  return out ?? (list as T[]);
}

/** `object` with one field set; the same object when the field holds that value already. */
export function withField<T extends object, K extends keyof T>(object: T, key: K, value: T[K]): T {
  return object[key] === value ? object : { ...object, [key]: value };
}

/** A member of an object's own: a label may be called `constructor`. */
export const own = (object: Readonly<Record<string, unknown>>, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Deep equality of JSON values; the order of object keys does not matter. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  let count = 0;
  for (const key in left) {
    if (left[key] === undefined) continue;
    count++;
    if (!equal(left[key], own(right, key))) return false;
  }
  for (const key in right) if (right[key] !== undefined) count--;
  return count === 0;
}

const isEmpty = (value: unknown): boolean => {
  if (value === undefined || value === null) return true;
  if (typeof value !== 'object') return false;
  for (const _ in value) return false;
  return true;
};

/** Like equal, where a missing list or map equals an empty one (apiequality.Semantic). */
export function semanticallyEqual(a: unknown, b: unknown): boolean {
  return equal(a, b) || (isEmpty(a) && isEmpty(b));
}
