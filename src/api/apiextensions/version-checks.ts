/** Validation of what a version of a CustomResourceDefinition has beside its schema: columns, subresources, selectable fields. */
import type { Errors } from '../core/common-checks.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import type { CustomResourceDefinition } from '../types.ts';
import { followFieldPath } from './field-path.ts';
import type { PropsSchema } from './schema-checks.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['binary', 'byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE_FIELDS = 8;
const MAX_WARNING_LENGTH = 256;

/** Whether a path begins as paths do here; errors say what it should be. */
function checkSimplePath(path: string, at: string, errors: Errors): boolean {
  if (path.startsWith('.')) return true;
  errors.push(invalid(at, path, 'must be a simple json path starting with .'));
  return false;
}

export function checkColumns(columns: Version['additionalPrinterColumns'], path: string, errors: Errors): void {
  columns?.forEach((column, i) => {
    const at = `${path}[${i}]`;
    if (!column.name) errors.push(required(`${at}.name`));
    if (!column.type) errors.push(required(`${at}.type`, `must be one of ${COLUMN_TYPES.join(',')}`));
    else if (!COLUMN_TYPES.includes(column.type))
      errors.push(invalid(`${at}.type`, column.type, `must be one of ${COLUMN_TYPES.join(',')}`));
    if (column.format && !COLUMN_FORMATS.includes(column.format))
      errors.push(invalid(`${at}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`));
    if (!column.jsonPath) errors.push(required(`${at}.JSONPath`));
    else checkSimplePath(column.jsonPath, `${at}.JSONPath`, errors);
  });
}

export function checkSubresources(of: Version['subresources'], path: string, errors: Errors): void {
  const { scale } = of ?? {};
  if (!scale) return;
  const check = (
    field: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath',
    roots: readonly string[],
    where: string,
  ): void => {
    const value = scale[field];
    const at = `${path}.scale.${field}`;
    if (!value) {
      if (field !== 'labelSelectorPath') errors.push(required(at));
    } else if (checkSimplePath(value, at, errors) && !roots.some((root) => value.startsWith(root)))
      errors.push(invalid(at, value, `should be a json path under ${where}`));
  };
  check('specReplicasPath', ['.spec.'], '.spec');
  check('statusReplicasPath', ['.status.'], '.status');
  check('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status');
}

export function checkSelectableFields(
  fields: Version['selectableFields'],
  schema: PropsSchema | undefined,
  path: string,
  errors: Errors,
): void {
  if (!fields?.length || !schema) return;
  const seen = new Set<string>();
  fields.forEach(({ jsonPath }, i) => {
    const at = `${path}[${i}].jsonPath`;
    if (!jsonPath) {
      errors.push(required(at));
      return;
    }
    const found = followFieldPath(jsonPath, schema, false);
    if (typeof found === 'string') {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found}`));
      return;
    }
    if (found.root === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? ''))
      errors.push(
        invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(found.text)) errors.push(duplicate(at, jsonPath));
    seen.add(found.text);
  });
  if (seen.size > MAX_SELECTABLE_FIELDS) errors.push(tooMany(path, seen.size, MAX_SELECTABLE_FIELDS));
}

export function checkDeprecation({ deprecated, deprecationWarning }: Version, path: string, errors: Errors): void {
  if (deprecationWarning === undefined) return;
  const at = `${path}.deprecationWarning`;
  const say = (message: string): void => void errors.push(invalid(at, deprecationWarning, message));
  if (!deprecated) return say('can only be set for deprecated versions');
  if (deprecationWarning.length > MAX_WARNING_LENGTH) say(`must be <= ${MAX_WARNING_LENGTH} characters long`);
  if (deprecationWarning === '') say('must not be an empty string');
  const strange = deprecationWarning.search(/[^\P{C}]|[^\P{Z} ]/u);
  if (strange >= 0)
    say(`must only contain printable UTF-8 characters; non-printable character found at index ${strange}`);
}

/** What may stand at the root of a schema whose status is a subresource: its status is judged by properties.status alone. */
const ROOT_FIELDS: readonly string[] = [
  'description',
  'type',
  'format',
  'title',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'required',
  'items',
  'properties',
  'externalDocs',
  'example',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-validations',
];

/** The fields in Go's names. */
const SHOWN_ROOT_FIELDS = ROOT_FIELDS.map((field) =>
  field
    .replace('x-kubernetes-', 'x-')
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(''),
).join(' ');

/** A schema whose status is a subresource says nothing at its root that the status would escape. */
export function checkRootWithStatus(schema: PropsSchema, path: string, errors: Errors): void {
  if (schema.type && schema.type !== 'object') {
    const message =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled';
    errors.push(invalid(`${path}.type`, schema.type, message));
    return;
  }
  if (Object.keys(schema).every((field) => ROOT_FIELDS.includes(field))) return;
  const message = `only [${SHOWN_ROOT_FIELDS}] fields are allowed at the root of the schema if the status subresource is enabled`;
  errors.push(invalid(path, schema, message));
}
