import type { Kind } from '../api/kind.ts';
import { ApiError } from '../api/status.ts';
import type { Pod } from '../api/types.ts';
import { ApiServer, type ApiServerExtension, type BodyFormats, type UserInfo } from '../apiserver/index.ts';
import type { DeviceDriverOptions } from '../addons/device-driver/device-driver.ts';
import { Client } from '../client/index.ts';
import type { CertificateAuthority, ControllerTable } from '../controllers/index.ts';
import { Etcd } from '../etcd/index.ts';
import { Kernel } from '../kernel/index.ts';
import type { Image, Kubelet } from '../kubelet/index.ts';
import type { SchedulerOptions } from '../scheduler/index.ts';
import { keepIdentity } from './api-server-identity.ts';
import { API_SERVER_PORT, bootstrap } from './bootstrap.ts';
import { ADMIN, API_SERVER } from './identities.ts';
import { Nodes } from './nodes.ts';
import { CONTROL_PLANE, machine, SERVICE_CIDR, type ClusterSpec, type NodeSpec } from './spec.ts';

/** Something that runs until it is stopped, and can be started again. */
export interface Running {
  stop(): void;
}

/** What a cluster is given rather than brings along, so that a page can load it beside the cluster's own code. */
export interface ClusterParts {
  /** Everything that the registries hold, asked for when the first image is. */
  readonly images: () => readonly Image[];
  /** Everything that the API server serves. */
  readonly kinds: readonly Kind[];
  /** Creates what rules the cluster: roles and bindings, priorities, flow control. */
  readonly policy: (client: Client, now: number) => void;
  /** For clients that send other bodies than JSON. */
  readonly bodyFormats?: BodyFormats;
  /** What the API server can do beyond serving kinds. */
  readonly extensions: readonly ApiServerExtension[];
  /** Makes the authority whose certificate every Pod finds as ca.crt. */
  readonly certificateAuthority: (kernel: Kernel) => CertificateAuthority;
  /** What kube-controller-manager runs. */
  readonly controllers: ControllerTable;
  /** What a spec may ask to be installed, by name. */
  readonly addons?: Readonly<Record<string, (cluster: Cluster) => void>>;
  /** Makes the driver of a machine's claimable devices, and starts it. */
  readonly deviceDriver: (options: DeviceDriverOptions) => Running;
  /** Makes a kube-scheduler, and starts it. */
  readonly scheduler: (options: SchedulerOptions) => Running;
}

/**
 * A whole cluster on one kernel: etcd, the API server, and the components, each with a client of its own as its
 * only way to the rest. Components are known by name and can be switched off and on.
 */
export class Cluster {
  readonly spec: ClusterSpec;
  /** Everything that its API server serves. */
  readonly kinds: readonly Kind[];
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly apiserver: ApiServer;
  readonly nodes: Nodes;
  readonly certificateAuthority: CertificateAuthority;
  readonly #starters = new Map<string, () => Running>();
  readonly #running = new Map<string, Running>();

  constructor(spec: ClusterSpec, parts: ClusterParts) {
    const { images, kinds, policy, bodyFormats, extensions, deviceDriver } = parts;
    this.spec = spec;
    this.kinds = kinds;
    this.kernel = new Kernel({ seed: spec.seed, epochMs: spec.epochMs, trace: spec.trace });
    this.etcd = new Etcd(this.kernel);
    this.apiserver = new ApiServer({
      kernel: this.kernel,
      etcd: this.etcd,
      kinds,
      options: {
        authorizationMode: ['Node', 'RBAC'],
        bodyFormats,
        extensions,
        serviceCidr: SERVICE_CIDR,
        watchLatencyMs: spec.watchLatencyMs ?? 1,
        nodeProxy: {
          pod: (pod, subresource, request) => this.#kubeletOf(pod).http(pod, subresource, request),
          request: (to, asked) => this.nodes.request(to, asked),
        },
      },
    });
    this.apiserver.isComponentRunning = (component) => this.isRunning(component);
    this.certificateAuthority = parts.certificateAuthority(this.kernel);
    const client = this.client('kube-apiserver', API_SERVER);
    bootstrap(client, this.kernel.now, this.certificateAuthority.certificate);
    keepIdentity(this.kernel, client, CONTROL_PLANE.name, `${CONTROL_PLANE.ip}:${API_SERVER_PORT}`);
    policy(client, this.kernel.now);
    this.nodes = new Nodes(this, images, deviceDriver);
  }

  /** A client of the API server for a component or user; the administrator with kubectl unless given. */
  readonly client = (userAgent = 'kubectl', user: UserInfo = ADMIN): Client =>
    new Client(this.apiserver, { user, userAgent });

  /** Names of the components that there are, running or not. */
  get components(): readonly string[] {
    return [...this.#starters.keys()];
  }

  isRunning(component: string): boolean {
    return this.#running.has(component);
  }

  /** Makes a component known and starts it, unless the spec leaves it out. */
  readonly add = (component: string, start: () => Running): void => {
    this.#starters.set(component, start);
    if (!this.spec.without?.includes(component)) this.start(component);
  };

  start(component: string): void {
    const start = this.#starters.get(component);
    if (!start) throw new Error(`there is no component "${component}"; there are: ${this.components.join(', ')}`);
    if (!this.#running.has(component)) this.#running.set(component, start());
  }

  stop(component: string): void {
    this.#running.get(component)?.stop();
    this.#running.delete(component);
  }

  /** Adds a machine to the running cluster. */
  addNode(node: NodeSpec): void {
    this.nodes.add(machine(node, this.nodes.names.length));
  }

  /** Switches a machine on again. */
  startNode(name: string): void {
    this.nodes.setUp(name, true);
    for (const component of this.#onMachine(name)) this.start(component);
  }

  /** Takes a machine away from the cluster, without a word to anybody, as a pulled cable does. */
  stopNode(name: string): void {
    for (const component of this.#onMachine(name)) this.stop(component);
    this.nodes.setUp(name, false);
  }

  #onMachine(name: string): string[] {
    return this.components.filter((component) => component.endsWith(`/${name}`));
  }

  #kubeletOf(pod: Pod): Kubelet {
    const kubelet = this.nodes.kubelet(pod.spec.nodeName ?? '');
    if (kubelet?.running) return kubelet;
    throw new ApiError(500, 'InternalError', `dial tcp: lookup ${pod.spec.nodeName}: connection refused`);
  }
}
