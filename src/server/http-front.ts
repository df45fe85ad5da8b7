import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { HttpRequest, HttpResponse, UserInfo } from '../apiserver/index.ts';
import { ChannelSockets } from './channel-sockets.ts';
import { presentedBy } from './client-identity.ts';
import { encode } from './encoding.ts';
import { MAX_BODY_BYTES, readBody } from './request-body.ts';
import { sendStream } from './response-stream.ts';

/** Shorter answers are not worth compressing. */
const GZIP_FROM_BYTES = 128 * 1024;

const compress = promisify(gzip);

export interface HttpFrontOptions {
  /** Answers remote commands: the API server's http(). */
  readonly answer: (request: HttpRequest) => HttpResponse;
  /** Answers other requests, when it is their turn: the API server's httpInTurn(). */
  readonly answerInTurn: (request: HttpRequest, respond: (response: HttpResponse) => void) => void;
  /** Who a caller without credentials is, on loopback; anonymous when absent. */
  readonly user?: UserInfo | undefined;
  /** Serves HTTPS with this certificate, and knows clients by certificates of this authority; all PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string } | undefined;
  /** Bearer tokens that the front itself knows. */
  readonly tokens: Readonly<Record<string, UserInfo>>;
  /** Called before every input from outside, so that the simulation's clock is up to date. */
  readonly arrives: () => void;
}

const TOO_LARGE: HttpResponse = {
  status: 413,
  headers: { 'content-type': 'application/json' },
  body: {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Request entity too large: limit is ${MAX_BODY_BYTES}`,
    reason: 'RequestEntityTooLarge',
    code: 413,
  },
};

/** Header names and single values as the API server wants them. */
function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    // HTTP/2 has what stands in the first line, and the host, among the headers.
    if (name === ':authority' && value !== undefined) headers['host'] = String(value);
    else if (value !== undefined && !name.startsWith(':'))
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

const isText = (contentType = ''): boolean => !contentType.includes('protobuf') && !contentType.includes('cbor');

/**
 * A server that speaks HTTP/2 and HTTP/1.1 over TLS, as the client prefers. For those who handle requests, both are alike:
 * Node's compatibility API gives HTTP/2 the shape of HTTP/1.1.
 */
function tlsServer(
  { certificate, key, authority }: NonNullable<HttpFrontOptions['tls']>,
  listener: RequestListener,
  sockets: Set<TLSSocket>,
): Server {
  const server = createSecureServer({
    cert: certificate,
    key,
    ca: authority,
    requestCert: true,
    // Who shows no certificate, or a bad one, is answered in the API's words.
    rejectUnauthorized: false,
    allowHTTP1: true,
  }) as unknown as Server;
  server.on('request', listener);
  server.on('secureConnection', (socket: TLSSocket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return server;
}

/** Serves the API on 127.0.0.1: plain HTTP/1.1, or HTTP/2 and HTTP/1.1 over TLS. */
export class HttpFront {
  readonly #options: HttpFrontOptions;
  readonly #server: Server;
  readonly #sockets: ChannelSockets;
  /** Open connections over TLS. */
  readonly #secured = new Set<TLSSocket>();

  constructor(options: HttpFrontOptions) {
    this.#options = options;
    const listener: RequestListener = (incoming, outgoing) => {
      // Only clients that go away in the middle end here: refusals are answers.
      this.#serve(incoming, outgoing).catch(() => outgoing.destroy());
    };
    const { tls } = options;
    this.#server = tls ? tlsServer(tls, listener, this.#secured) : createServer(listener);
    this.#sockets = new ChannelSockets(options.answer, options.arrives);
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy());
      this.#sockets.upgrade(this.#requestOf(incoming), incoming, socket, head);
    });
    // How long a request may take to arrive. Watches and followed logs stay open for as long as anyone listens.
    this.#server.requestTimeout = 60_000;
    this.#server.keepAliveTimeout = 60_000;
  }

  /** Starts to listen; answers the port. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Stops listening and ends what is open. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#sockets.close();
      if (this.#options.tls) for (const socket of this.#secured) socket.destroy();
      else this.#server.closeAllConnections();
    });
  }

  /** A request as the API server reads it. */
  #requestOf(incoming: IncomingMessage, body?: Buffer): HttpRequest {
    const headers = headersOf(incoming);
    return {
      method: incoming.method ?? 'GET',
      url: incoming.url ?? '/',
      headers,
      ...(body && body.length > 0 ? { body: isText(headers['content-type']) ? body.toString('utf8') : body } : {}),
      ...this.#identity(incoming, headers),
    };
  }

  /** Who asks, as far as the front can say; other tokens are for the API server to recognise. */
  #identity(
    incoming: IncomingMessage,
    headers: Readonly<Record<string, string>>,
  ): Pick<HttpRequest, 'user'> | Pick<HttpRequest, 'headers'> {
    const presented = this.#options.tls ? presentedBy(incoming) : 'nothing';
    if (typeof presented === 'object') return presented;
    // A token that nobody has: the API server refuses it.
    if (presented === 'not to be trusted') return { headers: { ...headers, authorization: 'Bearer -' } };
    const { authorization } = headers;
    if (!authorization) return this.#options.user ? { user: this.#options.user } : {};
    const user = this.#options.tokens[authorization.replace(/^Bearer\s+/i, '')];
    return user ? { user } : {};
  }

  #answer(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve) => this.#options.answerInTurn(request, resolve));
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    this.#options.arrives();
    const response = body === undefined ? TOO_LARGE : await this.#answer(this.#requestOf(incoming, body));
    const headers: Record<string, string> = { 'cache-control': 'no-cache, private', ...response.headers };
    if (outgoing.destroyed) return;
    if (response.stream) sendStream(response, headers, outgoing, this.#options.arrives);
    else await this.#send(response, headers, incoming, outgoing);
  }

  async #send(
    response: HttpResponse,
    headers: Record<string, string>,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    const { accept = '', 'user-agent': userAgent = '' } = incoming.headers;
    const encoded = encode(response, { url: incoming.url ?? '/', accept, userAgent });
    if (encoded.contentType) headers['content-type'] = encoded.contentType;
    let { bytes } = encoded;
    if (bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(String(incoming.headers['accept-encoding'] ?? ''))) {
      bytes = await compress(bytes);
      headers['content-encoding'] = 'gzip';
      headers['vary'] = 'Accept-Encoding';
    }
    headers['content-length'] = String(bytes.length);
    outgoing.writeHead(response.status, headers);
    outgoing.end(incoming.method === 'HEAD' ? undefined : bytes);
  }
}
