import { kinds } from '../../src/api/kinds.ts';
import { ConfigMapKind } from '../../src/api/core/config-map.ts';
import { EventKind } from '../../src/api/core/event.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { NodeKind } from '../../src/api/core/node.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { ServiceAccountKind } from '../../src/api/core/service-account.ts';
import type { Manifest } from '../../src/api/object.ts';
import type { CoreEvent, Pod, PodSpec } from '../../src/api/types.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client } from '../../src/client/index.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';
import {
  ImageRegistry,
  Kubelet,
  SimulatedRuntime,
  type ContainerRuntime,
  type KubeletOptions,
  type PodNetwork,
} from '../../src/kubelet/index.ts';
import { IMAGES } from '../../src/kubelet/runtime/images/index.ts';
import { ClusterNetwork } from '../../src/network/index.ts';

export const NODE = 'node-1';
export const NODE_IP = '192.0.2.2';

/** An API server and one kubelet, without scheduler or controllers: tests bind Pods themselves. */
export class Bench {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly client: Client;
  readonly kubelet: Kubelet;

  constructor(
    runtime: (kernel: Kernel) => { runtime: ContainerRuntime; network?: PodNetwork },
    options: Partial<KubeletOptions> = {},
    seed = 1,
  ) {
    this.kernel = new Kernel({ seed });
    this.server = new ApiServer({ kernel: this.kernel, etcd: new Etcd(this.kernel), kinds });
    this.client = new Client(this.server, {
      user: { username: 'admin', groups: ['system:masters'] },
      userAgent: 'kubectl',
    });
    const namespaces = this.client.resource(NamespaceKind);
    for (const name of ['default', 'kube-node-lease', 'lab']) {
      if (namespaces.list().items.some((one) => one.metadata.name === name)) continue;
      namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
    }
    for (const namespace of ['default', 'lab']) {
      this.client
        .resource(ServiceAccountKind)
        .create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
      this.client.resource(ConfigMapKind).create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kube-root-ca.crt', namespace },
        data: { 'ca.crt': 'CA' },
      });
    }
    const made = runtime(this.kernel);
    this.kubelet = new Kubelet({
      kernel: this.kernel,
      client: this.client.as(`kubelet/${NODE}`, { username: `system:node:${NODE}`, groups: ['system:nodes'] }),
      node: { name: NODE, ip: NODE_IP },
      ...made,
      ...options,
    });
    this.kubelet.start();
    this.kernel.runFor(5000);
    this.client
      .resource(NodeKind)
      .patch(NODE, undefined, 'merge', { spec: { podCIDR: '10.244.0.0/24', podCIDRs: ['10.244.0.0/24'] } });
  }

  create(name: string, spec: Partial<PodSpec>, metadata: Partial<Pod['metadata']> = {}): Pod {
    const manifest = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'lab', ...metadata },
      spec: { nodeName: NODE, ...spec },
    } as Manifest<Pod>;
    return this.client.resource(PodKind).create(manifest);
  }

  pod(name: string): Pod {
    return this.client.resource(PodKind).get(name, 'lab');
  }

  has(name: string): boolean {
    return this.client
      .resource(PodKind)
      .list({ namespace: 'lab' })
      .items.some((pod) => pod.metadata.name === name);
  }

  delete(name: string, gracePeriodSeconds?: number): void {
    this.client.resource(PodKind).delete(name, 'lab', gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds });
  }

  events(name: string): CoreEvent[] {
    return this.client
      .resource(EventKind)
      .list({ namespace: 'lab' })
      .items.filter(({ involvedObject }) => involvedObject.name === name);
  }
}

/** A bench whose node runs simulated images, with these already on it. */
export function imagesBench(preloaded: readonly string[] = [], seed = 1): Bench {
  return new Bench(
    (kernel) => {
      const network = new ClusterNetwork({ kernel });
      network.addNode(NODE, NODE_IP);
      const runtime = new SimulatedRuntime({
        kernel,
        component: `kubelet/${NODE}`,
        registry: new ImageRegistry(() => IMAGES),
        cni: network.cni(NODE),
        network,
        hostIps: [NODE_IP],
        preloaded,
      });
      return { runtime, network };
    },
    {},
    seed,
  );
}
