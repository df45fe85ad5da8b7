import { equal } from '../draft.ts';
import { quote } from '../field-error.ts';
import type { CustomResourceDefinition } from '../types.ts';
import { isKnownFormat } from './formats.ts';
import type { PropsSchema } from './schema-checks.ts';

/** Formats of numbers. */
const NUMERIC: ReadonlySet<string> = new Set([
  'int32',
  'int64',
  'uint32',
  'uint64',
  'float',
  'float32',
  'double',
  'float64',
]);

function collect(schema: PropsSchema | undefined, found: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { format } = schema;
  if (format && !NUMERIC.has(format) && !isKnownFormat(format)) found.add(format);
  collect(schema.items, found);
  collect(schema.not, found);
  if (typeof schema.additionalProperties === 'object') collect(schema.additionalProperties, found);
  for (const property of Object.values(schema.properties ?? {})) collect(property, found);
  for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) collect(part, found);
}

/** Warnings of formats that nothing is checked against: they may be misspelt. */
export function formatWarnings(
  { spec }: CustomResourceDefinition,
  old: CustomResourceDefinition | undefined,
): string[] {
  if (old && equal(spec.versions, old.spec.versions)) return [];
  const found = new Set<string>();
  for (const { schema } of spec.versions ?? []) collect(schema?.openAPIV3Schema as PropsSchema | undefined, found);
  return [...found].sort().map((format) => `unrecognized format ${quote(format)}`);
}
