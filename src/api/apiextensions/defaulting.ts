import { additionalSchema, propertySchema } from './pruning.ts';
import type { PropsSchema } from './schema-checks.ts';

type Fields = Readonly<Record<string, unknown>>;

const isWrongNull = (value: unknown, schema: PropsSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true;

/**
 * A value with the defaults of its schema where it says nothing, or null where that may not be; the value itself where
 * nothing is missing. Defaults are completed by the defaults of what they contain.
 */
export function withDefaults(value: unknown, schema: PropsSchema | undefined): unknown {
  if (!schema || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const { items } = schema;
    let out: unknown[] | undefined;
    (value as unknown[]).forEach((item, i) => {
      const filled = withDefaults(isWrongNull(item, items) ? (items?.default ?? null) : item, items);
      if (filled !== item) (out ??= (value as unknown[]).slice())[i] = filled;
    });
    return out ?? value;
  }
  return fieldsWithDefaults(value as Fields, schema);
}

function fieldsWithDefaults(value: Fields, schema: PropsSchema): Fields {
  let out: Record<string, unknown> | undefined;
  const set = (key: string, filled: unknown): void => void ((out ??= { ...value })[key] = filled);
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || property.default === null) continue;
    if (!Object.hasOwn(value, key) || isWrongNull(value[key], property)) set(key, property.default);
  }
  const more = additionalSchema(schema);
  const current = out ?? value;
  for (const key of Object.keys(current)) {
    const property = propertySchema(schema, key);
    const inner = property ?? more;
    if (!inner) continue;
    const before = current[key];
    const filled = withDefaults(!property && isWrongNull(before, more) ? (more?.default ?? null) : before, inner);
    if (filled !== before) set(key, filled);
  }
  return out ?? value;
}
