import { DaemonSetKind } from '../../src/api/apps/daemon-set.ts';
import { StatefulSetKind } from '../../src/api/apps/stateful-set.ts';
import {
  ApiError,
  DeploymentKind,
  NamespaceKind,
  NodeKind,
  PodKind,
  ReplicaSetKind,
  type Kind,
  type KubeObject,
} from '../../src/api/index.ts';
import type { DeleteOptions } from '../../src/client/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import type { Random } from '../../src/kernel/index.ts';
import { createDeployment, createNamespace, createStatefulSet, DEPLOYMENTS, NAMESPACES } from './workloads.ts';

const MINUTE_MS = 60_000;

/** Namespaces that are deleted come back after so long. */
const NAMESPACE_AWAY_MS = 10 * MINUTE_MS;

/** Everything that goes wrong, or is done to a cluster, at random times; the same for the same seed. */
export class Failures {
  readonly #cluster: Cluster;
  readonly #random: Random;
  /** Machines and components that are down, and what brings them up. */
  readonly #down = new Map<string, () => void>();
  #version = 0;
  #over = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#random = cluster.kernel.random('soak');
  }

  /** Something happens every so often from now on. */
  begin(everyMs: number): void {
    this.#after(everyMs * (0.5 + this.#random.next()), () => {
      if (this.#over) return;
      this.#act();
      this.begin(everyMs);
    });
  }

  /** Nothing more happens, and what is down comes up. */
  end(): void {
    this.#over = true;
    for (const bringUp of [...this.#down.values()]) bringUp();
    const client = this.#cluster.client();
    for (const node of client.resource(NodeKind).list().items)
      if (node.spec.unschedulable) this.#cordon(node.metadata.name, null);
    for (const namespace of NAMESPACES) this.#tolerate(() => createNamespace(client, namespace));
  }

  #act(): void {
    const actions: readonly (() => void)[] = [
      () => this.#scale(),
      () => this.#scale(),
      () => this.#rollOut(),
      () => this.#rollOut(),
      () => this.#deletePods(),
      () => this.#deletePods(),
      () => this.#stopNode(),
      () => this.#stopNode(),
      () => this.#stopComponent(),
      () => this.#replace(),
      () => this.#deleteReplicaSet(),
      () => this.#cordonForAWhile(),
      () => this.#rollOutAgents(),
      () => this.#deleteNamespace(),
    ];
    this.#tolerate(this.#pick(actions));
  }

  /** What an action wants to change may just have gone. */
  #tolerate(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)]!;
  }

  #after(ms: number, run: () => void): void {
    this.#cluster.kernel.after(ms, 'soak', run, { background: true });
  }

  #patch<T extends KubeObject>(kind: Kind<T>, namespace: string | undefined, name: string, patch: object): void {
    this.#cluster.client().resource(kind).patch(name, namespace, 'strategic', patch);
  }

  #delete<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string, options: DeleteOptions = {}): void {
    this.#cluster.client().resource(kind).delete(name, namespace, options);
  }

  #scale(): void {
    const namespace = this.#pick(NAMESPACES);
    if (this.#random.int(3) === 0) {
      this.#patch(StatefulSetKind, namespace, 'db', { spec: { replicas: this.#random.int(5) } });
    } else {
      this.#patch(DeploymentKind, namespace, this.#pick(['web', 'api']), { spec: { replicas: this.#random.int(9) } });
    }
  }

  #rollOut(): void {
    const containers = [{ name: 'c', image: `nginx:${++this.#version % 5}` }];
    const change = { spec: { template: { spec: { containers } } } };
    const namespace = this.#pick(NAMESPACES);
    const place = this.#random.int(8);
    if (place === 0) this.#patch(DeploymentKind, 'narrow', 'greedy', change);
    else if (place < 3) this.#patch(StatefulSetKind, namespace, 'db', change);
    else this.#patch(DeploymentKind, namespace, this.#pick(DEPLOYMENTS), change);
  }

  #rollOutAgents(): void {
    const containers = [{ name: 'c', image: `agent:${++this.#version % 5}` }];
    this.#patch(DaemonSetKind, 'kube-system', 'agent', { spec: { template: { spec: { containers } } } });
  }

  #deletePods(): void {
    const namespace = this.#pick(NAMESPACES);
    const pods = this.#cluster.client().resource(PodKind).list({ namespace }).items;
    for (let i = this.#random.int(4); i >= 0 && pods.length > 0; i--) {
      const options = this.#random.int(3) === 0 ? { gracePeriodSeconds: 0 } : {};
      this.#tolerate(() => this.#delete(PodKind, namespace, this.#pick(pods).metadata.name, options));
    }
  }

  #stopNode(): void {
    const name = this.#pick(this.#cluster.nodes.names);
    if (this.#down.has(name)) return;
    this.#cluster.stopNode(name);
    this.#comeBack(name, this.#random.next() * 60 * MINUTE_MS, () => this.#cluster.startNode(name));
  }

  #stopComponent(): void {
    const name = this.#pick(['kube-controller-manager', 'kube-scheduler']);
    if (this.#down.has(name)) return;
    this.#cluster.stop(name);
    this.#comeBack(name, this.#random.next() * 10 * MINUTE_MS, () => this.#cluster.start(name));
  }

  #comeBack(name: string, afterMs: number, start: () => void): void {
    const bringUp = (): void => {
      if (this.#down.delete(name)) start();
    };
    this.#down.set(name, bringUp);
    this.#after(afterMs, bringUp);
  }

  /** Deletes a workload in some way, and makes it anew. */
  #replace(): void {
    const namespace = this.#pick(NAMESPACES);
    const propagationPolicy = this.#pick(['Background', 'Foreground', 'Orphan'] as const);
    const client = this.#cluster.client();
    if (this.#random.int(2) === 0) {
      this.#delete(StatefulSetKind, namespace, 'db', { propagationPolicy });
      this.#after(5 * MINUTE_MS, () => this.#tolerate(() => createStatefulSet(client, namespace)));
    } else {
      this.#delete(DeploymentKind, namespace, 'web', { propagationPolicy });
      this.#after(5 * MINUTE_MS, () => this.#tolerate(() => createDeployment(client, namespace, 'web', 4)));
    }
  }

  #deleteReplicaSet(): void {
    const namespace = this.#pick(NAMESPACES);
    const sets = this.#cluster.client().resource(ReplicaSetKind).list({ namespace }).items;
    if (sets.length > 0) this.#delete(ReplicaSetKind, namespace, this.#pick(sets).metadata.name);
  }

  #cordon(name: string, unschedulable: boolean | null): void {
    this.#patch(NodeKind, undefined, name, { spec: { unschedulable } });
  }

  #cordonForAWhile(): void {
    const name = this.#pick(this.#cluster.nodes.names);
    this.#cordon(name, true);
    this.#after(this.#random.next() * 30 * MINUTE_MS, () => this.#tolerate(() => this.#cordon(name, null)));
  }

  #deleteNamespace(): void {
    if (this.#random.int(3) > 0) return;
    const namespace = this.#pick(NAMESPACES);
    const client = this.#cluster.client();
    client.resource(NamespaceKind).delete(namespace);
    this.#after(NAMESPACE_AWAY_MS, () => this.#tolerate(() => createNamespace(client, namespace)));
  }
}
