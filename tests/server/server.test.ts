import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClusterServer, type ClusterServer } from '../../src/server/index.ts';

let server: ClusterServer;

beforeAll(async () => {
  server = await startClusterServer({ port: 0, nodes: 2, seed: 1, runtime: 'instant', speed: 20 });
});

afterAll(() => server.close());

const call = async (
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const json = async <T>(response: Promise<Response>): Promise<T> => (await (await response).json()) as T;

const PODS = '/api/v1/namespaces/default/pods';

/** Repeats a question until the answer satisfies. */
async function until<T>(ask: () => Promise<T>, satisfied: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (satisfied(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: { readonly phase: string };
}

describe('a cluster over HTTP', () => {
  test('runs what it is given', async () => {
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'app', image: 'nginx' }] } };
    const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
    const made = await call('POST', '/apis/apps/v1/namespaces/default/deployments', {
      metadata: { name: 'web' },
      spec,
    });
    expect(made.status).toBe(201);
    const list = await until(
      () => json<{ items: Pod[] }>(call('GET', `${PODS}?labelSelector=app%3Dweb`)),
      ({ items }) => items.length === 2 && items.every(({ status }) => status.phase === 'Running'),
    );
    expect(list.items).toHaveLength(2);
  });

  test('a watch is a stream of lines, which ends when the client goes or the time is over', async () => {
    const response = await call(
      'GET',
      '/api/v1/namespaces/default/configmaps?watch=true&timeoutSeconds=20&resourceVersion=0',
    );
    expect(response.headers.get('content-type')).toBe('application/json');
    await call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'seen' }, data: { a: 'b' } });
    const events = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; object: Pod });
    expect(events.some(({ type, object }) => type === 'ADDED' && object.metadata.name === 'seen')).toBe(true);
  });

  test('large answers are compressed for those who can read them', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    await call('POST', path, { metadata: { name: 'long' }, data: { text: 'x'.repeat(200_000) } });
    const response = await call('GET', `${path}/long`, undefined, { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.json()).toMatchObject({ metadata: { name: 'long' } });
  });

  test('answers come in the form that is asked for', async () => {
    const path = '/api/v1/namespaces/default/configmaps';
    await call('POST', path, { metadata: { name: 'forms' }, data: { b: '<&>', a: 'true' } });
    const text = async (query: string, headers: Record<string, string>): Promise<string> =>
      (await call('GET', `${path}/forms${query}`, undefined, headers)).text();
    expect(await text('', { 'user-agent': 'test' })).toContain('"data":{"b":"\\u003c\\u0026\\u003e","a":"true"}}\n');
    expect(await text('?pretty=true', {})).toMatch(/^\{\n {2}"kind": "ConfigMap",\n {2}"apiVersion": "v1",\n/);
    expect(await text('', { 'user-agent': 'curl/8' })).toMatch(/^\{\n {2}"kind"/);
    const yaml = await call('GET', `${path}/forms`, undefined, { accept: 'application/yaml' });
    expect(yaml.headers.get('content-type')).toBe('application/yaml');
    expect(await yaml.text()).toMatch(
      /^apiVersion: v1\ndata:\n {2}a: "true"\n {2}b: <&>\nkind: ConfigMap\nmetadata:\n/,
    );
  });

  test('bodies have an end', async () => {
    const data = { big: 'x'.repeat(3 * 1024 * 1024) };
    const response = await call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'big' }, data });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ reason: 'RequestEntityTooLarge' });
  });

  test('tokens that nobody issued are refused; none at all is the administrator on loopback', async () => {
    expect((await call('GET', PODS)).status).toBe(200);
    expect((await call('GET', PODS, undefined, { authorization: 'Bearer made-up' })).status).toBe(401);
    expect((await call('GET', PODS, undefined, { authorization: `Bearer ${server.token}` })).status).toBe(200);
  });

  test('log and exec questions reach the nodes', async () => {
    const { items } = await json<{ items: Pod[] }>(call('GET', PODS));
    const [pod] = items;
    expect((await call('GET', `${PODS}/${pod!.metadata.name}/log`)).status).toBe(200);
    expect(await json(call('GET', `${PODS}/nope/log`))).toMatchObject({ code: 404, message: 'pods "nope" not found' });
  });
});
