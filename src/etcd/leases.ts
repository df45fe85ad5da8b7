import type { Timer } from '../kernel/index.ts';
import { LeaseNotFoundError } from './errors.ts';

/** What leases need of the kernel. */
export interface LeaseClock {
  after(delayMs: number, owner: string, run: () => void, options?: { readonly background?: boolean }): Timer;
}

interface Lease {
  readonly ttlMs: number;
  /** Every key that was attached; it may have been deleted, or attached to another lease, since. */
  readonly keys: string[];
  timer: Timer | undefined;
}

/** Leases: keys attached to one are deleted together when it expires or is revoked. */
export class Leases {
  readonly #clock: LeaseClock | undefined;
  readonly #expired: (id: number, keys: readonly string[]) => void;
  readonly #leases = new Map<number, Lease>();
  #lastId = 0;

  /** `expired` is told of the keys that were attached to a lease; some may have left it. */
  constructor(clock: LeaseClock | undefined, expired: (id: number, keys: readonly string[]) => void) {
    this.#clock = clock;
    this.#expired = expired;
  }

  /** Opens a lease of so many seconds; returns its id. Without a clock it never expires. */
  grant(ttlSeconds: number): number {
    const id = ++this.#lastId;
    const lease: Lease = { ttlMs: ttlSeconds * 1000, keys: [], timer: undefined };
    this.#leases.set(id, lease);
    this.#arm(id, lease);
    return id;
  }

  keepAlive(id: number): void {
    this.#arm(id, this.#find(id));
  }

  revoke(id: number): void {
    const lease = this.#find(id);
    lease.timer?.cancel();
    this.#leases.delete(id);
    this.#expired(id, [...new Set(lease.keys)].sort());
  }

  exists(id: number): boolean {
    return this.#leases.has(id);
  }

  attach(id: number, key: string): void {
    this.#find(id).keys.push(key);
  }

  #arm(id: number, lease: Lease): void {
    lease.timer?.cancel();
    lease.timer = this.#clock?.after(lease.ttlMs, 'etcd', () => this.revoke(id), { background: true });
  }

  #find(id: number): Lease {
    const lease = this.#leases.get(id);
    if (!lease) throw new LeaseNotFoundError();
    return lease;
  }
}
