/** Applying strategic merge patches (k8s.io/apimachinery/pkg/util/strategicpatch), driven by the schema's merge keys. */
import { equal, own } from '../draft.ts';
import type { Schema } from '../schema/schema.ts';
import { identity, indexIn, inPatchOrder } from './element-order.ts';
import {
  DELETE_FROM_PRIMITIVE_LIST,
  DIRECTIVE,
  isObject,
  RETAIN_KEYS,
  rootSchema,
  SET_ELEMENT_ORDER,
  StrategicPatchError,
  strategyOf,
  type FieldStrategy,
  type JsonObject,
} from './strategic-schema.ts';

const DOLLAR = 36;

const isDirective = (key: string): boolean => key.charCodeAt(0) === DOLLAR;

/** Whether a patch of an object has none but fields in it. */
function isOfFields(patch: JsonObject): boolean {
  for (const key in patch) if (isDirective(key)) return false;
  return true;
}

/** New values come without the patch's nulls and directives. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.filter((item) => !(isObject(item) && DIRECTIVE in item));
    return items.some(isObject) || items.length !== value.length ? items.map(plain) : value;
  }
  if (!isObject(value)) return value;
  if (value[DIRECTIVE] === 'delete') return {};
  const out: Record<string, unknown> = {};
  for (const key in value) if (!isDirective(key) && value[key] !== null) out[key] = plain(value[key]);
  return out;
}

function stringList(value: unknown, message: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new StrategicPatchError(message, 400);
  return value;
}

/** The value of a field after a patch that is not null. */
function mergeField(current: unknown, value: unknown, schema: Schema | undefined, key: string): unknown {
  if (current === undefined || current === null || typeof value !== 'object') return plain(value);
  const strategy = strategyOf(schema, key);
  if (isObject(value) && isObject(current))
    return strategy.replace ? plain(value) : mergeObject(current, value, strategy.schema);
  if (!Array.isArray(value) || !Array.isArray(current)) return plain(value);
  const list = strategy.merge ? mergeList(current, value, strategy) : plain(value);
  return equal(list, current) ? current : list;
}

function mergeFields(document: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  let out: Record<string, unknown> | undefined;
  for (const key in patch) {
    const value = patch[key];
    const current = own(document, key);
    if (value === null) {
      if (Object.hasOwn(document, key)) delete (out ??= { ...document })[key];
      continue;
    }
    const merged = mergeField(current, value, schema, key);
    if (merged !== current || out) (out ??= { ...document })[key] = merged;
  }
  return out ?? document;
}

function mergeObject(document: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  if (isOfFields(patch)) return mergeFields(document, patch, schema);
  const directive = patch[DIRECTIVE];
  if (directive !== undefined) {
    if (directive === 'replace') return plain({ ...patch, [DIRECTIVE]: null }) as JsonObject;
    if (directive === 'delete') return {};
    if (directive !== 'merge') throw new StrategicPatchError(`unknown patch type found: ${String(directive)}`);
  }
  let out: Record<string, unknown> | undefined;
  const set = (key: string, value: unknown): void => {
    if (value !== own(document, key) || out) (out ??= { ...document })[key] = value;
  };
  const remove = (key: string): void => {
    if (Object.hasOwn(out ?? document, key)) delete (out ??= { ...document })[key];
  };
  const retained = patch[RETAIN_KEYS];
  if (retained !== undefined) {
    const keys = stringList(retained, 'invalid patch format of retainKeys');
    for (const key in patch)
      if (!isDirective(key) && patch[key] !== null && !keys.includes(key))
        throw new StrategicPatchError('invalid patch format of retainKeys', 400);
    for (const key in document) if (!keys.includes(key)) remove(key);
  }
  const ordered = new Set<string>();
  for (const key in patch) {
    if (!key.startsWith(SET_ELEMENT_ORDER)) continue;
    const field = key.slice(SET_ELEMENT_ORDER.length);
    ordered.add(field);
    const order = stringList(patch[key], 'invalid patch format of setElementOrder list');
    const list = mergeOrderedList(own(out ?? document, field), patch[field], order, strategyOf(schema, field));
    if (list) set(field, equal(list, own(document, field)) ? document[field] : list);
  }
  for (const key in patch) {
    if (key === DIRECTIVE || key === RETAIN_KEYS || key.startsWith(SET_ELEMENT_ORDER) || ordered.has(key)) continue;
    const value = patch[key];
    if (key.startsWith(DELETE_FROM_PRIMITIVE_LIST)) {
      const field = key.slice(DELETE_FROM_PRIMITIVE_LIST.length);
      const deleted = stringList(value, 'invalid patch format of primitive list');
      const list = own(out ?? document, field);
      if (Array.isArray(list))
        set(
          field,
          (list as unknown[]).filter((item) => !deleted.some((gone) => equal(gone, item))),
        );
      continue;
    }
    if (value === null) {
      remove(key);
      continue;
    }
    set(key, mergeField(own(out ?? document, key), value, schema, key));
  }
  return out ?? document;
}

