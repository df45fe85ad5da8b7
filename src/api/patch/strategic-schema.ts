/** What the schema says of how a field is patched. */
import { resolve, schemaOf, type Schema } from '../schema/schema.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A strategic merge patch that cannot be applied or made; `code` is what the server answers with. */
export class StrategicPatchError extends Error {
  readonly code: 400 | 422 | 500;

  constructor(message: string, code: 400 | 422 | 500 = 500) {
    super(message);
    this.code = code;
  }
}

/** How to patch one field. */
export interface FieldStrategy {
  /** Schema of the value, or of a list's items; undefined where nothing is known. */
  readonly schema: Schema | undefined;
  readonly merge: boolean;
  readonly replace: boolean;
  readonly retainKeys: boolean;
  readonly mergeKey: string;
}

const UNKNOWN: FieldStrategy = { schema: undefined, merge: false, replace: false, retainKeys: false, mergeKey: '' };

const known = new WeakMap<Schema, Map<string, FieldStrategy>>();

/** The strategy of the field `key` of an object with this schema. */
export function strategyOf(schema: Schema | undefined, key: string): FieldStrategy {
  if (!schema) return UNKNOWN;
  const of = resolve(schema);
  let fields = known.get(of);
  if (!fields) known.set(of, (fields = new Map()));
  let strategy = fields.get(key);
  if (!strategy) fields.set(key, (strategy = read(of, key)));
  return strategy;
}

function read(schema: Schema, key: string): FieldStrategy {
  const property = schema.properties?.[key] ?? schema.additionalProperties;
  if (!property) return UNKNOWN;
  const strategies = (property['x-kubernetes-patch-strategy'] ?? '').split(',');
  return {
    schema: property.type === 'array' ? property.items : property,
    merge: strategies.includes('merge'),
    replace: strategies.includes('replace'),
    retainKeys: strategies.includes('retainKeys'),
    mergeKey: property['x-kubernetes-patch-merge-key'] ?? '',
  };
}

export const rootSchema = (ref: string): Schema => schemaOf(ref);

export const DIRECTIVE = '$patch';
export const RETAIN_KEYS = '$retainKeys';
export const SET_ELEMENT_ORDER = '$setElementOrder/';
export const DELETE_FROM_PRIMITIVE_LIST = '$deleteFromPrimitiveList/';

/** A value as Go's %v prints it: `map[a:1 b:[x y]]`. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value === 'object') {
    const fields = value as JsonObject;
    return `map[${Object.keys(fields)
      .sort()
      .map((key) => `${key}:${goValue(fields[key])}`)
      .join(' ')}]`;
  }
  return String(value);
}
