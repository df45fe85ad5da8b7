import { describe, expect, test } from 'vitest';
import { raw, request, refusal } from '../client.ts';
import { defineKind, version, type CustomKind } from '../custom-resources.ts';
import { customResourceDefinitions } from '../kinds.ts';
import { namespace, unique, until } from '../scene.ts';

type Definition = Readonly<Record<string, unknown>>;

interface Swagger {
  readonly swagger: string;
  readonly definitions: Readonly<Record<string, Definition>>;
}

let held: { readonly etag: string; readonly document: Swagger } | undefined;

/** The document, not sent again while it says the same. */
async function published(): Promise<Swagger['definitions']> {
  const response = await raw('GET', '/openapi/v2', undefined, held ? { 'if-none-match': held.etag } : {});
  if (response.status !== 304) {
    expect(response.status).toBe(200);
    held = { etag: response.headers.get('etag')!, document: (await response.json()) as Swagger };
    expect(held.document.swagger).toBe('2.0');
  }
  return held!.document.definitions;
}

const definitionName = ({ group, kind }: CustomKind, at: string): string =>
  `${group.split('.').toReversed().join('.')}.${at}.${kind}`;

const publishes = async (kind: CustomKind, at: string, satisfied: (found: Definition | undefined) => boolean) =>
  (await until(published, (definitions) => satisfied(definitions[definitionName(kind, at)])))[
    definitionName(kind, at)
  ]!;

const isThere = (found: Definition | undefined): boolean => found !== undefined;

const FOO = {
  description: 'Foo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              age: { description: 'Age of Bar.', type: 'string' },
              feeling: { description: 'Whether Bar is feeling great.', type: 'string', enum: ['Great', 'Down'] },
              bazs: { description: 'List of Bazs.', type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    },
    status: {
      description: 'Status of Foo',
      type: 'object',
      properties: { bars: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } } },
    },
  },
};

const WALDO = {
  description: 'Waldo CRD for Testing',
  type: 'object',
  properties: { spec: { type: 'object', properties: { dummy: { type: 'object' } } } },
};

const foo = (name: string, rest: object = {}): object => version(name, FOO, { storage: true, ...rest });

const gvk = ({ group, kind }: CustomKind, at: string): object => ({
  'x-kubernetes-group-version-kind': [{ group, kind, version: at }],
});

/** Creates, and applies as kubectl does, what must be let through under strict validation. */
async function accepts(kind: CustomKind, body: object): Promise<void> {
  const things = kind.at('v1', await namespace());
  const made = await things.create({ metadata: { name: 'one' }, ...body }, { fieldValidation: 'Strict' });
  expect(made).toMatchObject(body);
  const patched = await things.patch('one', { ...body, metadata: { annotations: { applied: 'yes' } } });
  expect(patched).toMatchObject(body);
}

