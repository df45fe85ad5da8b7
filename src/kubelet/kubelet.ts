import { NodeKind } from '../api/core/node.ts';
import { PodKind } from '../api/core/pod.ts';
import { ApiError } from '../api/status.ts';
import type { Kind } from '../api/kind.ts';
import type { CsiNode, Node, Pod, Service } from '../api/types.ts';
import type { HttpRequest, HttpResponse } from '../apiserver/request.ts';
import { EventRecorder, InformerFactory, type Client } from '../client/index.ts';
import type { Kernel } from '../kernel/index.ts';
import { BackOff } from './back-off.ts';
import type { PodNetwork } from './cni.ts';
import { containerHttp } from './container-http.ts';
import { ImagePuller } from './image-puller.ts';
import { NodeReporter } from './node-reporter.ts';
import type { NodeSpec } from './node-spec.ts';
import { StatsCounter, type NodeStats } from './node-stats.ts';
import { portForward } from './port-forward.ts';
import { Reservations } from './pod-admission.ts';
import { PodWorker } from './pod-worker.ts';
import { Relist } from './relist.ts';
import type { ContainerRuntime } from './runtime/cri.ts';
import type { ClusterDnsConfig } from './sandbox-config.ts';
import { StatusWriter } from './status-writer.ts';
import type { WorkerContext } from './worker-context.ts';

/** What all kubelets of a cluster look up alike; one informer of each serves them all. */
export interface KubeletListers {
  node(name: string): Node | undefined;
  services(): readonly Service[];
}

export interface KubeletOptions {
  readonly kernel: Kernel;
  /** Acts as the node's user; its user agent is the kubelet's lane. */
  readonly client: Client;
  readonly node: NodeSpec;
  readonly runtime: ContainerRuntime;
  /** For probes and hooks; without one they time out. */
  readonly network?: PodNetwork;
  readonly listers?: KubeletListers;
  readonly dns?: ClusterDnsConfig;
  /** Whether it writes Events about its node. */
  readonly nodeEvents?: boolean;
  /** Where the API server serves CSINodes: the kind, of which the node gets one. */
  readonly csiNodeKind?: Kind<CsiNode>;
  /** How often it looks at its runtime, milliseconds. */
  readonly relistMs?: number;
}

const DEFAULT_DNS: ClusterDnsConfig = { server: '10.96.0.10', domain: 'cluster.local' };
const FIRST_RESTART_BACK_OFF_MS = 10_000;
const LONGEST_RESTART_BACK_OFF_MS = 300_000;
const RELIST_MS = 1000;
/** How long after its start a kubelet removes Pods that its runtime still has and the API no longer. */
const HOUSEKEEPING_MS = 2000;

/**
 * The agent of one node: registers it, watches the Pods bound to it, and has a worker bring each to life. What
 * the real one does and this one does not: static Pods, device and CPU managers, eviction by node pressure.
 */
export class Kubelet {
  readonly spec: NodeSpec;
  readonly runtime: ContainerRuntime;
  /** Drivers of claimed devices (dynamic resource allocation) that run on the node. */
  readonly deviceDrivers = new Set<string>();
  readonly #options: KubeletOptions;
  readonly #component: string;
  readonly #context: WorkerContext;
  readonly #reporter: NodeReporter;
  readonly #workers = new Map<string, PodWorker>();
  readonly #reservations = new Reservations();
  #informers: InformerFactory | undefined;
  #stats: StatsCounter | undefined;
  #node: Node | undefined;

