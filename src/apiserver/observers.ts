import { ApiError } from '../api/status.ts';
import { isPassedOn } from './long-running.ts';
import type { ApiRequest, ApiResponse, HttpResponse, UserInfo, WatchHandle, WatchSink } from './request.ts';

/** What came of a request. */
export interface Outcome {
  readonly code: number;
  readonly response?: ApiResponse | undefined;
  /** Why it was refused. */
  readonly refusal?: ApiError | undefined;
  /** What went wrong in the server itself. */
  readonly panic?: string | undefined;
  /** What the stages of the request path noted of it, for the audit log. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A request for a path that is no resource. `verb` is the HTTP method in lower case. */
export interface PathRequest {
  readonly user: UserInfo;
  /** Who asked, where they act as someone else. */
  readonly impersonator?: UserInfo | undefined;
  readonly verb: string;
  readonly path: string;
  readonly url: string;
  readonly userAgent: string;
  /** The Audit-ID that the client gave. */
  readonly auditId?: string | undefined;
}

/** Sees every request come and go: audit, metrics, flow control. */
export interface RequestObserver {
  /** Wants to be told what the stages of the request path note. */
  readonly annotated?: boolean;
  /** It is known who asks for what. A request over HTTP has no body and no options of a body yet. */
  begin?(request: ApiRequest): void;
  /** The request is about to be answered, and every observer has seen it begin. Throws ApiError to turn it away. */
  admit?(request: ApiRequest): void;
  /** The body of a request over HTTP has been read: `decoded` is the request with it. */
  decoded?(request: ApiRequest, decoded: ApiRequest): void;
  /** An answer has begun that lasts, as that of a watch does; its end is told when it has ended. */
  started?(request: ApiRequest, outcome: Outcome): void;
  end?(request: ApiRequest, outcome: Outcome): void;
  /** A request for a path that is no resource has been answered. */
  path?(request: PathRequest, outcome: Outcome): void;
  /** Someone could not show who they are. `request` has nobody as its user. */
  unauthenticated?(request: ApiRequest | PathRequest, refusal: ApiError): void;
}

type Stream = NonNullable<HttpResponse['stream']>;

interface Passing {
  readonly request: ApiRequest;
  response?: ApiResponse;
}

const INTERNAL_ERROR = 500;
const SWITCHING_PROTOCOLS = 101;

/** What comes of a request whose answer was thrown. */
export const failure = (error: unknown): Pick<Outcome, 'code' | 'refusal' | 'panic'> =>
  error instanceof ApiError
    ? { code: error.code, refusal: error }
    : { code: INTERNAL_ERROR, panic: (error as Error).message };

/** Everyone who looks on. While nobody does, requests pass untouched. */
export class RequestObservers {
  #list: readonly RequestObserver[] = [];
  /** Whether anyone wants to be told what the stages of the request path note. */
  annotated = false;
  #annotations: Record<string, string> | undefined;
  /** The request over HTTP that is on its way to the server, and what that answers. */
  #passing: Passing | undefined;

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Lets an observer see what comes from here on, until the returned function is called. */
  add(observer: RequestObserver): () => void {
    this.#set([...this.#list, observer]);
    return () => this.#set(this.#list.filter((one) => one !== observer));
  }

  #set(list: readonly RequestObserver[]): void {
    this.#list = list;
    this.annotated = list.some((one) => one.annotated === true);
  }

  /** Notes something of the request that is being answered, for the audit log. */
  annotate(key: string, value: string): void {
    if (this.#annotations) this.#annotations[key] ??= value;
  }

  /** Answers a request before the observers' eyes. */
  around(request: ApiRequest, answer: () => ApiResponse): ApiResponse {
    const passing = this.#arrived(request);
    if (passing) return (passing.response = answer());
    return this.#watched(request, (annotations) => {
      const response = answer();
      this.#end(request, { code: response.code, response, annotations });
      return response;
    });
  }

  /** The same for a request over HTTP, from the moment when it is known who asks for what; it may be passed on elsewhere. */
  aroundHttp(request: ApiRequest, answer: () => HttpResponse): HttpResponse {
    return this.#watched(request, (annotations) => {
      const outer = this.#passing;
      const passing: Passing = { request };
      this.#passing = passing;
      let response: HttpResponse;
      try {
        response = answer();
      } finally {
        this.#passing = outer;
      }
      const { stream, receive, connect, status } = response;
      const code = receive || connect ? SWITCHING_PROTOCOLS : status;
      const outcome: Outcome = { code, response: passing.response, annotations };
      if (stream || connect || isPassedOn(request.subresource)) this.#start(request, outcome);
      if (stream) return { ...response, stream: this.#ended(stream, () => this.#end(request, outcome)) };
      this.#end(request, outcome);
      return response;
    });
  }

  /** Opens a watch before the observers' eyes. */
  aroundWatch(request: ApiRequest, sink: WatchSink, open: (sink: WatchSink) => WatchHandle): WatchHandle {
    if (this.#arrived(request)) return open(sink);
    return this.#watched(request, (annotations) => {
      let live = true;
      const closed = (): void => {
        if (live) this.#end(request, { code: 200, annotations });
        live = false;
      };
      const handle = open({
        events: (events) => sink.events(events),
        closed: () => {
          sink.closed();
          closed();
        },
      });
      this.#start(request, { code: 200, annotations });
      return {
        stop: () => {
          handle.stop();
          closed();
        },
      };
    });
  }

  path(request: PathRequest, outcome: Omit<Outcome, 'annotations'>): void {
    for (const observer of this.#list) observer.path?.(request, { annotations: {}, ...outcome });
  }

  unauthenticated(request: ApiRequest | PathRequest, refusal: ApiError): void {
    for (const observer of this.#list) observer.unauthenticated?.(request, refusal);
  }

  /** What a request came in over HTTP with, if it did; further requests that it causes come from within. */
  #arrived(request: ApiRequest): Passing | undefined {
    const passing = this.#passing;
    if (!passing || passing.request.origin !== request.origin) return undefined;
    this.#passing = undefined;
    for (const observer of this.#list) observer.decoded?.(passing.request, request);
    return passing;
  }

  /** A stream that tells when it has ended, whoever ended it. */
  #ended(stream: Stream, ended: () => void): Stream {
    return (sink) => {
      let live = true;
      const close = (): void => {
        if (live) ended();
        live = false;
      };
      const stop = stream({
        chunk: (data) => sink.chunk(data),
        end: () => {
          sink.end();
          close();
        },
      });
      return () => {
        stop();
        close();
      };
    };
  }

  #watched<T>(request: ApiRequest, body: (annotations: Record<string, string>) => T): T {
    // A request may cause others before it is answered.
    const outer = this.#annotations;
    const annotations: Record<string, string> = {};
    this.#annotations = annotations;
    try {
      for (const observer of this.#list) observer.begin?.(request);
      for (const observer of this.#list) observer.admit?.(request);
      return body(annotations);
    } catch (error) {
      const outcome = { ...failure(error), annotations };
      // What would have lasted begins with its refusal.
      const lasts = request.verb === 'watch' || isPassedOn(request.subresource);
      if (lasts && outcome.refusal) this.#start(request, outcome);
      this.#end(request, outcome);
      throw error;
    } finally {
      this.#annotations = outer;
    }
  }

  #start(request: ApiRequest, outcome: Outcome): void {
    for (const observer of this.#list) observer.started?.(request, outcome);
  }

  #end(request: ApiRequest, outcome: Outcome): void {
    for (const observer of this.#list) observer.end?.(request, outcome);
  }
}
