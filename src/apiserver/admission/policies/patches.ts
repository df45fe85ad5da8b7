/** What the expressions of mutating policies make of an object (apiserver's policy/mutating/patch). */
import { fieldSetOf, TypedError } from '../../../api/apply/field-set-of.ts';
import { merge } from '../../../api/apply/merge.ts';
import { fieldSchema, itemSchema, shapeOf } from '../../../api/apply/shape.ts';
import { jsonOf, ListValue, MapValue, type CelValue } from '../../../api/cel/index.ts';
import { internalError } from '../../../api/errors.ts';
import { apiVersionOf, type Kind } from '../../../api/kind.ts';
import type { ObjectKind } from '../admission.ts';
import type { UntypedObject } from '../../../api/object.ts';
import { applyJsonPatch, PatchError } from '../../../api/patch/json-patch.ts';
import { DecodeError, decodeRaw } from '../../../api/schema/decode.ts';
import { schemaOf, type Schema } from '../../../api/schema/schema.ts';

/** A patch that cannot be applied. */
export class MutationError extends Error {}

/** Objects must be of the type that is named for their place: `Object.spec` in spec. */
function checkTypeNames(value: CelValue, path: string, problems: string[]): void {
  if (value instanceof ListValue) {
    for (const element of value) checkTypeNames(element, path, problems);
    return;
  }
  if (!(value instanceof MapValue)) return;
  const isObject = value.typeName?.startsWith('Object') ?? false;
  if (isObject && value.typeName !== path)
    problems.push(
      `unexpected type name "${value.typeName}", expected "${path}", which matches field name path from root Object type`,
    );
  for (const key of value.keys()) {
    const field = value.find(key) as CelValue;
    checkTypeNames(field, isObject ? `${path}.${String(key)}` : path, problems);
  }
}

function checkNames(value: CelValue, path: string): void {
  const problems: string[] = [];
  checkTypeNames(value, path, problems);
  if (problems.length > 0) throw new MutationError(`type mismatch: ${problems.join('\n')}`);
}

/** The places of lists and maps that are owned as one. */
function atomicsIn(value: unknown, schema: Schema, path: string): string[] {
  const shape = shapeOf(schema, value);
  switch (shape.type) {
    case 'atomic':
      return [path];
    case 'struct':
    case 'map':
      return Object.entries(value as object).flatMap(([key, part]) =>
        atomicsIn(part, fieldSchema(shape, key) ?? {}, `${path}.${key}`),
      );
    case 'set':
    case 'listmap':
      return (value as readonly unknown[]).flatMap((item, i) => atomicsIn(item, itemSchema(shape), `${path}[${i}]`));
    default:
      return [];
  }
}

/** What is patched: an object of a resource, or what was sent to a subresource. */
type Patched = Kind | ObjectKind;

const structureOf = (kind: Patched): Schema => {
  if ('custom' in kind && kind.custom?.structure) return kind.custom.structure;
  return kind.schema === undefined ? {} : schemaOf(kind.schema);
};

/** Merges an apply configuration into an object; who manages the fields is not minded. Throws MutationError. */
export function applyConfiguration(object: UntypedObject, kind: Patched, value: CelValue): UntypedObject {
  checkNames(value, 'Object');
  const config = { ...(jsonOf(value) as object), apiVersion: apiVersionOf(kind), kind: kind.kind };
  const schema = structureOf(kind);
  try {
    fieldSetOf(config, schema);
  } catch (error) {
    if (!(error instanceof TypedError)) throw error;
    throw new MutationError(`error applying patch: failed to convert patch object to typed object: ${error.message}`);
  }
  const atomics = atomicsIn(config, schema, '');
  if (atomics.length > 0)
    throw new MutationError(
      `error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: ${atomics.join(', ')}`,
    );
  return readAs(kind, merge(object, config, schema), 'Ignore');
}

/** Operations as JSON Patch has them. */
function operationOf(value: CelValue): Record<string, unknown> {
  const operation = jsonOf(value) as Record<string, unknown>;
  const made = value instanceof MapValue ? (value.find('value') as CelValue | undefined) : undefined;
  if (made instanceof MapValue && made.typeName?.startsWith('Object')) checkNames(made, made.typeName);
  const { op = '', path = '', from } = operation;
  return { op, path, ...(from ? { from } : {}), ...('value' in operation ? { value: operation['value'] } : {}) };
}

/** Applies a JSON patch; one whose test fails changes nothing. Throws MutationError. */
export function applyOperations(object: UntypedObject, kind: Patched, value: CelValue): UntypedObject {
  const operations = value instanceof ListValue ? [...value].map(operationOf) : [];
  try {
    return readAs(kind, applyJsonPatch(object, operations), 'Strict');
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (error.message.startsWith('testing value')) return object;
    throw new MutationError(`JSONPath: ${error.message}`);
  }
}

/** What was patched, as an object of its kind with its defaults. */
export function readAs(kind: Patched, json: unknown, fieldValidation: 'Strict' | 'Ignore'): UntypedObject {
  const { schema } = kind;
  if (schema === undefined) return json as UntypedObject;
  try {
    const { object } = decodeRaw<UntypedObject>({ ...kind, schema }, json, { fieldValidation });
    if ('defaults' in kind) kind.defaults?.(object);
    return object;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw internalError(error.message);
  }
}
