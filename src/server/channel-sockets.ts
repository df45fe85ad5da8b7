import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { HttpRequest, HttpResponse } from '../apiserver/index.ts';

/** The protocols of remote commands over WebSocket: the first byte of a message is its channel. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

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

function pump(websocket: WebSocket, response: HttpResponse, arrives: () => void): void {
  const stop = response.stream!({
    chunk: (data) => {
      const { channel, data: text } = data as ChannelMessage;
      websocket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text, 'utf8')]));
    },
    end: () => websocket.close(1000),
  });
  websocket.on('error', () => websocket.terminate());
  websocket.on('close', () => {
    arrives();
    stop();
  });
}

/** Lets `kubectl exec` in: answers requests to switch to a WebSocket with the streams of the command. */
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
    const websocket = /^websocket$/i.test(request.headers['upgrade'] ?? '');
    if (response.status !== 101 || !response.stream) {
      refuse(socket, response);
    } else if (!websocket) {
      const body = 'this server speaks WebSocket only: use a kubectl of 1.31 or newer\n';
      refuse(socket, { status: 400, headers: { 'content-type': 'text/plain' }, body });
    } else {
      this.#sockets.handleUpgrade(incoming, socket, head, (open) => pump(open, response, this.#arrives));
    }
  }

  close(): void {
    for (const client of this.#sockets.clients) client.terminate();
  }
}
