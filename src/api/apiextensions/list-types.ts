import { equal } from '../draft.ts';
import { duplicate, invalid } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { additionalSchema, propertySchema } from './pruning.ts';
import type { PropsSchema } from './schema-checks.ts';

/** JSON with the keys of objects in order, as Go writes maps. */
const sortedKeys = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** The indexes at which a value comes for the second time. */
function repeated(list: readonly unknown[]): number[] {
  const groups: { readonly value: unknown; times: number }[] = [];
  const found: number[] = [];
  list.forEach((value, i) => {
    const group = groups.find((each) => equal(each.value, value));
    if (!group) groups.push({ value, times: 1 });
    else if (group.times++ === 1) found.push(i);
  });
  return found;
}

/** The fields by which an item of a list map is known. */
function keyOf(item: unknown, keys: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (item === null) return out;
  for (const key of keys)
    if (Object.hasOwn(item as object, key)) out[key] = (item as Readonly<Record<string, unknown>>)[key];
  return out;
}

function checkItems(list: readonly unknown[], schema: PropsSchema, path: string, errors: FieldError[]): void {
  if (schema['x-kubernetes-list-type'] === 'set') {
    for (const i of repeated(list)) errors.push(duplicate(`${path}[${i}]`, sortedKeys(list[i])));
  } else if (schema['x-kubernetes-list-type'] === 'map') {
    const wrong = list.findIndex((item) => item !== null && (typeof item !== 'object' || Array.isArray(item)));
    if (wrong >= 0) {
      errors.push(invalid(`${path}[${wrong}]`, list[wrong], 'must be an object for an array of list-type map'));
    } else {
      const keys = list.map((item) => keyOf(item, schema['x-kubernetes-list-map-keys'] ?? []));
      for (const i of repeated(keys)) errors.push(duplicate(`${path}[${i}]`, sortedKeys(keys[i])));
    }
  }
}

/**
 * What is wrong with lists that are sets or maps: something is in them twice. `path` is where the value stands, ''
 * for the object itself.
 */
export function checkListTypes(
  value: unknown,
  schema: PropsSchema | undefined,
  path = '',
  errors: FieldError[] = [],
): FieldError[] {
  if (!schema || typeof value !== 'object' || value === null) return errors;
  if (Array.isArray(value)) {
    checkItems(value, schema, path, errors);
    (value as unknown[]).forEach((item, i) => void checkListTypes(item, schema.items, `${path}[${i}]`, errors));
    return errors;
  }
  const more = additionalSchema(schema);
  for (const [key, inner] of Object.entries(value)) {
    const property = propertySchema(schema, key);
    if (property) checkListTypes(inner, property, path ? `${path}.${key}` : key, errors);
    else if (more) checkListTypes(inner, more, `${path}[${key}]`, errors);
  }
  return errors;
}
