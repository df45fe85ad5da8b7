import { connect, type ClientHttp2Stream } from 'node:http2';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CertificateAuthority } from '../../src/controllers/certificates/authority.ts';
import { Kernel } from '../../src/kernel/index.ts';
import { clientCertificate, type KeyPair } from '../../src/server/certificates.ts';
import { startClusterServer, type ClusterServer } from '../../src/server/index.ts';

let server: ClusterServer;

beforeAll(async () => {
  server = await startClusterServer({ port: 0, seed: 1, nodes: 0, runtime: 'instant', tls: true });
});
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly body: { readonly message?: string; readonly items?: unknown[]; readonly reason?: string };
}

/** Asks over HTTPS, the server's certificate being verified by the cluster's authority. */
const get = (path: string, client?: KeyPair): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        ca: server.tls!.authority,
        agent: false,
        ...(client ? { cert: client.certificate, key: client.key } : {}),
      },
      (response) => {
        let text = '';
        response.on('data', (data: Buffer) => (text += data.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }),
        );
      },
    );
    asked.on('error', reject);
    asked.end();
  });

describe('over TLS', () => {
  test('who shows nothing is anonymous', async () => {
    expect(await get('/version')).toMatchObject({ status: 200 });
    const { status, body } = await get('/api/v1/nodes');
    expect(status).toBe(403);
    expect(body.message).toContain('User "system:anonymous" cannot list resource "nodes"');
  });

  test('a certificate says who one is, by its subject', async () => {
    expect(await get('/api/v1/nodes', server.tls!.client)).toMatchObject({ status: 200, body: { items: [] } });
    const { certificateAuthority, kernel } = server.cluster;
    const jane = clientCertificate(certificateAuthority, { username: 'jane', groups: ['devs'] }, kernel.now);
    expect((await get('/api/v1/nodes', jane)).body.message).toContain('User "jane" cannot list');
  });

  test('certificates of another authority are good for nothing', async () => {
    const { kernel } = server.cluster;
    const other = new CertificateAuthority(new Kernel({ seed: 99 }).random('other'), kernel.now);
    const forged = clientCertificate(other, { username: 'kubernetes-admin', groups: ['system:masters'] }, kernel.now);
    expect(await get('/api/v1/nodes', forged)).toMatchObject({ status: 401, body: { reason: 'Unauthorized' } });
  });

  test('HTTP/2 is spoken to those who know it: requests and watches side by side on one connection', async () => {
    const { authority, client } = server.tls!;
    const session = connect(server.url, { ca: authority, cert: client.certificate, key: client.key });
    const open = (headers: Record<string, string>, body = ''): ClientHttp2Stream => {
      const stream = session.request({ 'content-type': 'application/json', ...headers });
      if (body) stream.end(body);
      return stream;
    };
    const path = '/api/v1/namespaces/default/configmaps';
    const watch = open({ ':path': `${path}?watch=1&fieldSelector=metadata.name%3Dtwo` });
    const line = new Promise<string>((resolve) => watch.once('data', (data: Buffer) => resolve(data.toString())));
    const made = open({ ':method': 'POST', ':path': path }, JSON.stringify({ metadata: { name: 'two' } }));
    const status = await new Promise((resolve) => made.once('response', (headers) => resolve(headers[':status'])));
    expect(status).toBe(201);
    expect(JSON.parse(await line)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'two' } } });
    session.destroy();
  });

  test('who does not trust the authority does not get that far', async () => {
    const untrusting = new Promise((resolve) => {
      const asked = request({ host: '127.0.0.1', port: server.port, path: '/version', agent: false }, resolve);
      asked.on('error', ({ message }) => resolve(message));
      asked.end();
    });
    expect(await untrusting).toMatch(/self-signed certificate|unable to verify/);
  });
});
