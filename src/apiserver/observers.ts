import { ApiError } from '../api/status.ts';
import type { ApiRequest, ApiResponse, UserInfo, WatchHandle, WatchSink } from './request.ts';

/** What came of a request. */
export interface Outcome {
  readonly code: number;
  readonly response?: ApiResponse | undefined;
  /** Why it was refused. */
  readonly refusal?: ApiError | undefined;
  /** What the stages of the request path noted of it, for the audit log. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A request for a path that is no resource. `verb` is the HTTP method in lower case. */
export interface PathRequest {
  readonly user: UserInfo;
  readonly verb: string;
  readonly path: string;
  readonly url: string;
  readonly userAgent: string;
}

/** Sees every request come and go: audit, metrics, flow control. */
export interface RequestObserver {
  /** The request is about to be answered. Throws ApiError to turn it away. */
  begin?(request: ApiRequest): void;
  /** A watch has been opened; its end is told when it is closed. */
  started?(request: ApiRequest): void;
  end?(request: ApiRequest, outcome: Outcome): void;
  /** A request for a path that is no resource has been answered. */
  path?(request: PathRequest, code: number): void;
}

const INTERNAL_ERROR = 500;

/** Everyone who looks on. While nobody does, requests pass untouched. */
export class RequestObservers {
  #list: readonly RequestObserver[] = [];
  #annotations: Record<string, string> | undefined;

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Lets an observer see what comes from here on, until the returned function is called. */
  add(observer: RequestObserver): () => void {
    this.#list = [...this.#list, observer];
    return () => {
      this.#list = this.#list.filter((one) => one !== observer);
    };
  }

  /** Notes something of the request that is being answered, for the audit log. */
  annotate(key: string, value: string): void {
    if (this.#annotations) this.#annotations[key] ??= value;
  }

  /** Answers a request before the observers' eyes. */
  around(request: ApiRequest, answer: () => ApiResponse): ApiResponse {
    return this.#watched(request, (annotations) => {
      const response = answer();
      this.#end(request, { code: response.code, response, annotations });
      return response;
    });
  }

  /** Opens a watch before the observers' eyes. */
  aroundWatch(request: ApiRequest, sink: WatchSink, open: (sink: WatchSink) => WatchHandle): WatchHandle {
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
      for (const observer of this.#list) observer.started?.(request);
      return {
        stop: () => {
          handle.stop();
          closed();
        },
      };
    });
  }

  path(request: PathRequest, code: number): void {
    for (const observer of this.#list) observer.path?.(request, code);
  }

  #watched<T>(request: ApiRequest, body: (annotations: Record<string, string>) => T): T {
    // A request may cause others before it is answered.
    const outer = this.#annotations;
    const annotations: Record<string, string> = {};
    this.#annotations = annotations;
    try {
      for (const observer of this.#list) observer.begin?.(request);
      return body(annotations);
    } catch (error) {
      const refusal = error instanceof ApiError ? error : undefined;
      this.#end(request, { code: refusal?.code ?? INTERNAL_ERROR, refusal, annotations });
      throw error;
    } finally {
      this.#annotations = outer;
    }
  }

  #end(request: ApiRequest, outcome: Outcome): void {
    for (const observer of this.#list) observer.end?.(request, outcome);
  }
}
