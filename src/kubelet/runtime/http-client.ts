import type { HttpReply, NetworkFault } from '../cni.ts';
import type { Task } from '../task.ts';
import type { Process } from './process.ts';
import { resolve } from './resolver.ts';

export interface HttpRequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly userAgent: string;
}

/** How a request over HTTP ended, with what client programs print about it. */
export type Fetched = { readonly host: string; readonly port: number; readonly elapsedMs: number } & (
  | { readonly reply: HttpReply; readonly ip: string }
  | { readonly fault: NetworkFault | 'unresolved'; readonly ip: string | undefined }
);

export interface Url {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** Takes a URL apart; `http://` may be left out. Undefined when there is no host in it. */
export function parseUrl(text: string): Url | undefined {
  const match = /^(?:([a-z]+):\/\/)?([^/:?#]+)(?::(\d+))?([/?][^#]*)?/i.exec(text);
  if (!match) return undefined;
  const scheme = (match[1] ?? 'http').toLowerCase();
  const path = match[4] ?? '/';
  return {
    scheme,
    host: match[2]!,
    port: match[3] ? Number(match[3]) : scheme === 'https' ? 443 : 80,
    path: path.startsWith('/') ? path : `/${path}`,
  };
}

/** Longest that a connection attempt lasts where the caller sets no limit: Linux gives up after about two minutes. */
const CONNECT_TIMEOUT_MS = 130_000;

/** One HTTP exchange, from the name to the answer. */
export function* fetchUrl(process: Process, { host, port, path }: Url, options: HttpRequestOptions): Task<Fetched> {
  const begun = process.now;
  const at = (): { host: string; port: number; elapsedMs: number } => ({ host, port, elapsedMs: process.now - begun });
  const found = yield* resolve(process, host);
  if (!('addresses' in found)) return { ...at(), fault: 'unresolved', ip: undefined };
  const ip = found.addresses[0]!;
  const message = {
    method: options.method ?? 'GET',
    path,
    headers: {
      host: port === 80 ? host : `${host}:${port}`,
      'user-agent': options.userAgent,
      accept: '*/*',
      ...options.headers,
    },
    body: options.body ?? '',
  };
  const outcome = yield* process.request({ ip, port }, message, options.timeoutMs ?? CONNECT_TIMEOUT_MS);
  return 'value' in outcome ? { ...at(), reply: outcome.value, ip } : { ...at(), fault: outcome.fault, ip };
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export const reasonPhrase = (status: number): string => REASONS[status] ?? 'Unknown';

/** The status line and headers as a client shows them. */
export const headText = ({ status, headers }: HttpReply): string =>
  `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())}: ${value}\r\n`)
    .join('')}\r\n`;
