/** What a schema of a definition is to others: to server-side apply, and to readers of OpenAPI. */
import { UNDESCRIBED } from '../../api/apply/shape.ts';
import { additionalSchema } from '../../api/apiextensions/pruning.ts';
import type { PropsSchema } from '../../api/apiextensions/schema-checks.ts';
import type { Schema } from '../../api/schema/schema.ts';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

const CONVENTIONS = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';

const API_VERSION = {
  type: 'string',
  description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. More info: ${CONVENTIONS}#resources`,
};

const KIND = {
  type: 'string',
  description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. More info: ${CONVENTIONS}#types-kinds`,
};

const METADATA = {
  description: `Standard object's metadata. More info: ${CONVENTIONS}#metadata`,
  $ref: OBJECT_META,
};

/** The fields that every resource has. */
const RESOURCE_FIELDS: Readonly<Record<string, unknown>> = { apiVersion: API_VERSION, kind: KIND, metadata: METADATA };

const mapValues = <T, R>(map: Readonly<Record<string, T>>, change: (value: T) => R): Record<string, R> =>
  Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)]));

/** How fields are owned. Where unknown fields are kept, they are kept in everything below as well. */
export function structureOf(schema: PropsSchema, isResource: boolean, keepsAbove = false): Schema {
  const keeps = keepsAbove || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema['x-kubernetes-int-or-string']) return { 'x-kubernetes-int-or-string': true, default: schema.default };
  switch (schema.type) {
    case 'array':
      return {
        type: 'array',
        items: schema.items ? structureOf(schema.items, isEmbedded(schema.items), keeps) : UNDESCRIBED,
        ...extensionsOf(schema, 'x-kubernetes-list-type', 'x-kubernetes-list-map-keys'),
      };
    case 'object':
      return objectStructure(schema, isResource, keeps);
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return { type: schema.type, default: schema.default };
    default:
      return UNDESCRIBED;
  }
}

const isEmbedded = (schema: PropsSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

const extensionsOf = (schema: PropsSchema, ...names: string[]): object =>
  Object.fromEntries(names.filter((name) => schema[name] !== undefined).map((name) => [name, schema[name]]));

function objectStructure(schema: PropsSchema, isResource: boolean, keeps: boolean): Schema {
  const properties = mapValues(schema.properties ?? {}, (each) => structureOf(each, isEmbedded(each), keeps));
  const own = isResource ? { ...properties, ...(RESOURCE_FIELDS as Record<string, Schema>) } : properties;
  const extensions = extensionsOf(schema, 'x-kubernetes-map-type');
  const more = additionalSchema(schema);
  if (Object.keys(own).length > 0) {
    const rest = keeps || Object.keys(properties).length === 0 ? { 'x-kubernetes-preserve-unknown-fields': true } : {};
    return { type: 'object', properties: own, ...rest, ...extensions };
  }
  const values = more ? structureOf(more, isEmbedded(more), keeps) : UNDESCRIBED;
  return { type: 'object', additionalProperties: values, ...extensions };
}

/** The schema as OpenAPI version 3 publishes it: with the fields of every resource, and what int-or-string means said. */
function published(schema: PropsSchema, isResource: boolean): PropsSchema {
  const { properties, items, ...rest } = schema;
  const more = additionalSchema(schema);
  const fields = properties && mapValues(properties, (each) => published(each, isEmbedded(each)));
  return {
    ...rest,
    ...(schema['x-kubernetes-int-or-string'] && !schema.anyOf && !schema.allOf
      ? { anyOf: [{ type: 'integer' }, { type: 'string' }] }
      : {}),
    ...(fields || isResource
      ? { properties: { ...fields, ...(isResource ? (RESOURCE_FIELDS as Record<string, PropsSchema>) : {}) } }
      : {}),
    ...(items ? { items: published(items, isEmbedded(items)) } : {}),
    ...(more ? { additionalProperties: published(more, isEmbedded(more)) } : {}),
  };
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

const named = (schema: object, gvk: GroupVersionKind): Schema =>
  ({ ...schema, 'x-kubernetes-group-version-kind': [gvk] }) as Schema;

/** Version 3 says everything. */
export const openApiV3Of = (schema: PropsSchema, gvk: GroupVersionKind): Schema => named(published(schema, true), gvk);

/**
 * What version 2 can say of a schema: no alternatives, nothing of what may be null, and of objects that keep unknown
 * fields no fields, since clients that validate by it would take those for all there are.
 */
function older({ anyOf: _1, allOf: _2, oneOf: _3, not: _4, nullable, ...schema }: PropsSchema): PropsSchema {
  const { properties, items, additionalProperties: _5, type, ...rest } = schema;
  if (nullable) return rest;
  if (schema['x-kubernetes-preserve-unknown-fields']) return { ...rest, type };
  const more = additionalSchema(schema);
  return {
    ...rest,
    ...(type ? { type } : {}),
    ...(properties ? { properties: mapValues(properties, older) } : {}),
    ...(items ? { items: older(items) } : {}),
    ...(more ? { additionalProperties: older(more) } : {}),
  };
}

/** Version 2 says what it can, and of kinds that keep unknown fields nothing. */
export const openApiV2Of = (schema: PropsSchema, gvk: GroupVersionKind): Schema =>
  named(schema['x-kubernetes-preserve-unknown-fields'] ? { type: 'object' } : older(published(schema, true)), gvk);
