/** Making strategic merge patches: what kubectl sends for apply, edit, label and set. */
import { equal, own } from '../draft.ts';
import type { Schema } from '../schema/schema.ts';
import { identity, inPatchOrder } from './element-order.ts';
import {
  DELETE_FROM_PRIMITIVE_LIST,
  DIRECTIVE,
  isObject,
  RETAIN_KEYS,
  rootSchema,
  SET_ELEMENT_ORDER,
  strategyOf,
  type FieldStrategy,
  type JsonObject,
} from './strategic-schema.ts';

/** Which differences count. */
interface Counting {
  readonly deletions: boolean;
  readonly changes: boolean;
}

type Patch = Record<string, unknown>;

const isEmpty = (patch: object): boolean => Object.keys(patch).length === 0;

function diffObjects(
  from: JsonObject,
  to: JsonObject,
  schema: Schema | undefined,
  counting: Counting,
  retainKeys: boolean,
): Patch {
  const patch: Patch = {};
  for (const key in to) {
    const [before, after] = [own(from, key), to[key]];
    if (before === undefined) {
      if (counting.changes) patch[key] = after;
      continue;
    }
    const strategy = strategyOf(schema, key);
    if (isObject(before) && isObject(after)) {
      if (strategy.replace) {
        if (counting.changes && !equal(before, after)) patch[key] = after;
        continue;
      }
      const inner = diffObjects(before, after, strategy.schema, counting, strategy.retainKeys);
      if (!isEmpty(inner)) patch[key] = inner;
    } else if (Array.isArray(before) && Array.isArray(after) && strategy.merge) {
      diffLists(key, before, after, strategy, counting, patch);
    } else if (counting.changes && !equal(before, after)) {
      patch[key] = after;
    }
  }
  if (counting.deletions) for (const key in from) if (!Object.hasOwn(to, key)) patch[key] = null;
  if (retainKeys) {
    const kept = Object.keys(to).filter((key) => to[key] !== null);
    const superfluous = Object.keys(from).some((key) => !Object.hasOwn(to, key));
    if (kept.length > 0 && (!isEmpty(patch) || superfluous)) patch[RETAIN_KEYS] = kept.sort();
  }
  return patch;
}

function diffLists(
  key: string,
  before: readonly unknown[],
  after: readonly unknown[],
  strategy: FieldStrategy,
  counting: Counting,
  patch: Patch,
): void {
  if (before.length === 0) {
    if (after.length > 0 && counting.changes) patch[key] = after;
    return;
  }
  const sample = before[0];
  if (!isObject(sample)) {
    diffScalars(key, before, after, counting, patch);
    return;
  }
  const { mergeKey } = strategy;
  const changes: unknown[] = [];
  for (const item of after) {
    const id = identity(item, mergeKey);
    const old = before.find((candidate) => equal(identity(candidate, mergeKey), id));
    if (old === undefined) {
      if (counting.changes) changes.push(item);
      continue;
    }
    const inner = diffObjects(old as JsonObject, item as JsonObject, strategy.schema, counting, strategy.retainKeys);
    if (!isEmpty(inner)) changes.push({ ...inner, [mergeKey]: id });
  }
  if (counting.deletions) {
    for (const item of before) {
      const id = identity(item, mergeKey);
      if (!after.some((candidate) => equal(identity(candidate, mergeKey), id)))
        changes.push({ [DIRECTIVE]: 'delete', [mergeKey]: id });
    }
  }
  const sameOrder =
    before.length === after.length &&
    after.every((item, i) => equal(identity(item, mergeKey), identity(before[i], mergeKey)));
  if (changes.length > 0) patch[key] = changes;
  if (changes.length > 0 || (counting.changes && !sameOrder))
    patch[SET_ELEMENT_ORDER + key] = after.map((item) => ({ [mergeKey]: identity(item, mergeKey) }));
}

function diffScalars(
  key: string,
  before: readonly unknown[],
  after: readonly unknown[],
  counting: Counting,
  patch: Patch,
): void {
  const added = counting.changes ? after.filter((item) => !before.includes(item)) : [];
  const deleted = counting.deletions ? before.filter((item) => !after.includes(item)) : [];
  if (added.length > 0) patch[key] = added;
  if (deleted.length > 0) patch[DELETE_FROM_PRIMITIVE_LIST + key] = deleted;
  const matters = counting.deletions ? deleted.length > 0 || added.length > 0 : added.length > 0;
  if (matters || (counting.changes && counting.deletions && !equal(before, after)))
    patch[SET_ELEMENT_ORDER + key] = after;
}

/** Lays the changes over the deletions; both are patches of the same type. */
function combine(deletions: JsonObject, changes: JsonObject, schema: Schema | undefined): Patch {
  const out: Patch = { ...deletions };
  for (const key in changes) {
    const [low, high] = [own(deletions, key), changes[key]];
    const strategy = strategyOf(schema, key);
    if (isObject(low) && isObject(high)) out[key] = combine(low, high, strategy.schema);
    else if (Array.isArray(low) && Array.isArray(high) && !key.startsWith('$') && strategy.mergeKey) {
      const merged: unknown[] = [...(low as unknown[])];
      for (const item of high as unknown[]) {
        const id = identity(item, strategy.mergeKey);
        const at = merged.findIndex((candidate) => equal(identity(candidate, strategy.mergeKey), id));
        if (at < 0) merged.push(item);
        else merged[at] = combine(merged[at] as JsonObject, item as JsonObject, strategy.schema);
      }
      out[key] = inPatchOrder(merged, high as unknown[], low as unknown[], strategy.mergeKey);
    } else out[key] = high;
  }
  return out;
}

/** The strategic merge patch that leads from one object to another; {} when they are equal. */
export function createTwoWayStrategicPatch(from: object, to: object, ref: string): Patch {
  return diffObjects(from as JsonObject, to as JsonObject, rootSchema(ref), { deletions: true, changes: true }, false);
}

/**
 * The strategic merge patch of an apply: deletes what `original` (applied last) has and `modified` has not, and sets in
 * `current` what `modified` says; what others set stays. {} when there is nothing to do.
 */
export function createThreeWayStrategicPatch(original: object, modified: object, current: object, ref: string): Patch {
  const schema = rootSchema(ref);
  const changes = diffObjects(
    current as JsonObject,
    modified as JsonObject,
    schema,
    { deletions: false, changes: true },
    false,
  );
  const deletions = diffObjects(
    original as JsonObject,
    modified as JsonObject,
    schema,
    { deletions: true, changes: false },
    false,
  );
  return combine(deletions, changes, schema);
}
