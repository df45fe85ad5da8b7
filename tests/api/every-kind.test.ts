/** Laws that hold for every kind, whatever somebody writes into an object of it. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError, decode, kinds, schemaOf, toTable, type Kind, type UntypedObject } from '../../src/api/index.ts';
import type { Schema } from '../../src/api/schema/schema.ts';

interface Discovered {
  readonly items: readonly {
    readonly metadata: { readonly name?: string };
    readonly versions: readonly {
      readonly version: string;
      readonly resources: readonly {
        readonly resource: string;
        readonly responseKind: { readonly kind: string };
        readonly scope: string;
        readonly singularResource: string;
        readonly shortNames?: readonly string[];
        readonly categories?: readonly string[];
        readonly verbs: readonly string[];
        readonly subresources?: readonly { readonly subresource: string }[];
      }[];
    }[];
  }[];
}

const discovery = JSON.parse(
  readFileSync(new URL('../recordings/schema/discovery.json', import.meta.url), 'utf8'),
) as Record<string, Discovered>;

const resources = Object.values(discovery).flatMap(({ items }) =>
  items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources: all }) =>
      all.map((resource) => ({ group: metadata.name ?? '', version, ...resource })),
    ),
  ),
);

const name = ({ group, version, resource }: { group: string; version: string; resource: string }): string =>
  `${group}/${version}/${resource}`;

describe('kinds are what discovery says', () => {
  it('serves all of them and no others', () => {
    expect(kinds.map(name).toSorted()).toEqual(resources.map(name).toSorted());
  });

  it.each(resources.map((resource) => [name(resource), resource] as const))('%s', (id, expected) => {
    const kind = kinds.find((candidate) => name(candidate) === id)!;
    expect({
      kind: kind.kind,
      singular: kind.singular,
      namespaced: kind.namespaced,
      shortNames: kind.shortNames,
      categories: kind.categories,
      status: kind.hasStatus ?? false,
      scale: kind.scale !== undefined,
    }).toEqual({
      kind: expected.responseKind.kind,
      singular: expected.singularResource,
      namespaced: expected.scope === 'Namespaced',
      shortNames: expected.shortNames,
      categories: expected.categories,
      status: expected.subresources?.some(({ subresource }) => subresource === 'status') ?? false,
      scale: expected.subresources?.some(({ subresource }) => subresource === 'scale') ?? false,
    });
  });
});

const DEEPEST = 7;

const words = fc.constantFrom(
  '',
  'a',
  'A_b',
  'web',
  'example.com/x',
  '*',
  '0',
  '10%',
  '10.0.0.0/8',
  '../x',
  'é',
  'None',
  '1Gi',
);

/** Values that fit a schema or nearly do; fields come and go. */
function valueOf(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref) {
    if (schema.$ref.endsWith('Quantity')) return fc.constantFrom('1', '100m', '-1', '1Gi', 0);
    if (/\.v1\.(Micro)?Time$/.test(schema.$ref)) return fc.constantFrom('2026-01-01T00:00:00Z', null);
    if (schema.$ref.endsWith('IntOrString')) return fc.oneof(fc.constantFrom(-1, 0, 1, 80), words);
    return valueOf(schemaOf(schema.$ref), depth);
  }
  if (depth > DEEPEST) return fc.constant(null);
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string')
    return fc.oneof(fc.constantFrom(-1, 0, 1, 80), words);
  switch (schema.type) {
    case 'string':
      if (schema.format === 'byte') return fc.constantFrom('', 'YQ==');
      return schema.enum ? fc.oneof(fc.constantFrom(...schema.enum), words) : words;
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return fc.constantFrom(-1, 0, 1, 2, 100, 70_000);
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, depth + 1), { maxLength: 2 });
    case 'object':
      if (schema.properties)
        return fc.record(
          Object.fromEntries(
            Object.entries(schema.properties).map(([field, property]) => [
              field,
              fc.memo((d) => valueOf(property, d))(depth + 1),
            ]),
          ),
          { requiredKeys: [] },
        );
      return fc.dictionary(words, valueOf(schema.additionalProperties ?? { type: 'string' }, depth + 1), {
        maxKeys: 2,
      });
    default:
      return fc.constantFrom(null, 'x', {}, { type: 'object' });
  }
}

/** An object of the kind from a handful of its fields, so that many combinations are seen. */
const objectOf = (kind: Kind): fc.Arbitrary<Record<string, unknown>> => {
  const { properties = {} } = schemaOf(kind.schema);
  const fields = Object.entries(properties).filter(
    ([field]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(field),
  );
  return fc.record(Object.fromEntries(fields.map(([field, schema]) => [field, valueOf(schema, 0)])), {
    requiredKeys: [],
  });
};

/** What the registry does with a new object, as far as this floor goes; refusals are ApiErrors or lists of causes. */
function written(kind: Kind, fields: object): { object: UntypedObject; errors: number } | undefined {
  try {
    const metadata = { name: 'a', ...(kind.namespaced ? { namespace: 'lab' } : {}) };
    const { object } = decode<UntypedObject>(kind, { ...fields, metadata });
    object.metadata.uid = 'u';
    object.metadata.creationTimestamp = '2026-01-01T00:00:00Z';
    kind.defaults?.(object);
    kind.prepareForCreate?.(object);
    const errors = kind.validate?.(object) ?? [];
    // Kubernetes itself says "undefined" of a field of schemas that may be true or absent.
    for (const { field, detail } of errors)
      expect(`${field}: ${detail.replace('must be true or undefined', '')}`).not.toMatch(/undefined|\[object|NaN/);
    if (errors.length === 0) kind.warnings?.(object, undefined);
    return { object, errors: errors.length };
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}

/** Null stands for nothing: some empty fields are never left out. */
const withoutNulls = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, inner: unknown) => (inner === null ? undefined : inner)));

const stored = kinds.filter(({ verbs }) => !verbs);

describe.each(stored.map((kind) => [`${kind.group}/${kind.version} ${kind.kind}`, kind] as const))('%s', (_, kind) => {
  it('is refused or accepted, never stumbled over', () => {
    fc.assert(
      fc.property(objectOf(kind), objectOf(kind), (fields, before) => {
        const result = written(kind, fields);
        if (!result) return;
        const { object } = result;
        const old = written(kind, before)?.object;
        if (old) {
          kind.prepareForUpdate?.(old, object);
          kind.validateUpdate?.(old, object);
        }
        if (result.errors > 0) return;
        toTable(kind, [object], Date.parse('2026-01-02T00:00:00Z'));
        for (const value of Object.values(kind.selectableFields ?? {})) expect(typeof value(object)).toBe('string');
      }),
      { numRuns: 50, seed: 1 },
    );
  });

  it('is shown when there is nothing to it', () => {
    const result = written(kind, {});
    if (result?.errors === 0) toTable(kind, [result.object], 0);
  });

  it('keeps its defaults when they are filled in again', () => {
    const once = written(kind, {})?.object;
    if (!once) return;
    const twice = decode<UntypedObject>(kind, JSON.parse(JSON.stringify(once))).object;
    kind.defaults?.(twice);
    expect(withoutNulls(twice)).toEqual(withoutNulls(once));
  });
});
