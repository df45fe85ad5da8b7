import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import type { ApiRequest, ApiResponse, UserInfo, WatchHandle, WatchSink } from '../apiserver/request.ts';
import { ResourceClient } from './resource-client.ts';

/** What a client needs of an API server; the server itself, or a proxy that filters, delays or refuses. */
export interface ApiEndpoint {
  serve(request: ApiRequest): ApiResponse;
  watch(request: ApiRequest, sink: WatchSink): WatchHandle;
}

export interface ClientOptions {
  /** Who asks; the server's authorization and audit see this. */
  readonly user: UserInfo;
  /** The component's name: its lane in the timeline and its default field manager. */
  readonly userAgent: string;
}

/** A typed client of one API server on behalf of one component (client-go's clientset). */
export class Client {
  readonly endpoint: ApiEndpoint;
  readonly user: UserInfo;
  readonly userAgent: string;
  readonly #resources = new Map<Kind<never>, ResourceClient<never>>();

  constructor(endpoint: ApiEndpoint, options: ClientOptions) {
    this.endpoint = endpoint;
    this.user = options.user;
    this.userAgent = options.userAgent;
  }

  /** The client of one kind; always the same object for the same kind. */
  resource<T extends KubeObject>(kind: Kind<T>): ResourceClient<T> {
    const key = kind as unknown as Kind<never>;
    let client = this.#resources.get(key) as unknown as ResourceClient<T> | undefined;
    if (!client) {
      client = new ResourceClient(this, kind);
      this.#resources.set(key, client as unknown as ResourceClient<never>);
    }
    return client;
  }

  /** The same server seen by another component or user. */
  as(userAgent: string, user: UserInfo = this.user): Client {
    return new Client(this.endpoint, { user, userAgent });
  }
}
