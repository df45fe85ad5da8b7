/** What OpenAPI schemas are as types of expressions (apiserver/pkg/cel/common/schemas.go). */
import { escapeName, unescapeName } from './escape.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  STRING,
  TIMESTAMP,
  type CelType,
} from './types.ts';

/** What matters to expressions in a schema: of a CRD, or of the API itself. */
export interface CelSchema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly items?: CelSchema;
  readonly properties?: Readonly<Record<string, CelSchema>>;
  readonly additionalProperties?: CelSchema | boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** A type, and how large its values may be. */
export interface SizedType {
  readonly type: CelType;
  /** The longest text, or the most elements, that a request could carry; 0 for what has no size. */
  readonly maxElements: number;
  /** The fewest bytes of JSON that a value takes. */
  readonly minBytes: number;
  /** Of lists and maps. */
  readonly element?: SizedType;
  /** Of maps. */
  readonly key?: SizedType;
  /** Of objects, by identifier. */
  field?(name: string): SizedType | undefined;
}

const MAX_REQUEST_BYTES = 3 * 1024 * 1024;
const MAX_TEXT = MAX_REQUEST_BYTES - 2;

const simple = (type: CelType, minBytes: number, maxElements = 0): SizedType => ({ type, minBytes, maxElements });

const BOOLEAN_TYPE = simple(BOOL, 4);
const INTEGER_TYPE = simple(INT, 1);
const NUMBER_TYPE = simple(DOUBLE, 1);
const KEY_TYPE = simple(STRING, 2);
const DURATION_TYPE = simple(DURATION, 3, 32);
const DATE_TYPE = simple(TIMESTAMP, 12, 12);
const DATE_TIME_TYPE = simple(TIMESTAMP, 21, 32);

const atLeast0 = (value: number): number => Math.max(0, value);

/** Maximum lengths are in code points, of up to four bytes each. */
const lengthOf = ({ maxLength }: CelSchema): number | undefined =>
  maxLength === undefined ? undefined : atLeast0(maxLength) * 4;

const longest = (values: readonly unknown[]): number =>
  Math.max(0, ...values.map((value) => (typeof value === 'string' ? new TextEncoder().encode(value).length : 0)));

function stringType(schema: CelSchema): SizedType {
  switch (schema.format) {
    case 'byte':
      return simple(BYTES, 2, schema.maxLength === undefined ? MAX_TEXT : atLeast0(schema.maxLength));
    case 'duration':
      return DURATION_TYPE;
    case 'date':
      return DATE_TYPE;
    case 'date-time':
      return DATE_TIME_TYPE;
  }
  const { enum: values = [] } = schema;
  return simple(STRING, 2, lengthOf(schema) ?? (values.length > 0 ? longest(values) : MAX_TEXT));
}

const STRING_SCHEMA: CelSchema = { type: 'string' };
const METADATA_SCHEMA: CelSchema = {
  type: 'object',
  properties: { name: STRING_SCHEMA, generateName: STRING_SCHEMA },
};

/** The root of a resource: of its metadata, expressions see the names only. */
export const resourceSchema = (schema: CelSchema): CelSchema => ({
  ...schema,
  type: schema.type ?? 'object',
  properties: { ...schema.properties, kind: STRING_SCHEMA, apiVersion: STRING_SCHEMA, metadata: METADATA_SCHEMA },
});

/** How `$ref`s are followed; schemas of CRDs have none. */
export type Resolve = (schema: CelSchema) => CelSchema;

const asItIs: Resolve = (schema) => schema;

function objectType(schema: CelSchema, name: string, resolve: Resolve): SizedType {
  const { properties = {}, required = [] } = schema;
  const known = new Map<string, SizedType | undefined>();
  const field = (identifier: string): SizedType | undefined => {
    const property = unescapeName(identifier);
    if (!Object.hasOwn(properties, property) || escapeName(property) !== identifier) return undefined;
    if (!known.has(identifier))
      known.set(identifier, sizedType(properties[property]!, `${name}.${identifier}`, resolve));
    return known.get(identifier);
  };
  const type: CelType = { kind: 'object', name, field: (identifier) => field(identifier)?.type };
  return {
    type,
    maxElements: 0,
    field,
    get minBytes() {
      let size = 2;
      for (const property of required) {
        const schemaOfIt = properties[property];
        if (!schemaOfIt || schemaOfIt.default !== undefined) continue;
        const sized = sizedType(schemaOfIt, `${name}.${property}`, resolve);
        if (sized) size += property.length + sized.minBytes + 4;
      }
      return size;
    },
  };
}

function arrayType({ items, maxItems }: CelSchema, name: string, resolve: Resolve): SizedType | undefined {
  const element = items && sizedType(items, `${name}.@idx`, resolve);
  if (!element) return undefined;
  return {
    type: listType(element.type),
    element,
    minBytes: 2,
    get maxElements() {
      return maxItems === undefined ? Math.floor(MAX_TEXT / (element.minBytes + 1)) : atLeast0(maxItems);
    },
  };
}

function keyedType(
  values: CelSchema,
  maxProperties: number | undefined,
  name: string,
  resolve: Resolve,
): SizedType | undefined {
  const element = sizedType(values, `${name}.@elem`, resolve);
  if (!element) return undefined;
  return {
    type: mapType(STRING, element.type),
    key: KEY_TYPE,
    element,
    minBytes: 2,
    get maxElements() {
      return maxProperties === undefined ? Math.floor(MAX_TEXT / (element.minBytes + 6)) : atLeast0(maxProperties);
    },
  };
}

/**
 * The type of what a schema describes; undefined when expressions cannot see it. Objects get the name, and what is in
 * them names below it. Ask for the root of a resource by way of resourceSchema().
 */
export function sizedType(given: CelSchema, name: string, resolve: Resolve = asItIs): SizedType | undefined {
  const resolved = resolve(given);
  if (resolved['x-kubernetes-int-or-string']) return simple(DYN, 1, lengthOf(resolved) ?? MAX_TEXT);
  const schema = resolved['x-kubernetes-embedded-resource'] ? resourceSchema(resolved) : resolved;
  switch (schema.type) {
    case 'array':
      return arrayType(schema, name, resolve);
    case 'object': {
      const { additionalProperties: values } = schema;
      if (typeof values === 'object') return keyedType(values, schema.maxProperties, name, resolve);
      return objectType(schema, name, resolve);
    }
    case 'string':
      return stringType(schema);
    case 'boolean':
      return BOOLEAN_TYPE;
    case 'number':
      return NUMBER_TYPE;
    case 'integer':
      return INTEGER_TYPE;
    default:
      return undefined;
  }
}
