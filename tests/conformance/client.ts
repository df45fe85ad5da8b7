/** A client that knows nothing of the server but its address, and of kinds nothing but their paths. */
import { inject } from 'vitest';
import type { KubeList, KubeObject, UntypedObject, WatchEvent } from '../../src/api/object.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly metadata?: { readonly continue?: string };
}

/** The Status that a server answered with. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;
  readonly metadata: { readonly continue?: string };

  constructor({ code, reason, message, metadata = {} }: Status) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.metadata = metadata;
  }
}

const PATCHES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

const search = (query: Query): string => {
  const text = new URLSearchParams(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  ).toString();
  return text && `?${text}`;
};

/** Sends a request as it is. */
export const raw = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
  fetch(inject('server') + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });

/** Sends a request and gives the JSON of the answer; throws a Refusal. */
export async function request<T>(
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<T> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await raw(method, path, text, headers);
  const answer = await response.text();
  if (response.ok) return JSON.parse(answer) as T;
  const status = answer.startsWith('{')
    ? (JSON.parse(answer) as Status)
    : { code: response.status, reason: '', message: answer };
  throw new Refusal(status);
}

/** What is sent as a patch: a merge patch unless said otherwise. */
export interface PatchOptions extends Query {
  readonly type?: keyof typeof PATCHES;
}

/** One collection of objects, with what can be done to them. */
export class Resource<T extends KubeObject = UntypedObject> {
  readonly path: string;
  readonly #headers: Record<string, string>;

  constructor(path: string, headers: Record<string, string> = {}) {
    this.path = path;
    this.#headers = headers;
  }

  /** The same, asked by somebody else. */
  as(headers: Record<string, string>): Resource<T> {
    return new Resource<T>(this.path, headers);
  }

  #send<A>(method: string, suffix: string, query: Query, body?: object | string, type?: string): Promise<A> {
    const headers = type ? { ...this.#headers, 'content-type': type } : this.#headers;
    return request<A>(method, `${this.path}${suffix}${search(query)}`, body, headers);
  }

  create(object: object, query: Query = {}): Promise<T> {
    return this.#send('POST', '', query, object);
  }

  get(name: string, query: Query = {}): Promise<T> {
    return this.#send('GET', `/${name}`, query);
  }

  list(query: Query = {}): Promise<KubeList<T>> {
    return this.#send('GET', '', query);
  }

  /** Replaces an object, or with a subresource a part of it. */
  update(object: object & { readonly metadata: { readonly name: string } }, subresource = ''): Promise<T> {
    return this.#send('PUT', `/${object.metadata.name}${subresource && `/${subresource}`}`, {}, object);
  }

  /** Reads, changes and replaces, again when somebody else was faster. */
  async change(name: string, change: (object: T) => object, subresource = ''): Promise<T> {
    for (;;) {
      const read = await this.get(subresource ? `${name}/${subresource}` : name);
      try {
        return await this.update({ ...change(read), metadata: (change(read) as T).metadata }, subresource);
      } catch (error) {
        if (!(error instanceof Refusal && error.reason === 'Conflict')) throw error;
      }
    }
  }

  patch(name: string, patch: object | string, { type = 'merge', ...query }: PatchOptions = {}): Promise<T> {
    return this.#send('PATCH', `/${name}`, query, patch, PATCHES[type]);
  }

  delete(name: string, options: object = {}): Promise<UntypedObject> {
    return this.#send('DELETE', `/${name}`, {}, options);
  }

  deleteCollection(query: Query, options: object = {}): Promise<unknown> {
    return this.#send('DELETE', '', query, options);
  }

  /** Opens a watch. */
  async watch(query: Query = {}): Promise<Watch<T>> {
    const end = new AbortController();
    const response = await fetch(`${inject('server')}${this.path}${search({ ...query, watch: true })}`, {
      headers: this.#headers,
      signal: end.signal,
    });
    if (!response.ok) throw new Refusal((await response.json()) as Status);
    return new Watch<T>(response, end);
  }
}

/** A stream of changes. */
export class Watch<T> {
  readonly #end: AbortController;
  readonly #events: AsyncGenerator<WatchEvent<T>, void>;

  constructor(response: Response, end: AbortController) {
    this.#end = end;
    this.#events = lines<WatchEvent<T>>(response);
  }

  /** The next change; undefined when the server has ended the watch. */
  async next(): Promise<WatchEvent<T> | undefined> {
    const { value, done } = await this.#events.next();
    return done ? undefined : value;
  }

  /** Goes on to the first change of an object that is of a type and satisfies. */
  async until(type: 'ADDED' | 'MODIFIED' | 'DELETED', satisfied: (object: T) => boolean = () => true): Promise<T> {
    for (;;) {
      const event = await this.next();
      if (!event) throw new Error(`the watch ended before ${type}`);
      if (event.type === 'ERROR') throw new Error(`the watch failed: ${JSON.stringify(event.object)}`);
      if (event.type === type && satisfied(event.object)) return event.object;
    }
  }

  stop(): void {
    this.#end.abort();
  }
}

async function* lines<T>(response: Response): AsyncGenerator<T, void> {
  let rest = '';
  try {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const [...whole] = (rest + chunk).split('\n');
      rest = whole.pop()!;
      for (const line of whole) yield JSON.parse(line) as T;
    }
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
  }
}

/** The objects of a kind in a namespace, or everywhere. */
export const resource =
  <T extends KubeObject = UntypedObject>(groupVersion: string, plural: string) =>
  (namespace?: string): Resource<T> =>
    new Resource<T>(
      `${groupVersion.includes('/') ? '/apis' : '/api'}/${groupVersion}${namespace ? `/namespaces/${namespace}` : ''}/${plural}`,
    );

/** The error of a request that must be refused. */
export async function refusal(answer: Promise<unknown>): Promise<Refusal> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('was not refused');
}