  constructor(options: KubeletOptions) {
    const { kernel, client, node, runtime, network } = options;
    this.spec = node;
    this.runtime = runtime;
    this.#options = options;
    this.#component = client.userAgent;
    const recorder = new EventRecorder({ kernel, client, component: 'kubelet', host: node.name, limitByType: true });
    const relistMs = options.relistMs ?? RELIST_MS;
    this.#reporter = new NodeReporter({
      kernel,
      component: this.#component,
      client,
      recorder,
      runtime,
      spec: node,
      events: options.nodeEvents ?? true,
      ...(options.csiNodeKind ? { csiNodeKind: options.csiNodeKind } : {}),
    });
    this.#context = {
      kernel,
      component: this.#component,
      client,
      runtime,
      actors: { runtime, network },
      recorder,
      writer: new StatusWriter(client),
      puller: new ImagePuller(kernel, runtime, () => this.#reporter.statusChanged()),
      restarts: new BackOff(FIRST_RESTART_BACK_OFF_MS, LONGEST_RESTART_BACK_OFF_MS),
      relist: new Relist(kernel, relistMs, kernel.random(this.#component).next() * relistMs),
      hostIps: [node.ip],
      dns: options.dns ?? DEFAULT_DNS,
      sharedFiles: new Map(),
      deviceDrivers: this.deviceDrivers,
      node: () => this.#currentNode(),
      services: () => options.listers?.services() ?? [],
      admit: (pod) => this.#reservations.admit(pod, this.#currentNode()),
      resize: (pod) => this.#reservations.resize(pod, this.#currentNode()),
      released: (uid) => this.#reservations.release(uid),
      finished: (uid) => this.#workers.delete(uid),
    };
  }

  get name(): string {
    return this.spec.name;
  }

  /** Whether it runs; a stopped kubelet leaves its containers alone. */
  get running(): boolean {
    return this.#informers !== undefined;
  }

  start(): void {
    if (this.#informers) return;
    const { kernel, client, runtime } = this.#options;
    const informers = new InformerFactory(kernel, client);
    this.#informers = informers;
    const pods = informers.for(PodKind, { fieldSelector: `spec.nodeName=${this.spec.name}` });
    pods.addHandler({
      add: (pod) => this.#seen(pod),
      update: (pod) => this.#seen(pod),
      delete: (pod) => {
        // The real kubelet counts the Pods that the API has, though the containers of others may still be ending.
        this.#reservations.release(pod.metadata.uid!);
        this.#workers.get(pod.metadata.uid!)?.remove();
      },
    });
    runtime.onExit((uid) => this.#workers.get(uid)?.exited());
    this.#reporter.start(() => {
      informers.start();
      if ([...runtime.pods()].length > 0) {
        kernel.after(HOUSEKEEPING_MS, this.#component, () => this.#removeOrphans());
      }
    });
  }

  stop(): void {
    this.#informers?.stop();
    this.#informers = undefined;
    this.#reporter.stop();
    this.runtime.onExit(undefined);
    for (const worker of this.#workers.values()) worker.stop();
    this.#workers.clear();
    this.#reservations.clear();
  }

  /** Answers what the API server passes on for a Pod of this node: logs, exec, attach, forwarded ports. */
  http(pod: Pod, subresource: string, request: HttpRequest): HttpResponse {
    if (subresource === 'portforward') return portForward(this.#options.network, pod);
    return containerHttp(this.#options.kernel, this.runtime, pod, subresource, request);
  }

  /** What its machine and containers have used; undefined while it does not answer. */
  stats(): NodeStats | undefined {
    if (!this.running) return undefined;
    return (this.#stats ??= new StatsCounter(this.#options.kernel, this.runtime)).read();
  }

  /** The worker of a Pod, by uid. */
  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  #seen(pod: Pod): void {
    const uid = pod.metadata.uid!;
    const worker = this.#workers.get(uid);
    if (worker) {
      worker.update(pod);
      return;
    }
    const { phase } = pod.status ?? {};
    // A Pod that is over needs nothing but its removal.
    if ((phase === 'Succeeded' || phase === 'Failed') && !pod.metadata.deletionTimestamp) return;
    this.#workers.set(uid, new PodWorker(this.#context, pod));
  }

  #currentNode(): Node | undefined {
    const { listers, client } = this.#options;
    if (listers) return listers.node(this.spec.name);
    if (this.#node?.spec.podCIDR) return this.#node;
    try {
      this.#node = client.resource(NodeKind).get(this.spec.name);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    return this.#node;
  }

  #removeOrphans(): void {
    for (const record of [...this.runtime.pods()]) {
      if (this.#workers.has(record.uid)) continue;
      for (const { id } of [...record.sandboxes])
        this.runtime.stopPodSandbox(id, () => this.runtime.removePodSandbox(id));
    }
  }
}