/** A list whose whole order the patch gives. */
function mergeOrderedList(
  current: unknown,
  patch: unknown,
  order: readonly unknown[],
  strategy: FieldStrategy,
): unknown[] | undefined {
  const before = Array.isArray(current) ? (current as unknown[]) : undefined;
  const change = Array.isArray(patch) ? (patch as unknown[]) : undefined;
  if (!before && !change) return undefined;
  const merged = before
    ? strategy.merge
      ? mergeList(before, change ?? [], strategy, false)
      : (change ?? before)
    : (plain(change) as unknown[]);
  return inPatchOrder(merged, order, before ?? [], strategy.mergeKey);
}

/** The items of both, in the order of the patch; `ordered` is false where the caller puts them in order itself. */
function mergeList(
  current: readonly unknown[],
  patch: readonly unknown[],
  strategy: FieldStrategy,
  ordered = true,
): unknown[] {
  const sample = current[0] ?? patch[0];
  if (!isObject(sample)) {
    const merged = [...new Set([...current, ...patch])];
    return inPatchOrder(merged, patch, current, '');
  }
  const { mergeKey, schema } = strategy;
  if (mergeKey === '') throw new StrategicPatchError('cannot merge lists without merge key');
  let merged = current.slice();
  const changes: JsonObject[] = [];
  let replaced = false;
  for (const item of patch) {
    if (!isObject(item)) throw new StrategicPatchError('expected all elements in list to be maps');
    const directive = item[DIRECTIVE];
    if (directive === undefined) changes.push(item);
    else if (directive === 'delete') {
      const key = identity(item, mergeKey);
      merged = merged.filter((candidate) => !equal(identity(candidate, mergeKey), key));
    } else if (directive === 'replace') replaced = true;
    else if (directive === 'merge') throw new StrategicPatchError('merging lists cannot yet be specified in the patch');
    else throw new StrategicPatchError(`unknown patch type found: ${String(directive)}`);
  }
  if (replaced) return changes.map(plain);
  for (const item of changes) {
    const key = identity(item, mergeKey);
    const at = indexIn(merged, key, mergeKey);
    if (at < 0) merged.push(plain(item));
    else merged[at] = mergeObject(merged[at] as JsonObject, item, schema);
  }
  return ordered ? inPatchOrder(merged, changes, current, mergeKey) : merged;
}

/**
 * Applies a strategic merge patch to an object whose type is the schema `ref`. The object is not changed; it is
 * returned itself when the patch says nothing new. Throws StrategicPatchError.
 */
export function applyStrategicMergePatch<T extends object>(document: T, patch: object, ref: string): T {
  return mergeObject(document as JsonObject, patch as JsonObject, rootSchema(ref)) as T;
}
