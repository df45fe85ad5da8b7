import type { Pod } from '../api/types.ts';
import type { HttpRequest, HttpResponse } from './request.ts';

/** The API server's way to the kubelets, for what only a node knows. Implemented by whoever assembles the cluster. */
export interface NodeProxy {
  /**
   * Answers a log, exec, attach, portforward or proxy request of a Pod that is bound to a node. `subresource` is
   * one of these names; the HTTP request carries the options in its query.
   */
  pod(pod: Pod, subresource: string, request: HttpRequest): HttpResponse;
  /** Asks a server in the cluster's network over HTTP, as the API server's machine does. */
  request(to: { readonly ip: string; readonly port: number }, asked: ProxiedRequest): ProxiedAnswer;
}

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type ProxiedAnswer =
  | {
      readonly value: {
        readonly status: number;
        readonly headers: Readonly<Record<string, string>>;
        readonly body: string;
      };
    }
  /** Why there is none: `refused`, `timeout`. */
  | { readonly fault: string };
