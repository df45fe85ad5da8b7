import type { UntypedObject } from '../../api/object.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of a part of an object: `spec`, `renewTime`. */
export interface FieldPath {
  readonly part: string;
  readonly field: string;
}

export const valueAt = (object: UntypedObject, { part, field }: FieldPath): unknown =>
  (object[part] as Fields | undefined)?.[field];

/** The field in which two versions of a part differ, where it is the only one and its value has no parts. */
function onlyField(old: Fields, now: Fields): string | undefined {
  let only: string | undefined;
  for (const field in now) {
    const [before, after] = [old[field], now[field]];
    if (before === after) continue;
    if (only !== undefined || typeof after === 'object' || typeof before !== typeof after) return undefined;
    only = field;
  }
  for (const field in old) if (now[field] === undefined) return undefined;
  return only;
}

/**
 * The only field in which two versions of an object differ, as far as somebody manages it. Versions share what they have
 * in common, so that one look at each part tells.
 */
export function onlyChange(before: UntypedObject, after: UntypedObject): FieldPath | undefined {
  const [was, is] = [before.metadata, after.metadata];
  if (
    was.labels !== is.labels ||
    was.annotations !== is.annotations ||
    was.finalizers !== is.finalizers ||
    was.ownerReferences !== is.ownerReferences
  )
    return undefined;
  let only: FieldPath | undefined;
  for (const part in after) {
    const [old, now] = [before[part], after[part]];
    if (old === now || part === 'metadata') continue;
    if (only !== undefined || !isObject(old) || !isObject(now)) return undefined;
    const field = onlyField(old, now);
    if (field === undefined) return undefined;
    only = { part, field };
  }
  for (const part in before) if (after[part] === undefined) return undefined;
  return only;
}
