import { NodeKind } from '../api/core/node.ts';
import { ServiceKind } from '../api/core/service.ts';
import type { Service } from '../api/types.ts';
import { InformerFactory } from '../client/index.ts';
import {
  InstantRuntime,
  Kubelet,
  type Image,
  type KubeletListers,
  type NodeSpec as Machine,
} from '../kubelet/index.ts';
import type { Cluster } from './cluster.ts';
import { DataPlane } from './data-plane.ts';
import { nodeUser } from './identities.ts';
import { CLUSTER_DOMAIN, DNS_SERVICE_IP } from './spec.ts';

/**
 * What every kubelet reads alike, read once for all of them: thousands of kubelets in one process need not keep
 * thousands of copies.
 */
function sharedListers({ kernel, client }: Cluster): KubeletListers {
  const informers = new InformerFactory(kernel, client('kubelet'));
  const nodes = informers.for(NodeKind);
  const services = informers.for(ServiceKind);
  let list: readonly Service[] | undefined;
  const forget = (): void => void (list = undefined);
  services.addHandler({ add: forget, update: forget, delete: forget });
  informers.start();
  return {
    node: (name) => nodes.getByKey(name),
    services: () => (list ??= services.list()),
  };
}

/** The machines of a cluster, each with what runs on it. */
export class Nodes {
  readonly #cluster: Cluster;
  readonly #listers: KubeletListers;
  readonly #kubelets = new Map<string, Kubelet>();
  /** Absent on the instant runtime, whose containers neither run nor speak. */
  readonly #dataPlane: DataPlane | undefined;

  constructor(cluster: Cluster, images: readonly Image[]) {
    this.#cluster = cluster;
    this.#listers = sharedListers(cluster);
    if (cluster.spec.runtime !== 'instant') this.#dataPlane = new DataPlane(cluster, images);
  }

  get names(): readonly string[] {
    return [...this.#kubelets.keys()];
  }

  kubelet(name: string): Kubelet | undefined {
    return this.#kubelets.get(name);
  }

  /** Adds a machine and starts its kubelet. */
  add(node: Machine): void {
    const { kernel, client } = this.#cluster;
    const component = `kubelet/${node.name}`;
    const kubelet = new Kubelet({
      kernel,
      client: client(component, nodeUser(node.name)),
      node,
      ...(this.#dataPlane?.addNode(node) ?? { runtime: new InstantRuntime(kernel) }),
      listers: this.#listers,
      dns: { server: DNS_SERVICE_IP, domain: CLUSTER_DOMAIN },
    });
    this.#kubelets.set(node.name, kubelet);
    this.#cluster.add(component, () => {
      kubelet.start();
      return kubelet;
    });
  }

  /** Connects a machine's network or cuts it off. */
  setUp(name: string, up: boolean): void {
    this.#dataPlane?.network.setNodeUp(name, up);
  }
}
