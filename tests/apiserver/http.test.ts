import { describe, expect, test } from 'vitest';
import { configMap, Rig } from './rig.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };

describe('requests', () => {
  test('create, read, patch and delete by path', () => {
    const rig = new Rig();
    const made = rig.http('POST', CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      data: { n: '1' },
    });
    expect(made).toMatchObject({
      status: 201,
      body: { kind: 'ConfigMap', metadata: { name: 'a', namespace: 'default' } },
    });
    expect(Object.keys(made.body as object)).toEqual(['kind', 'apiVersion', 'metadata', 'data']);
    const merge = { 'content-type': 'application/merge-patch+json' };
    expect(rig.http('PATCH', `${CONFIG_MAPS}/a`, { data: { n: '2' } }, merge)).toMatchObject({
      status: 200,
      body: { data: { n: '2' } },
    });
    const list = rig.http('GET', `${CONFIG_MAPS}?fieldSelector=metadata.name%3Da`);
    expect(list.body).toMatchObject({ kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }] });
    expect((list.body as { items: object[] }).items[0]).not.toHaveProperty('kind');
    expect(rig.http('DELETE', `${CONFIG_MAPS}/a`, { propagationPolicy: 'Background' })).toMatchObject({
      body: { status: 'Success' },
    });
    expect(rig.http('GET', `${CONFIG_MAPS}/a`)).toMatchObject({
      status: 404,
      body: { reason: 'NotFound', message: 'configmaps "a" not found', details: { name: 'a', kind: 'configmaps' } },
    });
  });

  test('unknown fields warn, or are refused when the client wants that', () => {
    const rig = new Rig();
    const body = '{"metadata":{"name":"a"},"foo":1,"data":{"x":"1","x":"2"}}';
    const warned = rig.http('POST', CONFIG_MAPS, body);
    expect(warned.headers['warning']).toContain('299 - "unknown field \\"foo\\""');
    expect(rig.http('POST', `${CONFIG_MAPS}?fieldValidation=Strict`, body)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining('strict decoding error: ') as string },
    });
  });

  test('what cannot be read or written is refused in the right words', () => {
    const rig = new Rig();
    const message = (...asked: Parameters<Rig['http']>): unknown => {
      const { status, body } = rig.http(...asked);
      return [status, (body as { message?: string }).message ?? body];
    };
    expect(message('POST', CONFIG_MAPS, 'a: b', { 'content-type': 'text/plain' })).toEqual([
      415,
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ]);
    expect(message('GET', CONFIG_MAPS, undefined, { accept: 'text/html' })).toEqual([
      406,
      'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    ]);
    expect(message('GET', `${CONFIG_MAPS}?limit=x`)).toEqual([400, 'strconv.ParseInt: parsing "x": invalid syntax']);
    expect(message('PATCH', CONFIG_MAPS, {})).toEqual([
      405,
      'the server does not allow this method on the requested resource',
    ]);
    expect(message('GET', '/api/v1/namespaces/default/widgets')).toEqual([
      404,
      'the server could not find the requested resource',
    ]);
    expect(message('GET', '/nope')).toEqual([404, '404 page not found\n']);
    expect(message('POST', `${CONFIG_MAPS}?dryRun=maybe`, configMap('a'))).toEqual([
      422,
      expect.stringMatching(/^CreateOptions\.meta\.k8s\.io "" is invalid: dryRun: .*supported values: "All"$/),
    ]);
  });

  test('impersonation and authorization use the real words', () => {
    const rig = new Rig({
      authorizer: {
        authorize: ({ user }) => ({ allowed: user.username !== 'jane' }),
        authorizePath: ({ username }) => ({ allowed: username !== 'jane' }),
      },
    });
    const jane = { 'impersonate-user': 'jane' };
    const message = (path: string): unknown =>
      (rig.http('GET', path, undefined, jane).body as { message: string }).message;
    expect(message(CONFIG_MAPS)).toBe(
      'configmaps is forbidden: User "jane" cannot list resource "configmaps" in API group "" in the namespace "default"',
    );
    expect(message('/apis/apps/v1/deployments')).toBe(
      'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope',
    );
    expect(message('/metrics')).toBe('forbidden: User "jane" cannot get path "/metrics"');
  });
});

