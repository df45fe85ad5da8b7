import { own } from '../draft.ts';
import type { PropsSchema } from './schema-checks.ts';

/** Fields of every object, which its schema need not speak of. */
const META_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema of values under keys that `properties` does not name. */
export const additionalSchema = (schema: PropsSchema): PropsSchema | undefined =>
  typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;

/** The schema of one property of an object; names such as `constructor` are properties only where they are declared. */
export const propertySchema = (schema: PropsSchema | undefined, name: string): PropsSchema | undefined =>
  schema?.properties ? (own(schema.properties, name) as PropsSchema | undefined) : undefined;

/** Like an object's own field, for values that may be called anything. */
const isMeta = (schema: PropsSchema, key: string): boolean =>
  schema['x-kubernetes-embedded-resource'] === true && META_FIELDS.has(key);

/** Takes fields out that the schema does not specify, and notes their paths. */
class Pruning {
  readonly unknown: string[] = [];

  value(value: unknown, schema: PropsSchema | undefined, path: string): unknown {
    const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true;
    if (Array.isArray(value)) return this.#items(value, schema, keeps, path);
    return isObject(value) ? this.#fields(value, schema, keeps, path) : value;
  }

  #items(list: readonly unknown[], schema: PropsSchema | undefined, keeps: boolean, path: string): unknown {
    if (keeps && !schema?.items) return list;
    let out: unknown[] | undefined;
    list.forEach((item, i) => {
      const pruned = this.value(item, schema?.items, `${path}[${i}]`);
      if (pruned !== item) (out ??= list.slice())[i] = pruned;
    });
    return out ?? list;
  }

  #fields(value: Fields, schema: PropsSchema | undefined, keeps: boolean, path: string): unknown {
    let out: Record<string, unknown> | undefined;
    const more = schema && additionalSchema(schema);
    for (const key of Object.keys(value)) {
      if (schema && isMeta(schema, key)) continue;
      const at = path ? `${path}.${key}` : key;
      const inner = propertySchema(schema, key) ?? more;
      if (inner) {
        const pruned = this.value(value[key], inner, at);
        if (pruned !== value[key]) (out ??= { ...value })[key] = pruned;
      } else if (!keeps && schema?.additionalProperties !== true) {
        this.unknown.push(at);
        delete (out ??= { ...value })[key];
      }
    }
    return out ?? value;
  }
}

interface Pruned {
  /** The value itself where it had nothing to take out. */
  readonly value: unknown;
  /** `spec.list[0].x`, sorted. */
  readonly unknown: readonly string[];
}

/**
 * A value without the fields that its schema does not specify. The metadata and type of resources are left alone: of
 * the whole where it is one, of embedded ones always.
 */
export function prune(value: unknown, schema: PropsSchema, isResource: boolean): Pruned {
  const pruning = new Pruning();
  const at = isResource ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema;
  const pruned = pruning.value(value, at, '');
  return { value: pruned, unknown: pruning.unknown.sort() };
}

const isUnwantedNull = (value: unknown, schema: PropsSchema): boolean =>
  value === null && schema.nullable !== true && schema.default === undefined;

/** A value without the nulls that may not be there and for which there is no default. */
export function withoutNulls(value: unknown, schema: PropsSchema | undefined): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) {
    let out: unknown[] | undefined;
    (value as unknown[]).forEach((item, i) => {
      const kept = withoutNulls(item, schema.items);
      if (kept !== item) (out ??= (value as unknown[]).slice())[i] = kept;
    });
    return out ?? value;
  }
  if (!isObject(value)) return value;
  let out: Record<string, unknown> | undefined;
  const more = additionalSchema(schema);
  for (const key of Object.keys(value)) {
    const inner = propertySchema(schema, key) ?? more;
    if (!inner) continue;
    if (isUnwantedNull(value[key], inner)) {
      delete (out ??= { ...value })[key];
      continue;
    }
    const kept = withoutNulls(value[key], inner);
    if (kept !== value[key]) (out ??= { ...value })[key] = kept;
  }
  return out ?? value;
}
