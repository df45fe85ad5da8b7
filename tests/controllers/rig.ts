import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { NodeKind } from '../../src/api/core/node.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import { EventKind } from '../../src/api/core/event.ts';
import { LeaseKind } from '../../src/api/coordination/lease.ts';
import { kinds } from '../../src/api/kinds.ts';
import { formatMicroTime, formatTime } from '../../src/api/meta.ts';
import type { CoreEvent, Pod } from '../../src/api/types.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client, InformerFactory } from '../../src/client/index.ts';
import { startControllers, type Controllers } from '../../src/controllers/index.ts';
import { CONTROLLERS } from '../../src/controllers/table.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

const ADMIN = { username: 'admin', groups: ['system:masters'] };

export interface RigOptions {
  readonly nodes?: number;
  /** Pods are bound and become Ready by themselves. */
  readonly pods?: 'ready' | 'left alone';
  readonly trace?: boolean;
}

/** An API server with all controllers, and in the place of scheduler and kubelets something that starts every Pod at once. */
export class Rig {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly server: ApiServer;
  readonly client: Client;
  readonly controllers: Controllers;
  /** Nodes whose kubelet has stopped. */
  readonly silent = new Set<string>();

  constructor({ nodes = 3, pods = 'ready', trace = true }: RigOptions = {}) {
    this.kernel = new Kernel({ seed: 7, trace: { capacity: trace ? 100_000 : 0 } });
    this.etcd = new Etcd(this.kernel);
    this.server = new ApiServer({ kernel: this.kernel, etcd: this.etcd, kinds });
    this.client = new Client(this.server, { user: ADMIN, userAgent: 'kubectl' });
    for (const name of ['default', 'kube-system', 'kube-node-lease', 'lab']) {
      this.client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
    }
    const manager = new Client(this.server, { user: ADMIN, userAgent: 'kube-controller-manager' });
    this.controllers = startControllers(CONTROLLERS, {
      kernel: this.kernel,
      client: manager,
      informers: new InformerFactory(this.kernel, manager),
      kinds,
      podCidrs: { clusterCidr: '10.244.0.0/16', nodeMaskSize: 24 },
      rootCa: 'certificate',
    });
    for (let i = 1; i <= nodes; i++) this.addNode(`node-${i}`, `zone-${i}`);
    if (pods === 'ready') this.#startKubelets(nodes);
    this.settle();
  }

  addNode(name: string, zone: string): void {
    this.client.resource(NodeKind).create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } },
      spec: {},
      status: { conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }] },
    });
    const leases = this.client.resource(LeaseKind);
    const spec = (): { renewTime: string } => ({ renewTime: formatMicroTime(this.kernel.now) });
    const metadata = { name, namespace: 'kube-node-lease' };
    leases.create({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: spec() });
    const renew = (): void => {
      this.kernel.after(10_000, name, renew, { background: true });
      if (this.silent.has(name)) return;
      leases.update({ ...leases.get(name, 'kube-node-lease'), spec: spec() });
    };
    renew();
  }

  settle(): void {
    this.kernel.runUntilSettled();
  }

  run(ms: number): void {
    this.kernel.runFor(ms);
  }

  pods(namespace = 'lab'): Pod[] {
    return this.client.resource(PodKind).list({ namespace }).items;
  }

  events(kind: string, namespace = 'lab'): CoreEvent[] {
    return this.client
      .resource(EventKind)
      .list({ namespace })
      .items.filter(({ involvedObject }) => involvedObject.kind === kind);
  }

  /** Gives a Pod a node and makes it run. */
  start(pod: Pod, node: string): void {
    const client = this.client.resource(PodKind);
    const { name, namespace } = pod.metadata;
    client.subresource(name, namespace, 'binding', 'create', {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { kind: 'Node', name: node },
    });
    const now = formatTime(this.kernel.now);
    client.patch(
      name,
      namespace,
      'strategic',
      {
        status: {
          phase: 'Running',
          startTime: now,
          podIP: `10.244.0.${(this.#address++ % 250) + 1}`,
          conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now }],
        },
      },
      { subresource: 'status' },
    );
  }
  #address = 0;

  #exists({ metadata }: Pod): boolean {
    return this.etcd.get(`/registry/pods/${metadata.namespace}/${metadata.name}`) !== undefined;
  }

  #startKubelets(nodes: number): void {
    const factory = new InformerFactory(this.kernel, this.client.as('kubelet'));
    let next = 0;
    factory.for(PodKind).addHandler({
      add: (pod) => {
        if (pod.spec.nodeName || pod.metadata.deletionTimestamp || pod.spec.nodeSelector) return;
        this.kernel.after(1, 'kubelet', () => {
          if (this.#exists(pod)) this.start(pod, `node-${(next++ % nodes) + 1}`);
        });
      },
      update: (pod) => {
        if (!pod.metadata.deletionTimestamp || !pod.spec.nodeName || this.silent.has(pod.spec.nodeName)) return;
        this.kernel.after(1, 'kubelet', () => {
          const { name, namespace } = pod.metadata;
          if (this.#exists(pod)) this.client.resource(PodKind).delete(name, namespace, { gracePeriodSeconds: 0 });
        });
      },
    });
    factory.start();
  }
}
