import { kinds } from '../../src/api/kinds.ts';
import { NamespaceKind } from '../../src/api/core/namespace.ts';
import { NodeKind } from '../../src/api/core/node.ts';
import { ServiceAccountKind } from '../../src/api/core/service-account.ts';
import { EventKind } from '../../src/api/core/event.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { CoreEvent, Node, Pod } from '../../src/api/types.ts';
import { ApiServer } from '../../src/apiserver/index.ts';
import { Client } from '../../src/client/index.ts';
import { Etcd } from '../../src/etcd/index.ts';
import { Kernel, type TraceOptions } from '../../src/kernel/index.ts';
import { Scheduler, type SchedulerOptions } from '../../src/scheduler/index.ts';

/** An API server and a scheduler, nothing else: nodes are whatever a test writes. */
export class SchedulingRig {
  readonly kernel: Kernel;
  readonly client: Client;
  readonly scheduler: Scheduler;

  constructor(
    options: { trace?: TraceOptions } & Pick<
      SchedulerOptions,
      'profile' | 'profiles' | 'extenders' | 'configuration' | 'outOfTree' | 'post'
    > = {},
  ) {
    this.kernel = new Kernel({ seed: 1, ...(options.trace ? { trace: options.trace } : {}) });
    const server = new ApiServer({ kernel: this.kernel, etcd: new Etcd(this.kernel), kinds });
    const user = { username: 'system:admin', groups: ['system:masters'] };
    this.client = new Client(server, { user, userAgent: 'test' });
    for (const name of ['default', 'lab']) {
      this.client.resource(NamespaceKind).create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
      const metadata = { name: 'default', namespace: name };
      this.client.resource(ServiceAccountKind).create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata });
    }
    this.scheduler = new Scheduler({
      kernel: this.kernel,
      client: this.client.as('kube-scheduler'),
      ...options,
    });
    this.scheduler.start();
  }

  createNode(node: Node): void {
    const nodes = this.client.resource(NodeKind);
    nodes.create(node);
    // Creation keeps a node away from Pods until it is known to be ready; nobody here finds that out.
    nodes.patch(node.metadata.name, undefined, 'merge', { spec: { taints: node.spec.taints ?? null } });
  }

  createPod(pod: Pod): void {
    const { uid: _, ...metadata } = pod.metadata;
    this.client.resource(PodKind).create({ ...pod, metadata });
  }

  pod(name: string): Pod {
    return this.client.resource(PodKind).get(name, 'lab');
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name).spec.nodeName;
  }

  events(reason: string): CoreEvent[] {
    const { items } = this.client.resource(EventKind).list({ namespace: 'lab' });
    return items.filter((event) => event.reason === reason);
  }
}
