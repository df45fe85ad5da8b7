import { LeaseKind } from '../../api/coordination/lease.ts';
import { NodeKind } from '../../api/core/node.ts';
import { PodKind } from '../../api/core/pod.ts';
import { formatTime, parseTime } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { Lease, Node, Pod, Taint } from '../../api/types.ts';
import { EventRecorder, type EventSubject, type SharedInformer } from '../../client/index.ts';
import type { Kernel, Timer } from '../../kernel/index.ts';
import { replaceCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { indexPodsByNode, podsOnNode, readyCondition } from '../pods.ts';
import { readyOf, unknownConditions } from './node-conditions.ts';
import { missingLabels } from './labels.ts';
import { noExecuteKey, settledTaints, withNoExecuteTaint } from './taints.ts';
import { zoneOf, Zones } from './zones.ts';

/** kube-controller-manager's defaults: --node-monitor-period, --node-monitor-grace-period, --node-startup-grace-period. */
const MONITOR_PERIOD_MS = 5_000;
const GRACE_PERIOD_MS = 50_000;
const STARTUP_GRACE_PERIOD_MS = 60_000;

/** How often Nodes that are to lose their Pods are looked at. */
const EVICTION_PERIOD_MS = 100;

const LEASE_NAMESPACE = 'kube-node-lease';

/** What was last heard of a Node. */
interface Health {
  /** When a sign of life was last noticed, by this controller's clock. */
  probedMs: number;
  heartbeat: string | undefined;
  renewal: string | undefined;
  /** Status of the Ready condition at the last look. */
  ready: string | undefined;
  /** Some of its Pods have still to be marked as not ready. */
  podsToMark: boolean;
}

/**
 * Notices Nodes whose kubelets fall silent. A kubelet renews a Lease every 10 s and writes its Node's status now and
 * then; after 50 s without either the Node's conditions become Unknown, its Pods are marked not ready, and taints
 * keep new Pods off it (NoSchedule) and drive the others away (NoExecute; see the taint eviction controller).
 *
 * The real one spreads this over worker threads; ours goes through all Nodes every 5 s in one event.
 */
export class NodeLifecycleController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #recorder: EventRecorder;
  readonly #nodes: SharedInformer<Node>;
  readonly #pods: SharedInformer<Pod>;
  readonly #leases: SharedInformer<Lease>;
  readonly #health = new Map<string, Health>();
  readonly #zones = new Zones();
  /** Nodes to taint NoExecute as soon as their zone permits it. */
  readonly #toTaint = new Set<string>();
  #monitor: Timer | undefined;
  #eviction: Timer | undefined;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'node-lifecycle-controller',
      account: 'node-controller',
      reconcile: (name) => this.#reconcile(name),
    });
    this.#recorder = new EventRecorder({
      kernel: context.kernel,
      client: this.#loop.client,
      component: 'node-controller',
    });
    this.#nodes = context.informers.for(NodeKind);
    this.#pods = context.informers.for(PodKind);
    this.#leases = context.informers.for(LeaseKind, { namespace: LEASE_NAMESPACE });
    indexPodsByNode(this.#pods);
    this.#loop.needs(this.#pods);
    this.#loop.needs(this.#leases);
    this.#loop.on(this.#nodes, {
      add: (node) => this.#loop.queue.add(node.metadata.name),
      update: (node, old) => {
        if (
          node.status?.conditions !== old.status?.conditions ||
          node.spec.taints !== old.spec.taints ||
          node.metadata.labels !== old.metadata.labels ||
          node.spec.unschedulable !== old.spec.unschedulable
        ) {
          this.#loop.queue.add(node.metadata.name);
        }
      },
      delete: (node) => this.#nodeDeleted(node),
    });
    this.#monitor = this.#every(MONITOR_PERIOD_MS);
  }

  stop(): void {
    this.#loop.stop();
    this.#monitor?.cancel();
    this.#eviction?.cancel();
    this.#monitor = undefined;
  }

  #every(periodMs: number): Timer {
    return this.#kernel.after(
      periodMs,
      this.#loop.name,
      () => {
        this.#monitor = this.#every(periodMs);
        if (this.#loop.hasSynced()) this.#monitorAll();
      },
      { background: true },
    );
  }

  /** Puts a Node's taints right as far as no permit is needed for it. */
  #reconcile(name: string): void {
    const node = this.#nodes.getByKey(name);
    if (!node) return;
    const mayStay = this.#zones.allDown || noExecuteKey(readyOf(node)?.status) === undefined;
    const taints = settledTaints(node, mayStay, formatTime(this.#kernel.now));
    if (taints) this.#patchTaints(node, taints);
    const labels = missingLabels(node);
    if (labels) this.#loop.client.resource(NodeKind).patch(name, undefined, 'strategic', { metadata: { labels } });
  }

  #monitorAll(): void {
    const nodes = this.#nodes.list();
    for (const node of nodes) {
      const { name } = node.metadata;
      let health = this.#health.get(name);
      if (!health) {
        health = this.#newHealth(node);
        this.#health.set(name, health);
        this.#nodeEvent(node, 'RegisteredNode', `Node ${name} event: Registered Node ${name} in Controller`);
      }
      this.#assess(node, health);
    }
    this.#assessZones(nodes);
    if (this.#toTaint.size > 0) this.#startEvictions();
  }

  /** When nothing anywhere is ready any more, no Pods are driven off; afterwards every Node gets its full grace again. */
  #assessZones(nodes: readonly Node[]): void {
    const wereDown = this.#zones.allDown;
    this.#zones.assess(
      nodes.map((node) => ({ zone: zoneOf(node), ready: this.#health.get(node.metadata.name)?.ready === 'True' })),
    );
    if (this.#zones.allDown === wereDown) return;
    if (this.#zones.allDown) {
      this.#toTaint.clear();
      for (const { metadata } of nodes) this.#loop.queue.add(metadata.name);
    } else {
      for (const health of this.#health.values()) health.probedMs = this.#kernel.now;
    }
  }

  #newHealth(node: Node): Health {
    return {
      probedMs: readyOf(node) ? this.#kernel.now : parseTime(node.metadata.creationTimestamp ?? ''),
      heartbeat: undefined,
      renewal: undefined,
      ready: undefined,
      podsToMark: false,
    };
  }

  #assess(node: Node, health: Health): void {
    const { name } = node.metadata;
    const before = readyOf(node);
    this.#listen(node, health);
    const graceMs = before ? GRACE_PERIOD_MS : STARTUP_GRACE_PERIOD_MS;
    let current = node;
    if (this.#kernel.now > health.probedMs + graceMs && before?.status !== 'Unknown') {
      const written = this.#writeUnknown(node);
      if (!written) return;
      current = written;
    }
    const ready = readyOf(current)?.status;
    health.ready = ready;
    // What happens depends on what was found, not on what was just written: a Node that falls silent is tainted at the
    // next look, and one whose kubelet itself says that it is not ready is left to say so of its Pods as well.
    const found = before?.status;
    if (found === 'True' && ready !== 'True') {
      this.#nodeEvent(node, 'NodeNotReady', `Node ${name} status is now: NodeNotReady`);
      health.podsToMark = true;
    }
    health.podsToMark &&= ready !== 'True' && !this.#markPodsNotReady(name);
    const key = noExecuteKey(found ?? ready);
    if (key === undefined) this.#toTaint.delete(name);
    else if (withNoExecuteTaint(current, key, '')) this.#toTaint.add(name);
  }

  /** Notices signs of life: a new heartbeat in the status, or a renewed Lease. */
  #listen(node: Node, health: Health): void {
    const heartbeat = readyOf(node)?.lastHeartbeatTime ?? '';
    const renewal = this.#leases.get(LEASE_NAMESPACE, node.metadata.name)?.spec.renewTime ?? '';
    const first = health.heartbeat === undefined;
    if (!first && (heartbeat !== health.heartbeat || renewal !== health.renewal)) health.probedMs = this.#kernel.now;
    health.heartbeat = heartbeat;
    health.renewal = renewal;
  }

  #writeUnknown(node: Node): Node | undefined {
    const conditions = unknownConditions(node, this.#kernel.now);
    try {
      return this.#loop.client.resource(NodeKind).updateStatus({ ...node, status: { ...node.status, conditions } });
    } catch (error) {
      // Somebody wrote to the Node meanwhile: look again next time.
      if (hasReason(error, 'Conflict') || hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** The Pods of a silent Node may run, but must not be counted on. Returns whether all of them say so now. */
  #markPodsNotReady(node: string): boolean {
    let all = true;
    const client = this.#loop.client.resource(PodKind);
    for (const pod of [...podsOnNode(this.#pods, node).values()]) {
      const ready = readyCondition(pod);
      if (ready?.status !== 'True') continue;
      const condition = { ...ready, status: 'False' as const, lastTransitionTime: formatTime(this.#kernel.now) };
      try {
        client.updateStatus({
          ...pod,
          status: { ...pod.status, conditions: replaceCondition(pod.status?.conditions ?? [], condition) },
        });
      } catch (error) {
        if (hasReason(error, 'NotFound')) continue;
        if (!hasReason(error, 'Conflict')) throw error;
        all = false;
        continue;
      }
      const subject = { apiVersion: 'v1', kind: 'Pod', metadata: pod.metadata };
      this.#recorder.event(subject, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
    return all;
  }

  #startEvictions(): void {
    if (this.#eviction?.active) return;
    this.#eviction = this.#kernel.after(EVICTION_PERIOD_MS, this.#loop.name, () => this.#evict(), { background: true });
  }

  /** Taints the Nodes that are waiting for it, as far as their zones permit. */
  #evict(): void {
    for (const name of [...this.#toTaint]) {
      const node = this.#nodes.getByKey(name);
      const key = node && noExecuteKey(readyOf(node)?.status);
      if (!node || key === undefined) {
        this.#toTaint.delete(name);
        continue;
      }
      if (!this.#zones.permit(zoneOf(node), this.#kernel.now)) continue;
      this.#toTaint.delete(name);
      this.#taintNoExecute(node, key);
    }
    if (this.#toTaint.size > 0) this.#startEvictions();
  }

  #taintNoExecute(node: Node, key: string): void {
    const taints = withNoExecuteTaint(node, key, formatTime(this.#kernel.now));
    if (taints) this.#patchTaints(node, taints);
  }

  #patchTaints({ metadata }: Node, taints: readonly Taint[]): void {
    try {
      this.#loop.client.resource(NodeKind).patch(metadata.name, undefined, 'merge', {
        metadata: { resourceVersion: metadata.resourceVersion },
        spec: { taints: taints.length > 0 ? taints : null },
      });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (!hasReason(error, 'Conflict')) throw error;
      this.#loop.queue.addRateLimited(metadata.name);
    }
  }

  #nodeDeleted(node: Node): void {
    const { name } = node.metadata;
    if (!this.#health.delete(name)) return;
    this.#toTaint.delete(name);
    this.#nodeEvent(node, 'RemovingNode', `Node ${name} event: Removing Node ${name} from Controller`);
  }

  #nodeEvent({ metadata: { name, uid } }: Node, reason: string, message: string): void {
    const subject: EventSubject = { apiVersion: 'v1', kind: 'Node', metadata: { name, ...(uid ? { uid } : {}) } };
    this.#recorder.event(subject, 'Normal', reason, message);
  }
}
