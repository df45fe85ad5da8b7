/** What came of a request to a program in the cluster: its answer, or how it could not be reached. */
export type DialOutcome =
  | { readonly status: number; readonly body: string; readonly tookMs?: number | undefined }
  | { readonly fault: 'refused' | 'timeout' | 'reset' | 'unreachable' };

/** Where a connection goes. */
export interface DialTarget {
  readonly ip: string;
  readonly port: number;
}

/**
 * The way from the API server's machine into the network of Pods. An answer must come at once, without the passing of
 * virtual time: a request of a client is answered in one step, and so is what it asks of webhooks on its way. What a slow server would have taken is only said, for timeouts.
 */
export interface Dialer {
  post(to: DialTarget, path: string, headers: Readonly<Record<string, string>>, body: string): DialOutcome;
}
