import type { UntypedObject, WatchEvent } from '../api/object.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

export interface UserInfo {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The options of every verb; each verb reads its own. */
export interface RequestOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
  readonly dryRun?: readonly string[];
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
  readonly force?: boolean;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly orphanDependents?: boolean;
  readonly gracePeriodSeconds?: number;
  /**
   * The body is well-formed by construction, without fields that mean nothing: it is not read again. Only components
   * in the same process can say so.
   */
  readonly trusted?: boolean;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

/** One request as every stage sees it, whether it came over HTTP or from a client in the same process. */
export interface ApiRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  /** Plural: `pods`. */
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly user: UserInfo;
  /** The component that asks: its lane in the timeline, and its default field manager. */
  readonly userAgent: string;
  readonly options: RequestOptions;
  /** The decoded body. The server takes ownership: a caller does not change it afterwards. */
  readonly body?: unknown;
  readonly patchType?: PatchType;
  /** Where it came from, if not from a client in the process. */
  readonly origin?: RequestOrigin;
  /** What the body of a delete said, as it was written. */
  readonly deleteOptions?: unknown;
  /** Fields that the text of the body had twice; only requests that came as text have any. */
  readonly duplicateFields?: readonly string[];
  /** Where fields are in the text of the body, if it has some twice. */
  readonly fieldPlaces?: (() => (path: string, again: boolean) => number) | undefined;
}

/** A request as it came over HTTP, for the audit log. */
export interface RequestOrigin {
  /** Path and query. */
  readonly url: string;
  /** The whole User-Agent header. */
  readonly userAgent: string;
  /** Who asked, where they act as someone else. */
  readonly impersonator?: UserInfo | undefined;
  /** The Audit-ID that the client gave. */
  readonly auditId?: string | undefined;
}

export interface ApiResponse<T = UntypedObject> {
  /** HTTP status code: 200, 201 or 202. Refusals are thrown as ApiError. */
  readonly code: number;
  readonly object: T;
  readonly warnings: readonly string[];
}

export interface WatchHandle {
  stop(): void;
}

/** Receives the events of a watch, in order, each batch as one kernel event. */
export interface WatchSink<T = UntypedObject> {
  events(events: readonly WatchEvent<T>[]): void;
  /** The server ended the watch (timeout, compaction, shut-down). */
  closed(): void;
}

/** A request as it comes over the wire; also what kubectl in the same process sends. */
export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text, bytes, or an already decoded JSON value (in-process callers). */
  readonly body?: string | Uint8Array | object;
  /** Set by in-process callers and by the HTTP front's authentication. */
  readonly user?: UserInfo;
}

/** What a forwarded connection tells its client. */
export interface PortPeer {
  data(bytes: Uint8Array): void;
  end(): void;
  /** Nothing comes of it: why. */
  fail(message: string): void;
}

/** One forwarded connection to a port of a Pod, as its client uses it. */
export interface PortConnection {
  write(bytes: Uint8Array): void;
  end(): void;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value or text; absent when the answer is a stream. */
  readonly body?: unknown;
  /** Watches and followed logs: starts the stream, returns a function that ends it. */
  readonly stream?: (sink: { chunk(data: unknown): void; end(): void }) => () => void;
  /** Remote commands: takes what the client sends, by channel (0 stdin, 4 the terminal's size); undefined ends a channel. */
  readonly receive?: (channel: number, data: string | undefined) => void;
  /** Forwarded ports: opens a connection to one. */
  readonly connect?: (port: number, peer: PortPeer) => PortConnection;
}

/** Answers a GET of a path that is no resource. */
export type DocumentSource = (request: HttpRequest, query: URLSearchParams) => HttpResponse;
