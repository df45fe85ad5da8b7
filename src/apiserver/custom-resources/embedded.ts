/** Resources within resources: their type and metadata have the form that those of all resources have. */
import { additionalSchema, propertySchema } from '../../api/apiextensions/pruning.ts';
import type { PropsSchema } from '../../api/apiextensions/schema-checks.ts';
import { equal } from '../../api/draft.ts';
import { invalid, required } from '../../api/field-error.ts';
import type { FieldError, Kind } from '../../api/kind.ts';
import { checkDns1035Label } from '../../api/names.ts';
import type { ObjectMeta, UntypedObject } from '../../api/object.ts';
import { DecodeError } from '../../api/schema/reading.ts';
import { checkCreatedMetadata } from '../registry/object-meta.ts';
import { readMetadata } from './metadata.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEmbedded = (schema: PropsSchema): boolean => schema['x-kubernetes-embedded-resource'] === true;

/** What a visitor makes of an embedded resource; the resource itself when nothing changes. */
type Visitor = (resource: Fields, path: string) => Fields;

/** Visits every embedded resource of a value, the innermost first; the value itself when none was changed. */
function eachEmbedded(value: unknown, schema: PropsSchema | undefined, visit: Visitor, path = ''): unknown {
  if (!schema) return value;
  if (Array.isArray(value)) {
    let out: unknown[] | undefined;
    (value as unknown[]).forEach((item, i) => {
      const next = eachEmbedded(item, schema.items, visit, `${path}[${i}]`);
      if (next !== item) (out ??= (value as unknown[]).slice())[i] = next;
    });
    return out ?? value;
  }
  if (!isObject(value)) return value;
  let out: Record<string, unknown> | undefined;
  const more = additionalSchema(schema);
  for (const key of Object.keys(value)) {
    const property = propertySchema(schema, key);
    const at = property ? (path ? `${path}.${key}` : key) : `${path}[${key}]`;
    const next = eachEmbedded(value[key], property ?? more, visit, at);
    if (next !== value[key]) (out ??= { ...value })[key] = next;
  }
  return isEmbedded(schema) && path ? visit(out ?? value, path) : (out ?? value);
}

/** Whether a schema embeds resources at all, below its root. */
export function embedsResources(schema: PropsSchema | undefined, isRoot = true): boolean {
  if (!schema) return false;
  if (!isRoot && isEmbedded(schema)) return true;
  return [schema.items, additionalSchema(schema), ...Object.values(schema.properties ?? {})].some((part) =>
    embedsResources(part, false),
  );
}

/**
 * A value whose embedded resources have metadata without fields that metadata does not have; those are noted. Throws
 * DecodeError for metadata of wrong types, unless that is to be left alone.
 */
export const withEmbeddedMetadata = (
  value: unknown,
  schema: PropsSchema,
  unknown: string[],
  lenient: boolean,
): unknown =>
  eachEmbedded(value, schema, (resource, path) => {
    if (resource['metadata'] === undefined) return resource;
    try {
      const { metadata, unknown: found } = readMetadata(resource['metadata']);
      unknown.push(...found.map((field) => `${path}.metadata.${field}`));
      return equal(metadata, resource['metadata']) ? resource : { ...resource, metadata };
    } catch (error) {
      if (lenient && error instanceof DecodeError) return resource;
      throw error;
    }
  });

const GROUP_VERSION = /^[^/]*(?:\/[^/]*)?$/;

/** Names of embedded resources only have to fit into a path. */
const checkPathSegment = (name: string): string[] => {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((c) => name.includes(c)).map((c) => `may not contain '${c}'`);
};

/** What is wrong with the embedded resources of an object. */
export function checkEmbedded(object: unknown, schema: PropsSchema): FieldError[] {
  const errors: FieldError[] = [];
  eachEmbedded(object, schema, (resource, path) => {
    const { apiVersion, kind, metadata } = resource;
    const check = (field: 'apiVersion' | 'kind', problem: (text: string) => string | undefined): void => {
      const value = resource[field];
      const at = `${path}.${field}`;
      if (value === undefined || value === '') errors.push(required(at));
      else if (typeof value !== 'string') errors.push(invalid(at, value, 'must be a string'));
      else {
        const message = problem(value);
        if (message) errors.push(invalid(at, value, message));
      }
    };
    check('apiVersion', (text) =>
      GROUP_VERSION.test(text) ? undefined : `unexpected GroupVersion string: ${String(apiVersion)}`,
    );
    check('kind', (text) => {
      const messages = checkDns1035Label(text.toLowerCase());
      return messages.length > 0 ? `may have mixed case, but should otherwise match: ${messages.join(',')}` : undefined;
    });
    if (isObject(metadata)) {
      const meta = { ...metadata, name: metadata['name'] || 'fakename' } as ObjectMeta;
      const pseudo = { namespaced: Boolean(meta.namespace), validateName: checkPathSegment } as unknown as Kind;
      const found = checkCreatedMetadata(pseudo, { apiVersion, kind, metadata: meta } as UntypedObject, false);
      errors.push(...found.map((error) => ({ ...error, field: `${path}.${error.field}` })));
    }
    return resource;
  });
  return errors;
}
