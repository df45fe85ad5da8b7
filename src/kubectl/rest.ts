import type { Status } from '../api/status.ts';
import type { HttpResponse } from '../apiserver/request.ts';
import { StatusError } from './errors.ts';
import type { KubectlIo } from './io.ts';
import { isObject, sortedKeys, type Obj } from './value.ts';

export const USER_AGENT = 'kubectl/v1.36.4 (linux/amd64) kubernetes/7472b20';

export interface RestOptions {
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
}

/** Talks HTTP to the API server as kubectl does: prints its warnings, turns its refusals into errors. */
export class Rest {
  readonly #io: KubectlIo;
  readonly #impersonation: Record<string, string>;
  readonly #warned = new Set<string>();

  constructor(io: KubectlIo, impersonation: Record<string, string> = {}) {
    this.#io = io;
    this.#impersonation = impersonation;
  }

  get(path: string, options?: RestOptions): Obj {
    return this.request('GET', path, options) as Obj;
  }

  post(path: string, body: unknown, options?: RestOptions): Obj {
    return this.request('POST', path, { ...options, body }) as Obj;
  }

  put(path: string, body: unknown, options?: RestOptions): Obj {
    return this.request('PUT', path, { ...options, body }) as Obj;
  }

  patch(path: string, contentType: string, body: unknown, options?: RestOptions): Obj {
    return this.request('PATCH', path, { ...options, body, contentType }) as Obj;
  }

  delete(path: string, body: unknown, options?: RestOptions): Obj {
    return this.request('DELETE', path, { ...options, body }) as Obj;
  }

  /** The decoded answer: an object, or text where the server answered in text. */
  request(method: string, path: string, options: RestOptions = {}): unknown {
    const response = this.send(method, path, options);
    return decoded(response);
  }

  /** Opens a stream (a watch, a followed log). Throws when the server refuses it. */
  stream(path: string, options: RestOptions, sink: { chunk(data: unknown): void; end(): void }): () => void {
    const response = this.send('GET', path, options);
    if (response.stream) return response.stream(sink);
    sink.chunk(response.body);
    sink.end();
    return () => undefined;
  }

  send(method: string, path: string, options: RestOptions): HttpResponse {
    const query = Object.entries(options.query ?? {})
      .filter(([, value]) => value !== undefined && value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${key}=${encodeURIComponent(String(value)).replaceAll('%20', '+')}`)
      .join('&');
    const url = query ? `${path}${path.includes('?') ? '&' : '?'}${query}` : path;
    const body = sortedDeep(options.body);
    const response = this.#io.transport.request({
      method,
      url,
      headers: {
        accept: options.accept ?? 'application/json',
        'user-agent': USER_AGENT,
        ...(body === undefined ? {} : { 'content-type': options.contentType ?? 'application/json' }),
        ...this.#impersonation,
      },
      ...(body === undefined ? {} : { body: body as string | object }),
      ...(this.#io.config.user ? { user: this.#io.config.user } : {}),
    });
    this.#warn(response.headers['warning']);
    if (response.status >= 400) throw new StatusError(statusOf(response, method, path));
    return response;
  }

  /** kubectl prints each warning once a run. */
  #warn(header: string | undefined): void {
    for (const [, quoted] of (header ?? '').matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const message = quoted!.replace(/\\(.)/g, '$1');
      if (this.#warned.has(message)) continue;
      this.#warned.add(message);
      this.#io.stderr(`Warning: ${message}\n`);
    }
  }
}

/** kubectl encodes objects with their keys sorted: so the server meets fields in that order. */
const sortedDeep = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortedDeep);
  if (!isObject(value) || value instanceof Uint8Array) return value;
  const sorted: Obj = {};
  for (const key of sortedKeys(value)) if (value[key] !== undefined) sorted[key] = sortedDeep(value[key]);
  return sorted;
};

const decoded = (response: HttpResponse): unknown => {
  const { body } = response;
  if (typeof body === 'string' && /json/.test(response.headers['content-type'] ?? '') && /^\s*[[{"]/.test(body))
    return JSON.parse(body) as unknown;
  return body;
};

/** `(get kites.example.com red)`: what was asked, for answers that do not say. */
const askedOf = (method: string, path: string): string => {
  const [, group = '', rest = ''] = /^\/(?:api|apis\/([^/]+))\/[^/]+\/(?:namespaces\/[^/]+\/)?([^?]+)/.exec(path) ?? [];
  const [resource, name] = rest.split('/');
  if (!resource) return '';
  return ` (${method.toLowerCase()} ${resource}${group ? `.${group}` : ''}${name ? ` ${name}` : ''})`;
};

const statusOf = (response: HttpResponse, method: string, path: string): Status => {
  const body = decoded(response);
  if (isObject(body) && body['kind'] === 'Status') return body as unknown as Status;
  const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: response.status } as const;
  if (response.status === 404)
    return {
      ...base,
      reason: 'NotFound',
      message: `the server could not find the requested resource${askedOf(method, path)}`,
      details: {},
    };
  return {
    ...base,
    reason: 'InternalError',
    message: typeof body === 'string' ? body : `an error on the server has prevented the request from succeeding`,
  };
};
