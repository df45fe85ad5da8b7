import { LeaseKind } from '../api/coordination/lease.ts';
import { formatMicroTime } from '../api/meta.ts';
import type { Lease } from '../api/types.ts';
import type { Kernel, Timer } from '../kernel/index.ts';
import { hasReason } from '../api/status.ts';
import type { Client } from './client.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { ResourceClient } from './resource-client.ts';

/** The defaults of Kubernetes' control plane. */
const LEASE_SECONDS = 15;
const RENEW_DEADLINE_MS = 10_000;
const RETRY_MS = 2_000;

export interface LeaderElectorOptions {
  readonly kernel: Kernel;
  readonly client: Client;
  /** Name and namespace of the Lease: `kube-controller-manager` in `kube-system`. */
  readonly name: string;
  readonly namespace: string;
  /** Who this candidate is; unique among the candidates. */
  readonly identity: string;
  readonly recorder?: EventRecorder;
  /** Whether stop() gives the lease back, so that others need not wait until it expires; so unless given. */
  readonly releases?: boolean;
  readonly onStartedLeading: () => void;
  /** The lease could not be renewed in time: stop acting at once. */
  readonly onStoppedLeading: () => void;
}

/**
 * Leader election by Lease: a candidate takes a lease that nobody holds or that its holder has let expire,
 * renews it every two seconds, and stops leading when it could not renew for ten. Expiry is judged by the local
 * clock since the last change seen, never by the times written in the lease.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #leases: ResourceClient<Lease>;
  #timer: Timer | undefined;
  #observed: { readonly version: string | undefined; readonly atMs: number } | undefined;
  #renewedMs = 0;
  #leading = false;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#leases = options.client.resource(LeaseKind);
  }

  get leading(): boolean {
    return this.#leading;
  }

  start(): void {
    this.#try();
  }

  /** Steps back. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#leading) return;
    this.#leading = false;
    if (this.#options.releases ?? true) this.#release();
    this.#options.onStoppedLeading();
  }

  #release(): void {
    const { name, namespace } = this.#options;
    try {
      const lease = this.#leases.get(name, namespace);
      this.#leases.update({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } });
    } catch {
      // The lease expires by itself.
    }
  }

  #try(): void {
    const { kernel, client, onStartedLeading, onStoppedLeading } = this.#options;
    const held = this.#acquireOrRenew();
    if (held) this.#renewedMs = kernel.now;
    if (held && !this.#leading) {
      this.#leading = true;
      this.#announce();
      onStartedLeading();
    } else if (!held && this.#leading && kernel.now - this.#renewedMs >= RENEW_DEADLINE_MS) {
      this.#leading = false;
      onStoppedLeading();
    }
    this.#timer = kernel.after(RETRY_MS, client.userAgent, () => this.#try(), { background: true });
  }

  #acquireOrRenew(): boolean {
    const { kernel, name, namespace, identity } = this.#options;
    const now = formatMicroTime(kernel.now);
    try {
      const lease = this.#leases.get(name, namespace);
      if (lease.metadata.resourceVersion !== this.#observed?.version) {
        this.#observed = { version: lease.metadata.resourceVersion, atMs: kernel.now };
      }
      const spec = lease.spec;
      const own = spec.holderIdentity === identity;
      const seconds = spec.leaseDurationSeconds ?? LEASE_SECONDS;
      if (!own && spec.holderIdentity && kernel.now - this.#observed!.atMs < seconds * 1000) return false;
      const updated = this.#leases.update({
        ...lease,
        spec: {
          ...spec,
          holderIdentity: identity,
          leaseDurationSeconds: LEASE_SECONDS,
          acquireTime: own ? (spec.acquireTime ?? now) : now,
          renewTime: now,
          leaseTransitions: (spec.leaseTransitions ?? 0) + (own ? 0 : 1),
        },
      });
      this.#observed = { version: updated.metadata.resourceVersion, atMs: kernel.now };
      return true;
    } catch (error) {
      return hasReason(error, 'NotFound') && this.#create(now);
    }
  }

  #create(now: string): boolean {
    const { name, namespace, identity } = this.#options;
    try {
      this.#leases.create({
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name, namespace },
        spec: {
          holderIdentity: identity,
          leaseDurationSeconds: LEASE_SECONDS,
          acquireTime: now,
          renewTime: now,
          leaseTransitions: 0,
        },
      });
      return true;
    } catch {
      return false;
    }
  }

  #announce(): void {
    const { recorder, name, namespace, identity } = this.#options;
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name, namespace } };
    recorder?.event(lease, 'Normal', 'LeaderElection', `${identity} became leader`);
  }
}
