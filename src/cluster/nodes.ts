import { NodeKind } from '../api/core/node.ts';
import { ServiceKind } from '../api/core/service.ts';
import type { Kind } from '../api/kind.ts';
import type { CsiNode, Service } from '../api/types.ts';
import { InformerFactory } from '../client/index.ts';
import {
  InstantRuntime,
  Kubelet,
  type HttpMessage,
  type HttpReply,
  type Image,
  type KubeletListers,
  type NetworkOutcome,
  type Target,
} from '../kubelet/index.ts';
import type { Cluster, ClusterParts } from './cluster.ts';
import { DataPlane } from './data-plane.ts';
import { grantRights } from './grant-rights.ts';
import { API_SERVER, DEVICE_DRIVER, nodeUser } from './identities.ts';
import { CLUSTER_DOMAIN, DNS_SERVICE_IP, type Machine } from './spec.ts';

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

const DRIVER_RULES = ['get nodes core', 'create,delete,get,list,update resourceslices resource.k8s.io'];

/** The machines of a cluster, each with what runs on it. */
export class Nodes {
  readonly #cluster: Cluster;
  readonly #deviceDriver: ClusterParts['deviceDriver'];
  readonly #listers: KubeletListers;
  readonly #kubelets = new Map<string, Kubelet>();
  #driversAllowed = false;
  /** Absent on the instant runtime, whose containers neither run nor speak. */
  readonly #dataPlane: DataPlane | undefined;

  constructor(cluster: Cluster, images: () => readonly Image[], deviceDriver: ClusterParts['deviceDriver']) {
    this.#cluster = cluster;
    this.#deviceDriver = deviceDriver;
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
    const csiNodeKind = this.#cluster.kinds.find(({ kind }) => kind === 'CSINode') as Kind<CsiNode> | undefined;
    const kubelet = new Kubelet({
      kernel,
      client: client(component, nodeUser(node.name)),
      node,
      ...(this.#dataPlane?.addNode(node) ?? { runtime: new InstantRuntime(kernel) }),
      listers: this.#listers,
      dns: { server: DNS_SERVICE_IP, domain: CLUSTER_DOMAIN },
      ...(csiNodeKind ? { csiNodeKind } : {}),
    });
    this.#kubelets.set(node.name, kubelet);
    this.#cluster.add(component, () => {
      kubelet.start();
      return kubelet;
    });
    this.#addDrivers(node, kubelet);
  }

  /** The drivers of a machine's claimable devices run beside its kubelet. */
  #addDrivers({ name: nodeName, devices: byDriver = {} }: Machine, { deviceDrivers }: Kubelet): void {
    const { kernel, client, add } = this.#cluster;
    if (Object.keys(byDriver).length > 0) this.#allowDrivers();
    for (const [driver, devices] of Object.entries(byDriver)) {
      const component = `${driver}/${nodeName}`;
      add(component, () =>
        this.#deviceDriver({
          kernel,
          client: client(component, DEVICE_DRIVER),
          driver,
          nodeName,
          devices,
          registered: (isThere) => void (isThere ? deviceDrivers.add(driver) : deviceDrivers.delete(driver)),
        }),
      );
    }
  }

  /** What the manifests of a driver bring along: its right to publish devices. */
  #allowDrivers(): void {
    if (this.#driversAllowed) return;
    this.#driversAllowed = true;
    grantRights(this.#cluster.client('kubeadm', API_SERVER), 'system:device-driver', DRIVER_RULES, 'device-driver');
  }

  /** Asks a server in the cluster's network from the control plane's machine. */
  request(to: Target, message: HttpMessage): NetworkOutcome<HttpReply> {
    return this.#dataPlane?.request(to, message) ?? { fault: 'refused' };
  }

  /** Connects a machine's network or cuts it off. */
  setUp(name: string, up: boolean): void {
    this.#dataPlane?.network.setNodeUp(name, up);
  }
}
