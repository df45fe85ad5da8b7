import type { Kind } from '../../api/kind.ts';
import type {
  ApiRequest,
  ApiResponse,
  HttpRequest,
  HttpResponse,
  UserInfo,
  WatchHandle,
  WatchSink,
} from '../request.ts';

/**
 * A server of further API groups behind kube-apiserver (metrics-server, an extension API server). Requests reach it
 * authenticated and authorized, as they came: from a client in the process or over HTTP. What it answers is printed,
 * as a Table too, by its kinds.
 */
export interface AggregatedServer {
  /** What it serves, in every version that it serves; discovery tells this. */
  readonly kinds: readonly Kind[];
  /** Answers a request for one of its kinds; throws ApiError when it refuses. */
  serve(request: ApiRequest): ApiResponse;
  /** Answers itself what came over HTTP, where it speaks that; otherwise serve() does. */
  http?(request: HttpRequest, user: UserInfo): HttpResponse;
  /** What it says of its types of a group and version, in OpenAPI v3; undefined where it says nothing. */
  openApi?(group: string, version: string): object | undefined;
  /** Opens a watch, where it can be watched: metrics cannot. */
  watch?(request: ApiRequest, sink: WatchSink): WatchHandle;
}

/** The Service by whose name APIServices find a server. */
export interface ServiceReference {
  readonly namespace: string;
  readonly name: string;
  /** 443 unless given. */
  readonly port?: number;
}
