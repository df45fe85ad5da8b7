import { equal } from '../draft.ts';
import { invalid } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { prune } from './pruning.ts';
import { SchemaRules } from './rule-evaluation.ts';
import type { PropsSchema } from './schema-checks.ts';
import { checkValue } from './value-checks.ts';

function checkDefault(schema: PropsSchema, path: string): FieldError[] {
  const value = schema.default;
  if (value === undefined || value === null) return [];
  const at = `${path}.default`;
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  const errors: FieldError[] = [];
  if (!equal(prune(value, schema, isResource).value, value))
    errors.push(invalid(at, value, 'must not have unknown fields'));
  const wrong = checkValue(value, schema, at);
  errors.push(...wrong);
  if (wrong.length === 0)
    errors.push(...(SchemaRules.of(schema, isResource)?.check(value, undefined, at).errors ?? []));
  return errors;
}

/** What is wrong with the defaults of a schema: they have to be valid themselves, and no more than the schema specifies. */
export function checkDefaults(schema: PropsSchema, path: string): FieldError[] {
  const errors = checkDefault(schema, path);
  if (schema.items) errors.push(...checkDefaults(schema.items, `${path}.items`));
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    errors.push(...checkDefaults(property, `${path}.properties[${name}]`));
  return errors;
}
