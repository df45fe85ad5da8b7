import { NodeKind } from '../api/core/node.ts';
import { LeaseKind } from '../api/coordination/lease.ts';
import type { Kind } from '../api/kind.ts';
import { formatMicroTime } from '../api/meta.ts';
import { ApiError, hasReason } from '../api/status.ts';
import type { CsiNode, Lease, Node } from '../api/types.ts';
import type { Client, EventRecorder } from '../client/index.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { registerCsiNode } from './csi-node.ts';
import { initialNode, nodeConditions, nodeStatus, READY } from './node-status.ts';
import type { NodeSpec } from './node-spec.ts';
import type { ContainerRuntime } from './runtime/cri.ts';
import { statusPatch } from './status-patch.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const LEASE_DURATION_SECONDS = 40;
const RENEW_MS = 10_000;
const RENEW_JITTER = 0.04;
/** Changes of the status are noticed with this period; without any it is reported at the longer one. */
const STATUS_MS = 10_000;
const REPORT_MS = 300_000;
const REGISTER_RETRY_MS = 1000;
/** From registration to the first status that says Ready: the runtime's health check has to come back. */
const READY_AFTER_MS = 100;

export interface NodeReporterOptions {
  readonly kernel: Kernel;
  readonly component: string;
  readonly client: Client;
  readonly recorder: EventRecorder;
  readonly runtime: ContainerRuntime;
  readonly spec: NodeSpec;
  /** Whether to write Events about the node itself. */
  readonly events: boolean;
  /** Where the API server serves CSINodes: the kind, of which the node gets one. */
  readonly csiNodeKind?: Kind<CsiNode>;
}

/** Registers a node and keeps saying that it lives: by its status now and then, by its Lease every ten seconds. */
export class NodeReporter {
  readonly #options: NodeReporterOptions;
  #timers: (Timer | undefined)[] = [];
  #statusSoon: Timer | undefined;
  #lease: Lease | undefined;
  #running = false;
  #wasReady = false;

  constructor(options: NodeReporterOptions) {
    this.#options = options;
  }

  /** Registers, then calls `registered`. */
  start(registered: () => void): void {
    this.#running = true;
    this.#event('Starting', 'Starting kubelet.');
    this.#register(registered);
  }

  stop(): void {
    this.#running = false;
    this.#wasReady = false;
    for (const timer of this.#timers) timer?.cancel();
    this.#statusSoon?.cancel();
    this.#statusSoon = undefined;
  }

  /** Something in the status changed; it is reported with the next status period. */
  statusChanged(): void {
    if (this.#statusSoon?.active || !this.#running) return;
    this.#statusSoon = this.#after(STATUS_MS, () => this.#report(), true);
  }

  #after(ms: number, run: () => void, background: boolean): Timer {
    return this.#options.kernel.after(ms, this.#options.component, run, { background });
  }

  #register(registered: () => void): void {
    const { client, spec, runtime, kernel, csiNodeKind } = this.#options;
    if (!this.#running) return;
    try {
      const node = this.#createOrGet(() => client.resource(NodeKind).create(initialNode(spec, runtime, kernel.now)));
      if (csiNodeKind) registerCsiNode(client, csiNodeKind, node);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#timers[0] = this.#after(REGISTER_RETRY_MS, () => this.#register(registered), false);
      return;
    }
    for (const reason of NODE_EVENTS) this.#event(reason, `Node ${spec.name} status is now: ${reason}`);
    this.#event('NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    this.#renew();
    this.#timers[0] = this.#after(READY_AFTER_MS, () => this.#report(), false);
    registered();
  }

  #createOrGet(create: () => Node): Node {
    try {
      return create();
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) throw error;
      return this.#options.client.resource(NodeKind).get(this.#options.spec.name);
    }
  }

  /** Writes the status with fresh heartbeats. */
  #report(): void {
    const { client, spec, runtime, kernel } = this.#options;
    if (!this.#running) return;
    this.#timers[1]?.cancel();
    this.#statusSoon?.cancel();
    try {
      const node = client.resource(NodeKind).get(spec.name);
      const conditions = nodeConditions(READY, node.status?.conditions, kernel.now);
      const own = nodeStatus(spec, runtime);
      const said = { ...own, allocatable: { ...advertised(node), ...own.allocatable }, conditions };
      const status = statusPatch(node.status ?? {}, said);
      if (status)
        client.resource(NodeKind).patch(spec.name, undefined, 'strategic', { status }, { subresource: 'status' });
      if (!this.#wasReady) this.#event('NodeReady', `Node ${spec.name} status is now: NodeReady`);
      this.#wasReady = true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    const jitter = kernel.random(this.#options.component).next();
    this.#timers[1] = this.#after(REPORT_MS + STATUS_MS * jitter, () => this.#report(), true);
  }

  #renew(): void {
    const { client, kernel } = this.#options;
    if (!this.#running) return;
    const leases = client.resource(LeaseKind);
    const renewTime = formatMicroTime(kernel.now);
    try {
      this.#lease = this.#lease
        ? leases.update(renewed(this.#lease, renewTime), WELL_FORMED)
        : this.#acquire(renewTime);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // Gone, or changed by another: begin again from what the server has.
      this.#lease = undefined;
    }
    const jitter = RENEW_JITTER * kernel.random(this.#options.component).next();
    this.#timers[2] = this.#after(RENEW_MS * (1 + jitter), () => this.#renew(), true);
  }

  #acquire(renewTime: string): Lease {
    const { client, spec } = this.#options;
    const leases = client.resource(LeaseKind);
    try {
      const held = leases.get(spec.name, LEASE_NAMESPACE);
      return leases.update({ ...held, spec: { ...held.spec, renewTime } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
    const node = client.resource(NodeKind).get(spec.name);
    return leases.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name: spec.name,
        namespace: LEASE_NAMESPACE,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: spec.name, uid: node.metadata.uid ?? '' }],
      },
      spec: { holderIdentity: spec.name, leaseDurationSeconds: LEASE_DURATION_SECONDS, renewTime },
    });
  }

  #event(reason: string, message: string): void {
    const { recorder, spec, events } = this.#options;
    if (!events) return;
    // Events about a node carry its name for a uid, and live in the default namespace.
    recorder.event(
      { apiVersion: 'v1', kind: 'Node', metadata: { name: spec.name, uid: spec.name } },
      'Normal',
      reason,
      message,
    );
  }
}

/** Extended resources that someone wrote into the node's capacity: all of them may be used. */
const advertised = ({ status }: Node): Record<string, string> =>
  Object.fromEntries(
    Object.entries((status?.capacity ?? {}) as Record<string, string>).filter(([name]) => name.includes('/')),
  );

/** Leases are made here as the API server would read them. */
const WELL_FORMED = { trusted: true } as const;

const renewed = (lease: Lease, renewTime: string): Lease => ({
  ...lease,
  metadata: { ...lease.metadata },
  spec: { ...lease.spec, renewTime },
});

const NODE_EVENTS = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'] as const;
