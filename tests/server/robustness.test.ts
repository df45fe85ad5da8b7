/** What clients do wrong, and how many they are, does the server no harm. */
import { connect } from 'node:net';
import { Agent, request as ask } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClusterServer, type ClusterServer } from '../../src/server/index.ts';

let server: ClusterServer;

beforeAll(async () => {
  server = await startClusterServer({ port: 0, nodes: 1, seed: 1, runtime: 'instant', speed: 20 });
});

afterAll(() => server.close());

const MAPS = '/api/v1/namespaces/default/configmaps';

const post = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<Response> =>
  fetch(server.url + MAPS, { method: 'POST', headers: { 'content-type': type }, body });

/** What the server says to bytes on a connection, until it closes that or has said enough. */
const raw = (text: string, enough: RegExp): Promise<string> =>
  new Promise((resolve) => {
    let answer = '';
    const socket = connect(server.port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => {
      answer += data.toString();
      if (enough.test(answer)) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(answer));
  });

const alive = async (): Promise<void> => expect((await fetch(`${server.url}/readyz`)).status).toBe(200);

describe('bad requests', () => {
  test('are answered with what is wrong', async () => {
    const malformed = await post('{"metadata":');
    expect(malformed.status).toBe(400);
    expect(await malformed.json()).toMatchObject({ kind: 'Status', reason: 'BadRequest' });
    expect((await post('a=b', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post(Uint8Array.from([0xff, 0xfe, 0x00]), 'application/vnd.kubernetes.protobuf')).status).toBe(400);
    expect((await fetch(`${server.url}/nothing/here`)).status).toBe(404);
    expect((await fetch(`${server.url}/api/v1/namespaces/%/pods/%E0%A4%A`)).status).toBeLessThan(500);
    const none = await fetch(server.url + MAPS, { headers: { accept: 'application/vnd.other' } });
    expect(none.status).toBe(406);
    expect(await none.json()).toMatchObject({ reason: 'NotAcceptable' });
  });

  test('of ten megabytes are too large', async () => {
    const response = await post(
      JSON.stringify({ metadata: { name: 'big' }, data: { a: 'x'.repeat(10 * 1024 * 1024) } }),
    );
    expect(response.status).toBe(413);
    const message = 'Request entity too large: limit is 3145728';
    expect(await response.json()).toMatchObject({ reason: 'RequestEntityTooLarge', message });
  });

  test('that are no HTTP, or end in the middle, concern nobody else', async () => {
    expect(await raw('nonsense\r\n\r\n', /400/)).toContain('400 Bad Request');
    expect(await raw('\x16\x03\x01\x02\x00', /never/)).not.toContain('200');
    const half = connect(server.port, '127.0.0.1', () => {
      half.write(
        `POST ${MAPS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"a`,
      );
      setTimeout(() => half.destroy(), 20);
    });
    await new Promise((resolve) => half.on('close', resolve));
    expect(
      await raw(
        'GET /api/v1/nodes HTTP/1.1\r\nhost: x\r\nupgrade: SPDY/3.1\r\nconnection: upgrade\r\n\r\n',
        /\r\n\r\n/,
      ),
    ).not.toBe('');
    await alive();
  });
});

describe('many clients', { timeout: 60_000 }, () => {
  /** Opens a watch; resolves with its first line and what breaks it off. */
  const watch = (agent: Agent, path: string): Promise<{ readonly line: Promise<string>; stop(): void }> =>
    new Promise((resolve, reject) => {
      const asked = ask(server.url + path, { agent }, (response) => {
        const line = new Promise<string>((seen) => response.once('data', (data: Buffer) => seen(data.toString())));
        response.on('error', () => undefined);
        resolve({ line, stop: () => asked.destroy() });
      });
      asked.on('error', reject);
      asked.end();
    });

  test('watch at once, and leave without a trace', async () => {
    const before = await openWatches();
    const agent = new Agent();
    const path = `${MAPS}?watch=1&resourceVersion=0&fieldSelector=metadata.name%3Dnews`;
    const watches = await Promise.all(Array.from({ length: 1000 }, () => watch(agent, path)));
    expect((await post(JSON.stringify({ metadata: { name: 'news' } }))).status).toBe(201);
    const lines = await Promise.all(watches.map(({ line }) => line));
    expect(await openWatches()).toBe(before + 1000);
    expect(new Set(lines).size).toBe(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'news' } } });
    for (const { stop } of watches) stop();
    while ((await openWatches()) !== before) await new Promise((resolve) => setTimeout(resolve, 20));
    await alive();
  });

  test('that do not read what they watch are let go', async () => {
    const socket = connect(server.port, '127.0.0.1', () => {
      socket.pause();
      socket.write(`GET ${MAPS}?watch=1&resourceVersion=0 HTTP/1.1\r\nhost: x\r\n\r\n`);
    });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    const text = 'x'.repeat(900_000);
    for (let i = 0; i < 40; i++) {
      const response = await post(JSON.stringify({ metadata: { name: `slow-${i}` }, data: { text } }));
      expect(response.status).toBe(201);
    }
    socket.resume();
    await closed;
    await alive();
  });
});

/** How many watches of ConfigMaps are open. */
async function openWatches(): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^apiserver_registered_watchers\{.*kind="ConfigMap".*\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
