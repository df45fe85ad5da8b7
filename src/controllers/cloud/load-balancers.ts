import type { Service } from '../../api/types.ts';

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>;

/** What a cloud can do about load balancers. */
export interface LoadBalancers {
  /** Makes one for a Service, by its key, or brings it up to date; where it can be reached. Throws when it cannot. */
  ensure(key: string, service: Service): Ingress;
  /** Takes it away, if there is one. */
  remove(key: string): void;
}

/** Addresses 1 … 254 of a /24 that is kept for documentation (RFC 5737). */
const NETWORK = '203.0.113.';
const LAST = 254;

/**
 * The load balancers of a make-believe cloud: each has an address of its own, the lowest that is free, or the one that
 * spec.loadBalancerIP asks for. The nodes' kube-proxies do the rest.
 */
export class AddressedLoadBalancers implements LoadBalancers {
  readonly #addresses = new Map<string, string>();

  ensure(key: string, service: Service): Ingress {
    // Given by a former process of this controller: it stays so.
    const before = this.#addresses.get(key) ?? service.status?.loadBalancer?.ingress?.[0]?.ip;
    const ip = service.spec.loadBalancerIP || before || this.#free();
    if (ip === undefined) throw new Error('no address is left');
    const taken = [...this.#addresses].find(([other, address]) => address === ip && other !== key);
    if (taken) throw new Error(`address ${ip} belongs to the load balancer of ${taken[0]}`);
    this.#addresses.set(key, ip);
    return [{ ip, ipMode: 'VIP' }];
  }

  remove(key: string): void {
    this.#addresses.delete(key);
  }

  #free(): string | undefined {
    const taken = new Set(this.#addresses.values());
    for (let host = 1; host <= LAST; host++) if (!taken.has(NETWORK + host)) return NETWORK + host;
    return undefined;
  }
}
