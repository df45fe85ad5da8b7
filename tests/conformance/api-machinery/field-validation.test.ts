import { describe, expect, test } from 'vitest';
import { refusal } from '../client.ts';
import { defineKind, version, type CustomKind } from '../custom-resources.ts';
import { deployments } from '../kinds.ts';
import { namespace } from '../scene.ts';
import { Resource } from '../client.ts';

const STRICT = { fieldManager: 'field_validation_mgr', fieldValidation: 'Strict' };

const PORTS = {
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
  items: {
    type: 'object',
    required: ['containerPort', 'protocol'],
    properties: {
      containerPort: { type: 'integer', format: 'int32' },
      hostPort: { type: 'integer', format: 'int32' },
      hostIP: { type: 'string' },
      name: { type: 'string' },
      protocol: { type: 'string' },
    },
  },
};

const spec = (rest: object = {}, properties: object = {}): object => ({
  type: 'object',
  ...rest,
  properties: {
    foo: { type: 'string' },
    cronSpec: { type: 'string', pattern: String.raw`^(\d+|\*)(/\d+)?(\s+(\d+|\*)(/\d+)?){4}$` },
    ports: PORTS,
    ...properties,
  },
});

const withSpec = (schema: object): Promise<CustomKind> => {
  const root = { type: 'object', properties: { spec: schema } };
  const versions = [version('v1beta1', root, { storage: true }), version('v1', root)];
  return defineKind({ scope: 'Cluster', versions });
};

const KEEP = { 'x-kubernetes-preserve-unknown-fields': true };

/** The manifest of a custom resource in YAML, with lines of its own at the root, in metadata and in spec. */
const manifest = ({ group, kind }: CustomKind, { root = '', metadata = '', lines = '  foo: foo1' }) => `
apiVersion: ${group}/v1beta1
kind: ${kind}
metadata:
  name: mytest${metadata}
  finalizers:
  - test-finalizer${root}
spec:
${lines}
  cronSpec: "* * * * */5"
  ports:
  - name: x
    containerPort: 80
    protocol: TCP`;

const apply = (kind: CustomKind, parts: { root?: string; metadata?: string; lines?: string } = {}) =>
  kind.at('v1beta1').patch('mytest', manifest(kind, parts), { type: 'apply', ...STRICT });

/** A Deployment as text, since objects cannot have a field twice. */
const deployment = (metadata: string, fields: string): string => `{
  "apiVersion": "apps/v1", "kind": "Deployment",
  "metadata": {"name": "my-dep", ${metadata} "labels": {"app": "nginx"}},
  "spec": {${fields}
    "selector": {"matchLabels": {"app": "nginx"}},
    "template": {
      "metadata": {"labels": {"app": "nginx"}},
      "spec": {"containers": [{"name": "nginx", "image": "nginx:latest"}]}
    }
  }
}`;

const create = async (text: string) =>
  refusal(new Resource(deployments(await namespace()).path).create(text as unknown as object, STRICT));

describe('[sig-api-machinery] FieldValidation', () => {
  test('Server side field validation, typed object', async () => {
    const { message } = await create(deployment('', '"unknownField": "foo", "replicas": 2, "replicas": 3,'));
    expect(message).toContain(
      'strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"',
    );
  });

  test('Server side field validation, typed unknown metadata', async () => {
    const { message } = await create(deployment('"unknownMeta": "foo",', ''));
    expect(message).toContain('strict decoding error: unknown field "metadata.unknownMeta"');
  });

  test('Server side field validation, valid CR with validation schema', async () => {
    const kind = await withSpec(spec());
    expect(await apply(kind)).toMatchObject({ spec: { foo: 'foo1', ports: [{ containerPort: 80 }] } });
    await kind.at('v1').patch('mytest', { metadata: { finalizers: null } });
  });

  test('Server side field validation, unknown fields CR no validation schema', async () => {
    const kind = await defineKind({
      scope: 'Cluster',
      versions: [version('v1beta1', undefined, { storage: true }), version('v1')],
    });
    expect(await apply(kind, { lines: '  unknown: uk1' })).toMatchObject({ spec: { unknown: 'uk1' } });
    await kind.at('v1').patch('mytest', { metadata: { finalizers: null } });
  });

  test('Server side field validation, unknown fields CR fails validation', async () => {
    const { message } = await refusal(apply(await withSpec(spec()), { root: '\nunknownField: unknown' }));
    expect(message).toContain('.unknownField: field not declared in schema');
  });

  test('Server side field validation, unknown metadata', async () => {
    const embedded = {
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      properties: {
        metadata: { type: 'object', properties: { name: { type: 'string' } } },
        spec: { type: 'object' },
      },
    };
    const kind = await withSpec(spec(KEEP, { template: embedded }));
    const lines = `  template:
    apiversion: foo/v1
    kind: Sub
    metadata:
        unknownSubMeta: unknown
        name: subobject
        namespace: default
  foo: foo1`;
    const { message } = await refusal(apply(kind, { metadata: '\n  unknownMeta: unknown', lines }));
    expect(message).toMatch(
      /\.(spec\.template\.metadata\.unknownSubMeta|metadata\.unknownMeta): field not declared in schema/,
    );
  });

  test('Server side field validation, CR duplicates', async () => {
    const kind = await withSpec(spec(KEEP));
    const { message } = await refusal(apply(kind, { lines: '  unknown: uk1\n  foo: foo1\n  foo: foo2' }));
    expect(message).toContain('line 11: key "foo" already set in map');
  });
});