describe('[sig-api-machinery] CustomResourcePublishOpenAPI', () => {
  test('Custom Resource OpenAPI Publish, with validation schema', async () => {
    const kind = await defineKind({ versions: [foo('v1')] });
    const definition = await publishes(kind, 'v1', isThere);
    expect(definition).toMatchObject({ ...FOO, ...gvk(kind, 'v1') });
    expect(definition['properties']).toMatchObject({
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
    });
    await accepts(kind, { spec: { bars: [{ name: 'test-bar' }] } });
    const things = kind.at('v1', await namespace());
    const bad = (body: object) =>
      refusal(things.create({ metadata: { name: 'bad' }, ...body }, { fieldValidation: 'Strict' }));
    expect((await bad({ spec: { foo: true } })).message).toContain('unknown field "spec.foo"');
    expect((await bad({ spec: { bars: [{ age: '10' }] } })).message).toContain('spec.bars[0].name: Required value');
    const feeling = await bad({ spec: { bars: [{ name: 'b', feeling: 'NonExistentValue' }] } });
    expect(feeling.message).toContain('Unsupported value: "NonExistentValue"');
  });

  test('Custom Resource OpenAPI Publish, with x-kubernetes-preserve-unknown-fields in object', async () => {
    const kind = await defineKind();
    expect(await publishes(kind, 'v1', isThere)).toMatchObject({ type: 'object', ...gvk(kind, 'v1') });
    await accepts(kind, { a: { b: [{ c: 'd' }] } });
  });

  test('Custom Resource OpenAPI Publish, with x-kubernetes-preserve-unknown-fields at root', async () => {
    const root = { description: 'preserve-unknown-properties at root for Testing', type: 'object' };
    const schema = {
      ...root,
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { spec: { description: 'Specification of Waldo', type: 'object' } },
    };
    const kind = await defineKind({ versions: [version('v1', schema, { storage: true })] });
    // Clients that validate by this document must not take the known fields for all there are.
    expect(await publishes(kind, 'v1', isThere)).toEqual({ type: 'object', ...gvk(kind, 'v1') });
    await accepts(kind, { a: { b: [{ c: 'd' }] } });
  });

  test('Custom Resource OpenAPI Publish, with x-kubernetes-preserve-unknown-fields in embedded object', async () => {
    const schema = {
      description: 'preserve-unknown-properties in nested field for Testing',
      type: 'object',
      properties: {
        spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { a: { type: 'string' } } },
      },
    };
    const kind = await defineKind({ versions: [version('v1', schema, { storage: true })] });
    const definition = await publishes(kind, 'v1', isThere);
    expect(definition['description']).toBe(schema.description);
    await accepts(kind, { spec: { b: [{ c: 'd' }] } });
  });

  test('Custom Resource OpenAPI Publish, varying groups', async () => {
    const first = await defineKind({ versions: [foo('v1')] });
    const second = await defineKind({ versions: [version('v1beta1', WALDO, { storage: true })] });
    expect(second.group).not.toBe(first.group);
    expect(await publishes(second, 'v1beta1', isThere)).toMatchObject(WALDO);
    expect(await publishes(first, 'v1', isThere)).toMatchObject(FOO);
  });

  test('Custom Resource OpenAPI Publish, varying versions', async () => {
    const kind = await defineKind({ versions: [foo('v2'), version('v3', WALDO)] });
    expect(await publishes(kind, 'v3', isThere)).toMatchObject(WALDO);
    expect(await publishes(kind, 'v2', isThere)).toMatchObject(FOO);
  });

  test('Custom Resource OpenAPI Publish, varying kinds', async () => {
    const group = `${unique('common')}.example.com`;
    const first = await defineKind({ group, versions: [foo('v6')] });
    const second = await defineKind({ group, versions: [version('v6', WALDO, { storage: true })] });
    expect(await publishes(first, 'v6', isThere)).toMatchObject(FOO);
    expect(await publishes(second, 'v6', isThere)).toMatchObject(WALDO);
  });

  test('Custom Resource OpenAPI Publish, version rename', async () => {
    const kind = await defineKind({ versions: [foo('v2'), version('v3', FOO)] });
    await publishes(kind, 'v3', isThere);
    await customResourceDefinitions().patch(
      kind.name,
      [
        { op: 'test', path: '/spec/versions/1/name', value: 'v3' },
        { op: 'replace', path: '/spec/versions/1/name', value: 'v4' },
      ],
      { type: 'json' },
    );
    await publishes(kind, 'v4', isThere);
    const definitions = await until(published, (found) => found[definitionName(kind, 'v3')] === undefined);
    expect(definitions[definitionName(kind, 'v2')]).toMatchObject(FOO);
  });

  test('Custom Resource OpenAPI Publish, stop serving version', async () => {
    const kind = await defineKind({ versions: [foo('v5'), version('v6alpha1', FOO)] });
    await publishes(kind, 'v6alpha1', isThere);
    await customResourceDefinitions().patch(
      kind.name,
      [{ op: 'replace', path: '/spec/versions/1/served', value: false }],
      {
        type: 'json',
      },
    );
    const definitions = await until(published, (found) => found[definitionName(kind, 'v6alpha1')] === undefined);
    expect(definitions[definitionName(kind, 'v5')]).toMatchObject(FOO);
  });
});

describe('[sig-api-machinery] OpenAPIV3', () => {
  test('OpenAPI V3 CustomResourceDefinition', async () => {
    const kind = await defineKind();
    const path = `apis/${kind.group}/v1`;
    const index = () => request<{ paths: Record<string, { serverRelativeURL: string }> }>('GET', '/openapi/v3');
    const { paths } = await until(index, (found) => path in found.paths);
    const document = await request<{ openapi: string; components: { schemas: object } }>(
      'GET',
      paths[path]!.serverRelativeURL,
    );
    expect(document.openapi).toMatch(/^3\.0/);
    expect(document.components.schemas).toHaveProperty([definitionName(kind, 'v1')]);
    await customResourceDefinitions().delete(kind.name);
    await until(index, (found) => !(path in found.paths));
  });
});
