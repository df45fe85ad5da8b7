import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { HttpRequest, HttpResponse, PortConnection } from '../apiserver/index.ts';
import { PortSession } from './spdy/port-session.ts';

/** SPDY's frames within a WebSocket: how kubectl forwards ports. */
const TUNNEL = 'SPDY/3.1+portforward.k8s.io';
/** The protocols over WebSocket: with channels, the first byte of a message is its channel. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** The channel whose messages end another one (v5). */
const CLOSE_CHANNEL = 255;

/** One message of a command's stream: 1 stdout, 2 stderr, 3 the final Status. */
interface ChannelMessage {
  readonly channel: number;
  readonly data: string;
}

/** A refusal to switch protocols, as plain HTTP. */
function refuse(socket: Duplex, { status, headers, body }: HttpResponse): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? '');
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(text)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}\r\n${text}`);
}

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data);

/** Text out of bytes that may end in the middle of a character. */
const reader = (): ((bytes: Uint8Array) => string) => {
  const decoder = new TextDecoder();
  return (bytes) => decoder.decode(bytes, { stream: true });
};

/** A remote command: its streams are channels. */
function command(websocket: WebSocket, response: HttpResponse, arrives: () => void): void {
  const stop = response.stream!({
    chunk: (data) => {
      const { channel, data: text } = data as ChannelMessage;
      websocket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text, 'utf8')]));
    },
    end: () => websocket.close(1000),
  });
  const text = reader();
  websocket.on('message', (data) => {
    const message = bytesOf(data);
    const channel = message[0];
    if (channel === undefined) return;
    arrives();
    if (channel === CLOSE_CHANNEL) response.receive?.(message[1] ?? 0, undefined);
    else if (message.length > 1) response.receive?.(channel, text(message.subarray(1)));
  });
  websocket.on('close', () => {
    arrives();
    stop();
  });
}

/** Forwarded ports through SPDY's frames in a WebSocket. */
function tunnel(websocket: WebSocket, response: HttpResponse, arrives: () => void): void {
  const session = new PortSession(response.connect!, (bytes) => websocket.send(bytes));
  websocket.on('message', (data) => {
    arrives();
    try {
      session.receive(bytesOf(data));
    } catch {
      // What is no SPDY has no answer.
      websocket.close(1002);
    }
  });
  websocket.on('close', () => {
    arrives();
    session.close();
  });
}

/** Forwarded ports as channels: of the n-th port, 2n carries data and 2n+1 errors; each begins with the port's number. */
function portChannels(
  websocket: WebSocket,
  response: HttpResponse,
  ports: readonly number[],
  arrives: () => void,
): void {
  const send = (channel: number, bytes: Uint8Array): void =>
    websocket.send(Buffer.concat([Buffer.from([channel]), bytes]));
  const connections = ports.map((port, n): PortConnection => {
    const number = Buffer.from([port & 0xff, port >> 8]);
    send(2 * n, number);
    send(2 * n + 1, number);
    return response.connect!(port, {
      data: (bytes) => send(2 * n, bytes),
      end: () => websocket.close(1000),
      fail: (message) => send(2 * n + 1, Buffer.from(message)),
    });
  });
  websocket.on('message', (data) => {
    const message = bytesOf(data);
    arrives();
    connections[(message[0] ?? 0) / 2]?.write(message.subarray(1));
  });
  websocket.on('close', () => {
    arrives();
    for (const connection of connections) connection.end();
  });
}

/** Forwarded ports over SPDY itself, as clients did before they had WebSockets. */
function spdy(socket: Duplex, head: Buffer, response: HttpResponse, arrives: () => void): void {
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n' +
      'X-Stream-Protocol-Version: portforward.k8s.io\r\n\r\n',
  );
  const session = new PortSession(response.connect!, (bytes) => socket.write(bytes));
  const receive = (bytes: Buffer): void => {
    arrives();
    try {
      session.receive(bytes);
    } catch {
      // What is no SPDY has no answer.
      socket.destroy();
    }
  };
  if (head.length > 0) receive(head);
  socket.on('data', receive);
  socket.on('close', () => {
    arrives();
    session.close();
  });
}

/** Lets remote commands and forwarded ports in: answers requests to switch protocols with their streams. */
export class ChannelSockets {
  readonly #sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => PROTOCOLS.find((protocol) => offered.has(protocol)) ?? false,
  });
  readonly #answer: (request: HttpRequest) => HttpResponse;
  readonly #arrives: () => void;

  constructor(answer: (request: HttpRequest) => HttpResponse, arrives: () => void) {
    this.#answer = answer;
    this.#arrives = arrives;
  }

  /** Takes over a connection that asks to be upgraded. */
  upgrade(request: HttpRequest, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#arrives();
    const response = this.#answer(request);
    const wanted = (request.headers['upgrade'] ?? '').toLowerCase();
    if (response.status !== 101 || !(response.stream ?? response.connect)) {
      refuse(socket, response);
    } else if (wanted === 'websocket') {
      if (incoming.headers['sec-websocket-protocol'] === TUNNEL) this.#offerTunnel(incoming);
      this.#sockets.handleUpgrade(incoming, socket, head, (open) => this.#open(open, request, response));
    } else if (wanted === 'spdy/3.1' && response.connect) {
      spdy(socket, head, response, this.#arrives);
    } else {
      const body = 'this server speaks WebSocket only: use a kubectl of 1.31 or newer\n';
      refuse(socket, { status: 400, headers: { 'content-type': 'text/plain' }, body });
    }
  }

  /** The tunnel's name is none that WebSockets allow: it passes by the library. */
  #offerTunnel(incoming: IncomingMessage): void {
    delete incoming.headers['sec-websocket-protocol'];
    this.#sockets.once('headers', (headers: string[]) => headers.push(`Sec-WebSocket-Protocol: ${TUNNEL}`));
  }

  #open(websocket: WebSocket, request: HttpRequest, response: HttpResponse): void {
    websocket.on('error', () => websocket.terminate());
    try {
      if (!response.connect) command(websocket, response, this.#arrives);
      else if (request.headers['sec-websocket-protocol'] === TUNNEL) tunnel(websocket, response, this.#arrives);
      else {
        const ports = new URLSearchParams(request.url.split('?')[1] ?? '').getAll('ports');
        portChannels(websocket, response, ports.flatMap((list) => list.split(',')).map(Number), this.#arrives);
      }
    } catch {
      websocket.close(1011);
    }
  }

  close(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }
}
