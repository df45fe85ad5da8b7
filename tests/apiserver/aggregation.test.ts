import { describe, expect, test } from 'vitest';
import { keepAvailability } from '../../src/apiserver/aggregation/availability.ts';
import { registerCustomGroups } from '../../src/apiserver/aggregation/custom-groups.ts';
import type { AggregatedServer, NodeProxy } from '../../src/apiserver/index.ts';
import type { Kind } from '../../src/api/kind.ts';
import { ApiError } from '../../src/api/status.ts';
import type { ApiService } from '../../src/api/types.ts';
import { Rig } from './rig.ts';

const REGISTRATION = { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices', namespace: undefined };
const TEAS: Kind = {
  group: 'tea.example.com',
  version: 'v1',
  kind: 'Tea',
  resource: 'teas',
  singular: 'tea',
  namespaced: true,
  verbs: ['get', 'list'],
  schema: '',
};

const teaServer: AggregatedServer = {
  kinds: [TEAS],
  serve: ({ name, namespace, user }) => ({
    code: 200,
    object: { kind: 'Tea', apiVersion: 'tea.example.com/v1', metadata: { name: name!, namespace }, by: user.username },
    warnings: [],
  }),
};

const ROOT = { username: 'root', groups: ['system:masters'] };

function rig(): Rig {
  const made = new Rig({ extensions: [keepAvailability, registerCustomGroups] });
  made.ask({
    ...REGISTRATION,
    verb: 'create',
    body: {
      metadata: { name: 'v1.tea.example.com' },
      spec: {
        group: 'tea.example.com',
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { namespace: 'default', name: 'tea' },
      },
    },
  });
  return made;
}

function condition(made: Rig): [string, string, string] {
  made.kernel.runFor(100);
  const { status } = made.ask({
    ...REGISTRATION,
    verb: 'get',
    name: 'v1.tea.example.com',
  }) as unknown as ApiService;
  const [found] = status?.conditions ?? [];
  return [found?.status ?? '', found?.reason ?? '', found?.message ?? ''];
}

const createService = (made: Rig, port = 443): void =>
  void made.create('services', { metadata: { name: 'tea' }, spec: { ports: [{ name: 'https', port }] } });

const createSlice = (made: Rig, ready: boolean): void =>
  void made.ask({
    group: 'discovery.k8s.io',
    version: 'v1',
    resource: 'endpointslices',
    verb: 'create',
    body: {
      metadata: { name: 'tea-1', labels: { 'kubernetes.io/service-name': 'tea' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.1.1'], conditions: { ready } }],
      ports: [{ name: 'https', port: 8443, protocol: 'TCP' }],
    },
  });

describe('an APIService that names another server', () => {
  test('tells in its condition what is missing on the way there', () => {
    const made = rig();
    expect(condition(made)).toEqual(['False', 'ServiceNotFound', 'service/tea in "default" is not present']);
    createService(made);
    expect(condition(made)).toEqual([
      'False',
      'EndpointsNotFound',
      'cannot find endpointslices for service/tea in "default"',
    ]);
    createSlice(made, false);
    expect(condition(made)).toEqual([
      'False',
      'MissingEndpoints',
      'endpointslices for service/tea in "default" have no addresses with port name "https"',
    ]);
  });

  test('notices a Service that does not listen on its port', () => {
    const made = rig();
    createService(made, 80);
    expect(condition(made)[1]).toBe('ServicePortError');
  });

  test('is available once the server answers, and passes requests on with their user', () => {
    const made = rig();
    createService(made);
    createSlice(made, true);
    expect(condition(made)[1]).toBe('FailedDiscoveryCheck');
    const stop = made.server.aggregation.listen({ namespace: 'default', name: 'tea' }, teaServer);
    expect(condition(made)).toEqual(['True', 'Passed', 'all checks passed']);
    const got = made.ask({ group: 'tea.example.com', version: 'v1', resource: 'teas', verb: 'get', name: 'oolong' });
    expect(got['by']).toBe('tester');
    const { body } = made.server.http({
      method: 'GET',
      url: '/apis/tea.example.com/v1/namespaces/default/teas/oolong',
      headers: {},
      user: { username: 'jane', groups: [] },
    });
    expect(body).toMatchObject({ kind: 'Tea', by: 'jane' });
    stop();
    made.kernel.runFor(31_000);
    expect(condition(made)[1]).toBe('FailedDiscoveryCheck');
    expect(() =>
      made.ask({ group: 'tea.example.com', version: 'v1', resource: 'teas', verb: 'get', name: 'a' }),
    ).toThrow(new ApiError(503, 'ServiceUnavailable', 'the server is currently unable to handle the request', {}));
  });

  test('stands in discovery, stale while its server is away', () => {
    const made = rig();
    const groups = (): unknown =>
      made.server.http({
        method: 'GET',
        url: '/apis',
        headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
        user: { username: 'jane', groups: ['system:masters'] },
      }).body;
    const stale = { version: 'v1', freshness: 'Stale' };
    expect(groups()).toMatchObject({
      items: expect.arrayContaining([{ metadata: { name: 'tea.example.com' }, versions: [stale] }]),
    });
    createService(made);
    createSlice(made, true);
    made.server.aggregation.listen({ namespace: 'default', name: 'tea' }, teaServer);
    made.kernel.runFor(100);
    const { items } = groups() as { items: { metadata: { name?: string }; versions: { freshness: string }[] }[] };
    expect(items.at(-1)?.metadata.name).toBe('tea.example.com');
    expect(items.at(-1)?.versions[0]?.freshness).toBe('Current');
  });

  test('answers as HTTP does when there is no such server', () => {
    const made = rig();
    made.kernel.runFor(100);
    const answer = made.server.http({
      method: 'GET',
      url: '/apis/tea.example.com/v1/namespaces/default/teas',
      headers: {},
      user: { username: 'jane', groups: [] },
    });
    expect([answer.status, answer.body]).toEqual([503, 'service unavailable\n']);
  });
});

describe('groups of custom resources', () => {
  const definition = {
    metadata: { name: 'widgets.shop.example.com' },
    spec: {
      group: 'shop.example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const DEFINITIONS = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    resource: 'customresourcedefinitions',
    namespace: undefined,
  };
  const names = (made: Rig): string[] => {
    made.kernel.runFor(100);
    const { items } = made.ask({ ...REGISTRATION, verb: 'list' }) as unknown as { items: ApiService[] };
    return items.map(({ metadata }) => metadata.name);
  };

  test('get an APIService, again when it is deleted, and none without a definition', () => {
    const made = rig();
    made.ask({ ...DEFINITIONS, verb: 'create', body: definition });
    expect(names(made)).toContain('v1.shop.example.com');
    made.ask({ ...REGISTRATION, verb: 'delete', name: 'v1.shop.example.com' });
    expect(names(made)).toContain('v1.shop.example.com');
    made.ask({ ...DEFINITIONS, verb: 'delete', name: 'widgets.shop.example.com' });
    expect(names(made)).not.toContain('v1.shop.example.com');
  });
});

describe('a server in the network of the cluster', () => {
  /** A way to servers by their addresses; `answers` is what they say. */
  const over = (
    answers: (path: string, headers: Readonly<Record<string, string>>) => object | undefined,
  ): NodeProxy => ({
    pod: () => ({ status: 404, headers: {} }),
    request: ({ ip, port }, { path, headers }) => {
      const body = `${ip}:${port}` === '10.1.1.1:8443' ? answers(path, headers) : undefined;
      if (!body) return { fault: 'refused' };
      return { value: { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } };
    },
  });
  const list = {
    resources: [{ name: 'teas', singularName: 'tea', namespaced: true, kind: 'Tea', verbs: ['get', 'list'] }],
  };

  test('is found by its Service and told who asks', () => {
    const made = rig();
    let up = true;
    made.server.nodeProxy = over((path, headers) => {
      if (!up) return undefined;
      if (path === '/apis/tea.example.com/v1') return list;
      return {
        kind: 'Tea',
        apiVersion: 'tea.example.com/v1',
        metadata: { name: 'a' },
        path,
        by: headers['x-remote-user'],
      };
    });
    createService(made);
    createSlice(made, true);
    expect(condition(made)).toEqual(['True', 'Passed', 'all checks passed']);
    const url = '/apis/tea.example.com/v1/namespaces/default/teas/a?x=y';
    const { body } = made.server.http({ method: 'GET', url, headers: {}, user: { username: 'jane', groups: [] } });
    expect(JSON.parse(String(body))).toMatchObject({ path: url, by: 'jane' });
    const got = made.ask({ group: 'tea.example.com', version: 'v1', resource: 'teas', verb: 'get', name: 'a' });
    expect(got).toMatchObject({ kind: 'Tea', by: 'tester' });
    up = false;
    made.kernel.runFor(31_000);
    expect(condition(made)).toEqual([
      'False',
      'FailedDiscoveryCheck',
      expect.stringMatching(
        /^failing or missing response from https:\/\/.*dial tcp 10\.1\.1\.1:8443: connect: connection refused$/,
      ),
    ]);
  });

  test('says what its types are, and is in the documents of all', () => {
    const made = rig();
    let asked = 0;
    const document = {
      openapi: '3.0.0',
      paths: { '/apis/tea.example.com/v1/teas': { get: {} } },
      components: {
        schemas: {
          'com.example.tea.v1.Tea': {
            type: 'object',
            properties: { leaf: { $ref: '#/components/schemas/com.example.tea.v1.Leaf' } },
            'x-kubernetes-group-version-kind': [{ group: 'tea.example.com', version: 'v1', kind: 'Tea' }],
          },
        },
      },
    };
    made.server.nodeProxy = over((path) => {
      if (path === '/apis/tea.example.com/v1') return list;
      if (path !== '/openapi/v3/apis/tea.example.com/v1') return undefined;
      asked++;
      return document;
    });
    const get = (url: string): { paths: object; definitions?: object } =>
      made.server.http({ method: 'GET', url, headers: { accept: 'application/json' }, user: ROOT }).body as never;
    const before = made.server.http({ method: 'GET', url: '/openapi/v2', headers: {}, user: ROOT }).headers['etag'];
    expect(get('/openapi/v3').paths).not.toHaveProperty(['apis/tea.example.com/v1']);
    createService(made);
    createSlice(made, true);
    expect(condition(made)[1]).toBe('Passed');
    expect(get('/openapi/v3').paths).toMatchObject({
      'apis/tea.example.com/v1': {
        serverRelativeURL: expect.stringMatching(/^\/openapi\/v3\/apis\/tea\.example\.com\/v1\?hash=[0-9A-F]{64}$/),
      },
    });
    expect(get('/openapi/v3/apis/tea.example.com/v1')).toEqual(document);
    const v2 = get('/openapi/v2');
    expect(v2.paths).toHaveProperty(['/apis/tea.example.com/v1/teas']);
    expect(v2.definitions).toHaveProperty(
      ['com.example.tea.v1.Tea', 'properties', 'leaf', '$ref'],
      '#/definitions/com.example.tea.v1.Leaf',
    );
    const { etag } = made.server.http({ method: 'GET', url: '/openapi/v2', headers: {}, user: ROOT }).headers;
    expect(etag).not.toBe(before);
    expect(asked).toBe(1);
  });
});
