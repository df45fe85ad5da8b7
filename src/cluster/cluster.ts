import { kinds } from '../api/kinds.ts';
import { ApiServer, type UserInfo } from '../apiserver/index.ts';
import { Client } from '../client/index.ts';
import { Etcd } from '../etcd/index.ts';
import { Kernel } from '../kernel/index.ts';
import { bootstrap } from './bootstrap.ts';
import { ADMIN, API_SERVER } from './identities.ts';
import { SERVICE_CIDR, type ClusterSpec } from './spec.ts';

/** Something that runs until it is stopped, and can be started again. */
export interface Running {
  stop(): void;
}

/**
 * A whole cluster on one kernel: etcd, the API server, and the components, each with a client of its own as its
 * only way to the rest. Components are known by name and can be switched off and on.
 */
export class Cluster {
  readonly spec: ClusterSpec;
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly apiserver: ApiServer;
  readonly #starters = new Map<string, () => Running>();
  readonly #running = new Map<string, Running>();

  constructor(spec: ClusterSpec) {
    this.spec = spec;
    this.kernel = new Kernel({ seed: spec.seed, epochMs: spec.epochMs, trace: spec.trace });
    this.etcd = new Etcd(this.kernel);
    this.apiserver = new ApiServer({
      kernel: this.kernel,
      etcd: this.etcd,
      kinds,
      options: { serviceCidr: SERVICE_CIDR, watchLatencyMs: spec.watchLatencyMs ?? 1 },
    });
    bootstrap(this.client('kube-apiserver', API_SERVER), this.kernel.now);
  }

  /** A client of the API server for a component or user; the administrator with kubectl unless given. */
  client(userAgent = 'kubectl', user: UserInfo = ADMIN): Client {
    return new Client(this.apiserver, { user, userAgent });
  }

  /** Names of the components that there are, running or not. */
  get components(): readonly string[] {
    return [...this.#starters.keys()];
  }

  isRunning(component: string): boolean {
    return this.#running.has(component);
  }

  /** Makes a component known and starts it. */
  add(component: string, start: () => Running): void {
    this.#starters.set(component, start);
    this.start(component);
  }

  start(component: string): void {
    const start = this.#starters.get(component);
    if (!start) throw new Error(`there is no component "${component}"; there are: ${this.components.join(', ')}`);
    if (!this.#running.has(component)) this.#running.set(component, start());
  }

  stop(component: string): void {
    this.#running.get(component)?.stop();
    this.#running.delete(component);
  }
}
