import type { MutatingPlugin, ValidatingPlugin } from './admission/admission.ts';
import type { AuthorizationMode } from './authorization/authorization-mode.ts';
import type { Authorizer } from './authorization/authorization.ts';
import type { BodyFormats } from './http/body-formats.ts';
import type { NodeProxy } from './node-proxy.ts';
import type { UserInfo } from './request.ts';
import type { ApiServer } from './server.ts';

/** A part of the API server that not every cluster needs at once: it is given the server, once, when that is complete. */
export type ApiServerExtension = (server: ApiServer) => void;

export interface ApiServerOptions {
  /** How long a change takes from the store to a watcher, virtual milliseconds. */
  readonly watchLatencyMs?: number;
  /** Addresses for Services: --service-cluster-ip-range. */
  readonly serviceCidr?: string;
  /** First and last port of NodePort Services: --service-node-port-range. */
  readonly nodePortRange?: readonly [number, number];
  /** How long Events live, seconds: --event-ttl. */
  readonly eventTtlSeconds?: number;
  /** How often revisions older than one such interval are compacted, milliseconds; 0 keeps all: --etcd-compaction-interval. */
  readonly compactionIntervalMs?: number;
  /** Who decides what is allowed, in order: --authorization-mode. */
  readonly authorizationMode?: readonly AuthorizationMode[];
  /** Decides alone, whatever the mode. */
  readonly authorizer?: Authorizer;
  /** Further admission plugins, after the built-in ones. */
  readonly mutating?: readonly MutatingPlugin[];
  readonly validating?: readonly ValidatingPlugin[];
  /** Who has which bearer token: --token-auth-file. */
  readonly staticTokens?: Readonly<Record<string, UserInfo>>;
  /** How bodies that are not JSON are read; they are refused without. */
  readonly bodyFormats?: BodyFormats;
  /** Parts that are loaded beside the server. */
  readonly extensions?: readonly ApiServerExtension[];
  /** The way to the kubelets, for logs and exec. */
  readonly nodeProxy?: NodeProxy;
}

export const DEFAULT_OPTIONS = {
  watchLatencyMs: 1,
  serviceCidr: '10.96.0.0/16',
  nodePortRange: [30000, 32767],
  eventTtlSeconds: 3600,
  compactionIntervalMs: 0,
  authorizationMode: ['AlwaysAllow'],
} as const;