describe('forms', () => {
  test('tables, for lists and for watches', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a', { n: '1' }));
    const table = rig.http('GET', CONFIG_MAPS, undefined, TABLE).body as {
      columnDefinitions: { name: string }[];
      rows: { cells: unknown[] }[];
    };
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    expect(table.rows[0]!.cells).toEqual(['a', 1, '0s']);
    const chunks: { type: string; object: { columnDefinitions: unknown; rows: unknown[] } }[] = [];
    const stop = rig.http('GET', `${CONFIG_MAPS}?watch=true`, undefined, TABLE).stream!({
      chunk: (data) => chunks.push(data as never),
      end: () => undefined,
    });
    rig.create('configmaps', configMap('b'));
    rig.settle();
    stop();
    rig.create('configmaps', configMap('c'));
    rig.settle();
    expect(chunks.map(({ type, object }) => [type, object.rows.length, object.columnDefinitions === null])).toEqual([
      ['ADDED', 1, false],
      ['ADDED', 1, true],
    ]);
  });

  test('metadata alone', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a', { n: '1' }));
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';
    expect(rig.http('GET', CONFIG_MAPS, undefined, { accept }).body).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
    });
  });
});

describe('documents', () => {
  test('discovery tells every kind, in both forms', () => {
    const rig = new Rig();
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    const whole = rig.http('GET', '/apis', undefined, { accept }).body as {
      items: { metadata: { name: string }; versions: { resources: { resource: string }[] }[] }[];
    };
    const apps = whole.items.find(({ metadata }) => metadata.name === 'apps')!;
    expect(apps.versions[0]!.resources.map(({ resource }) => resource)).toContain('deployments');
    const list = rig.http('GET', '/apis/apps/v1').body as {
      resources: { name: string; storageVersionHash?: string }[];
    };
    expect(list.resources.find(({ name }) => name === 'deployments')?.storageVersionHash).toBe('8aSe+NMegvE=');
    expect(list.resources.map(({ name }) => name)).toContain('deployments/scale');
  });

  test('OpenAPI has every schema that it refers to', () => {
    const rig = new Rig();
    const { paths } = rig.http('GET', '/openapi/v3').body as { paths: Record<string, { serverRelativeURL: string }> };
    for (const { serverRelativeURL } of Object.values(paths)) {
      const text = JSON.stringify(rig.http('GET', serverRelativeURL).body);
      const document = JSON.parse(text) as { components: { schemas: object } };
      for (const [, name] of text.matchAll(/#\/components\/schemas\/([^"]+)/g))
        expect(document.components.schemas).toHaveProperty([name!]);
    }
    expect(Object.keys(paths)).toContain('apis/apps/v1');
  });

  test('health and version', () => {
    const rig = new Rig();
    expect(rig.http('GET', '/readyz').body).toBe('ok');
    expect(rig.http('GET', '/livez/ping').body).toBe('ok');
    expect(rig.http('GET', '/readyz/nope').status).toBe(404);
    expect(rig.http('GET', '/version').body).toMatchObject({ gitVersion: 'v1.36.2' });
  });
});

test('kubectl create sends protobuf', () => {
  const rig = new Rig();
  // What the real kubectl sends for `kubectl create configmap a --from-literal=k=v`.
  const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
  const field = (number: number, content: number[]): number[] => [(number << 3) | 2, content.length, ...content];
  const metadata = field(1, [...field(1, bytes('a')), ...field(2, []), ...field(8, [])]);
  const data = field(2, [...field(1, bytes('k')), ...field(2, bytes('v'))]);
  const envelope = [
    ...field(1, [...field(1, bytes('v1')), ...field(2, bytes('ConfigMap'))]),
    ...field(2, [...metadata, ...data]),
  ];
  const answer = rig.server.http({
    method: 'POST',
    url: CONFIG_MAPS,
    headers: { 'content-type': 'application/vnd.kubernetes.protobuf' },
    body: new Uint8Array([...bytes('k8s'), 0, ...envelope]),
  });
  expect(answer).toMatchObject({ status: 201, body: { metadata: { name: 'a' }, data: { k: 'v' } } });
});
