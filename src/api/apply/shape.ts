import { resolve, type Schema } from '../schema/schema.ts';

/** How the fields of a value are owned: each by itself, or all as one. */
export type Shape =
  /** One field, whatever is in it. */
  | { readonly type: 'leaf'; readonly scalar?: 'string' | 'numeric' | 'boolean' }
  /** A list or map that is owned as one. */
  | { readonly type: 'atomic'; readonly of: 'list' | 'map' }
  | {
      readonly type: 'struct';
      readonly fields: ReadonlyMap<string, Schema>;
      readonly schema: Schema;
      /** Of fields that are not declared, where those are kept. */
      readonly rest: Schema | undefined;
    }
  | { readonly type: 'map'; readonly values: Schema }
  /** A list whose items have an identity: their value, or some of their fields. */
  | { readonly type: 'set' }
  | { readonly type: 'listmap'; readonly keys: readonly ListKey[]; readonly items: Schema };

interface ListKey {
  readonly name: string;
  /** What it is where an item does not say; undefined when an item must. */
  readonly default: unknown;
}

const LEAF: Shape = { type: 'leaf' };
const ATOMIC_LIST: Shape = { type: 'atomic', of: 'list' };
const ATOMIC_MAP: Shape = { type: 'atomic', of: 'map' };

/** Describes what no schema describes: maps are owned key by key, whatever else as one. */
export const UNDESCRIBED: Schema = { 'x-kubernetes-preserve-unknown-fields': true };

const UNDESCRIBED_MAP: Shape = { type: 'map', values: UNDESCRIBED };

const shapes = new WeakMap<Schema, Shape>();

const isMap = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The shape of values that a schema describes. */
export function shapeOf(schema: Schema, value: unknown, other: unknown = value): Shape {
  if (schema === UNDESCRIBED) {
    if (isMap(value) && isMap(other)) return UNDESCRIBED_MAP;
    return Array.isArray(value) && Array.isArray(other) ? ATOMIC_LIST : LEAF;
  }
  let shape = shapes.get(schema);
  if (!shape) shapes.set(schema, (shape = makeShape(schema)));
  return shape;
}

function makeShape(schema: Schema): Shape {
  const type = resolve(schema);
  if (schema['x-kubernetes-int-or-string'] || type.oneOf) return LEAF;
  switch (type.type) {
    case 'array':
      return listShape(schema, type);
    case 'object': {
      const atomic = (schema['x-kubernetes-map-type'] ?? type['x-kubernetes-map-type']) === 'atomic';
      if (atomic) return ATOMIC_MAP;
      if (type.properties) {
        const rest = type['x-kubernetes-preserve-unknown-fields'] ? UNDESCRIBED : type.additionalProperties;
        return { type: 'struct', fields: new Map(Object.entries(type.properties)), schema: type, rest };
      }
      return type.additionalProperties ? { type: 'map', values: type.additionalProperties } : LEAF;
    }
    case 'string':
      return { type: 'leaf', scalar: 'string' };
    case 'boolean':
      return { type: 'leaf', scalar: 'boolean' };
    case 'integer':
    case 'number':
      return { type: 'leaf', scalar: 'numeric' };
    default:
      return LEAF;
  }
}

function listShape(schema: Schema, type: Schema): Shape {
  const items = type.items ?? {};
  const listType = schema['x-kubernetes-list-type'] ?? type['x-kubernetes-list-type'];
  if (listType === 'set') return { type: 'set' };
  if (listType !== 'map') return ATOMIC_LIST;
  const properties = resolve(items).properties ?? {};
  const keys = schema['x-kubernetes-list-map-keys'] ?? type['x-kubernetes-list-map-keys'] ?? [];
  return {
    type: 'listmap',
    items,
    keys: [...keys].sort().map((name) => ({ name, default: properties[name]?.default })),
  };
}

/** What stands for an item in paths; undefined where it lacks a key. */
export function elementOf(shape: Shape & { type: 'set' | 'listmap' }, item: unknown): string | undefined {
  if (shape.type === 'set') return `v:${JSON.stringify(item)}`;
  const fields = (typeof item === 'object' && item !== null ? item : {}) as Readonly<Record<string, unknown>>;
  let text = 'k:{';
  for (const { name, default: fallback } of shape.keys) {
    const value = fields[name] ?? fallback;
    if (value === undefined) return undefined;
    text += `${text.length > 3 ? ',' : ''}${JSON.stringify(name)}:${JSON.stringify(value)}`;
  }
  return `${text}}`;
}

/** The schema of one item of a list. */
export const itemSchema = (shape: Shape & { type: 'set' | 'listmap' }): Schema =>
  shape.type === 'set' ? {} : shape.items;

/** The schema of the value under one key of a struct or map. */
export const fieldSchema = (shape: Shape & { type: 'struct' | 'map' }, key: string): Schema | undefined =>
  shape.type === 'map' ? shape.values : (shape.fields.get(key) ?? shape.rest);

/** Whether a path ends at a field of a struct, as opposed to a key of a map or an item of a list. */
export function isStructField(schema: Schema, path: readonly string[]): boolean {
  let at: Schema | undefined = schema;
  let field = false;
  for (const element of path) {
    const shape: Shape = at === UNDESCRIBED ? UNDESCRIBED_MAP : at ? shapeOf(at, undefined) : LEAF;
    field = false;
    if (shape.type === 'struct') {
      const declared = shape.fields.get(element.slice(2));
      at = declared ?? shape.rest;
      field = declared !== undefined;
    } else if (shape.type === 'map') at = shape.values;
    else if (shape.type === 'listmap') at = shape.items;
    else at = undefined;
  }
  return field;
}
