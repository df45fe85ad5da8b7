import type { Pod } from '../api/types.ts';
import type { HttpResponse, PortConnection, PortPeer } from '../apiserver/request.ts';
import type { HttpMessage, HttpReply, NetworkOutcome, PodNetwork, Target } from './cni.ts';

/** How long a server in a Pod may take, virtual milliseconds. */
const ANSWER_MS = 60_000;
const LINE_END = '\r\n';
const HEAD_END = LINE_END + LINE_END;

const encoder = new TextEncoder();

/** Bytes as a text of one character each. */
function binary(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A request as it stands at the beginning of what came, and how much of that it takes. */
interface Parsed {
  readonly message: HttpMessage;
  readonly length: number;
  /** Nothing more comes after its answer. */
  readonly last: boolean;
}

/** The text that such bytes stand for. */
const utf8 = (bytes: string): string => new TextDecoder().decode(Uint8Array.from(bytes, (char) => char.charCodeAt(0)));

/** The body of a message in chunks; undefined while it is incomplete. */
function unchunked(text: string): { readonly body: string; readonly length: number } | undefined {
  let body = '';
  for (let at = 0; ;) {
    const end = text.indexOf(LINE_END, at);
    if (end < 0) return undefined;
    const size = parseInt(text.slice(at, end), 16);
    const from = end + LINE_END.length;
    if (!(size > 0)) return text.length < from + 2 ? undefined : { body, length: from + 2 };
    if (text.length < from + size + 2) return undefined;
    body += text.slice(from, from + size);
    at = from + size + 2;
  }
}

/** The first request in what came; undefined while it is incomplete. */
export function parseRequest(text: string): Parsed | undefined {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, headEnd).split(LINE_END);
  const [method = '', path = '/', version = ''] = first.split(' ');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  const from = headEnd + HEAD_END.length;
  const last = version === 'HTTP/1.0' || headers['connection']?.toLowerCase() === 'close';
  const whole = (body: string, length: number): Parsed => ({
    message: { method, path, headers, body: utf8(body) },
    length: from + length,
    last,
  });
  if (headers['transfer-encoding']?.toLowerCase() === 'chunked') {
    const chunked = unchunked(text.slice(from));
    return chunked && whole(chunked.body, chunked.length);
  }
  const length = Number(headers['content-length'] ?? 0);
  return text.length < from + length ? undefined : whole(text.slice(from, from + length), length);
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  301: 'Moved Permanently',
  302: 'Found',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** An answer as it goes over the wire. */
export function replyBytes({ status, headers, body }: HttpReply, method: string, last: boolean): Uint8Array {
  const bytes = encoder.encode(body);
  const all: Record<string, string> = { ...headers, 'content-length': String(bytes.length) };
  if (last) all['connection'] = 'close';
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const head = encoder.encode(
    [`HTTP/1.1 ${status} ${REASONS[status] ?? ''}`.trimEnd(), ...lines].join(LINE_END) + HEAD_END,
  );
  if (method === 'HEAD') return head;
  const out = new Uint8Array(head.length + bytes.length);
  out.set(head);
  out.set(bytes, head.length);
  return out;
}

/** One forwarded connection: bytes on the client's side, whole messages in the simulated network. */
class Forwarded implements PortConnection {
  readonly #network: PodNetwork;
  readonly #target: Target;
  readonly #peer: PortPeer;
  #text = '';
  #ended = false;
  #busy = false;
  #over = false;

  constructor(network: PodNetwork, target: Target, peer: PortPeer) {
    this.#network = network;
    this.#target = target;
    this.#peer = peer;
    // A connection that nobody takes fails before anything is sent.
    this.#busy = true;
    network.exchange(target.ip, target, undefined, ANSWER_MS, (outcome) => {
      this.#busy = false;
      if ('fault' in outcome) this.#fail();
      else this.#next();
    });
  }

  write(bytes: Uint8Array): void {
    this.#text += binary(bytes);
    this.#next();
  }

  end(): void {
    this.#ended = true;
    this.#next();
  }

  #next(): void {
    if (this.#busy || this.#over) return;
    if (/^[A-Z]+ \S+ HTTP\/1\.[01]\r\n/.test(this.#text)) this.#request();
    else if (this.#text.includes('\n') || (this.#ended && this.#text !== '')) this.#exchange();
    else if (this.#ended) this.#close();
  }

  #request(): void {
    const parsed = parseRequest(this.#text);
    if (!parsed) return;
    const { message, length, last } = parsed;
    this.#text = this.#text.slice(length);
    this.#ask<HttpReply>(
      (done) => this.#network.request(this.#target.ip, this.#target, message, ANSWER_MS, done),
      (reply) => {
        this.#peer.data(replyBytes(reply, message.method, last));
        if (last) this.#close();
      },
    );
  }

  #exchange(): void {
    const text = this.#text;
    this.#text = '';
    this.#ask<string>(
      (done) => this.#network.exchange(this.#target.ip, this.#target, utf8(text), ANSWER_MS, done),
      (answer) => this.#peer.data(encoder.encode(answer)),
    );
  }

  #ask<T>(send: (done: (outcome: NetworkOutcome<T>) => void) => void, take: (value: T) => void): void {
    this.#busy = true;
    send((outcome) => {
      this.#busy = false;
      if (this.#over) return;
      if ('fault' in outcome) {
        this.#close();
        return;
      }
      take(outcome.value);
      this.#next();
    });
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#peer.end();
  }

  #fail(): void {
    this.#over = true;
    this.#peer.fail(refused(this.#target.port));
  }
}

/** What containerd says of a port on which nobody listens. */
const refused = (port: number): string =>
  `failed to execute portforward in network namespace: failed to connect to localhost:${port} inside namespace, ` +
  `IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6: address localhost: no suitable address found `;

const NOTHING: PortConnection = { write: () => undefined, end: () => undefined };

/** Answers a request to forward ports of a Pod of this node. */
export const portForward = (network: PodNetwork | undefined, pod: Pod): HttpResponse => ({
  status: 101,
  headers: {},
  connect(port, { fail, ...peer }) {
    const ip = pod.status?.podIP;
    const prefixed = (message: string): void =>
      fail(`error forwarding port ${port} to pod ${pod.metadata.uid}, uid : ${message}`);
    if (network && ip) return new Forwarded(network, { ip, port }, { ...peer, fail: prefixed });
    prefixed(refused(port));
    return NOTHING;
  },
});
