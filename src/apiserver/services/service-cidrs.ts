import { apiVersionOf } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { ServiceCidr } from '../../api/types.ts';
import type { Endpoint } from '../endpoint.ts';
import type { ApiServerExtension } from '../options.ts';
import { createObject } from '../registry/create.ts';
import { deleteObject } from '../registry/delete.ts';
import { selected } from '../registry/read.ts';
import type { Scope } from '../registry/scope.ts';
import type { ApiRequest, Verb } from '../request.ts';
import type { ApiServer } from '../server.ts';
import type { AddressOwner, AddressSource } from './address-source.ts';
import { IpAllocator } from './ip-allocator.ts';

const GROUP = 'networking.k8s.io';
const TAKEN = 'provided IP is already allocated';
const LABELS = {
  'ipaddress.kubernetes.io/ip-family': 'IPv4',
  'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
};
const SELF = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

const isReady = ({ metadata, status }: ServiceCidr): boolean =>
  !metadata.deletionTimestamp &&
  (status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false);

/**
 * Addresses of Services that are objects (KEP-1880): every address that is taken is an IPAddress which names its Service,
 * and the ranges are those of the ServiceCIDRs that are ready. The range of --service-cluster-ip-range is always one.
 */
class ServiceCidrs implements AddressSource {
  readonly #server: ApiServer;
  readonly #ranges: Endpoint;
  readonly #addresses: Endpoint;
  /** One for each range that there ever was. */
  readonly #allocators = new Map<string, IpAllocator>();
  /** Ranges of ServiceCIDRs that are ready; undefined when they are to be looked up. */
  #ready: readonly IpAllocator[] | undefined;

  constructor(server: ApiServer, ranges: Endpoint, addresses: Endpoint) {
    this.#server = server;
    this.#ranges = ranges;
    this.#addresses = addresses;
    server.etcd.watch({ prefix: ranges.store.prefix }, () => {
      this.#ready = undefined;
    });
  }

  get first(): string {
    return this.#all()[0]!.first;
  }

  check(ip: string): string | undefined {
    const allocator = this.#all().find((range) => range.contains(ip));
    if (!allocator) return this.#all()[0]!.check(ip);
    return this.#isTaken(ip) ? TAKEN : allocator.check(ip);
  }

  allocate(ip: string, owner: AddressOwner): string | undefined {
    const problem = this.check(ip);
    if (problem) return problem;
    this.#all()
      .find((range) => range.contains(ip))!
      .allocate(ip);
    this.#note(ip, owner);
    return undefined;
  }

  allocateNext(owner: AddressOwner): string | undefined {
    for (const allocator of this.#all()) {
      for (let ip = allocator.allocateNext(); ip !== undefined; ip = allocator.allocateNext()) {
        // Somebody else wrote an IPAddress of that name: it is not ours to give.
        if (this.#isTaken(ip)) continue;
        this.#note(ip, owner);
        return ip;
      }
    }
    return undefined;
  }

  release(ip: string): void {
    for (const allocator of this.#allocators.values()) allocator.release(ip);
    try {
      deleteObject(this.#server, this.#scope('delete', ip), ip);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  #isTaken(ip: string): boolean {
    return this.#addresses.store.get(undefined, ip) !== undefined;
  }

  #allocator(cidr: string): IpAllocator {
    let allocator = this.#allocators.get(cidr);
    if (!allocator) {
      allocator = new IpAllocator(cidr, this.#server.kernel.random('kube-apiserver/service'));
      this.#allocators.set(cidr, allocator);
    }
    return allocator;
  }

  #all(): readonly IpAllocator[] {
    return (this.#ready ??= this.#lookUp());
  }

  #lookUp(): readonly IpAllocator[] {
    const cidrs = new Set([this.#server.options.serviceCidr]);
    for (const range of selected(this.#server.etcd, this.#ranges, {}) as unknown as ServiceCidr[]) {
      if (isReady(range)) for (const cidr of range.spec.cidrs ?? []) if (!cidr.includes(':')) cidrs.add(cidr);
    }
    return [...cidrs].map((cidr) => this.#allocator(cidr));
  }

  #note(ip: string, { namespace, name }: AddressOwner): void {
    const address: UntypedObject = {
      apiVersion: apiVersionOf(this.#addresses.kind),
      kind: 'IPAddress',
      metadata: { name: ip, labels: LABELS },
      spec: { parentRef: { resource: 'services', namespace, name } },
    };
    createObject(this.#server, this.#scope('create', ip), address);
  }

  #scope(verb: Verb, name: string): Scope {
    const { version, resource } = this.#addresses.kind;
    const request: ApiRequest = {
      verb,
      group: GROUP,
      version,
      resource,
      name,
      user: SELF,
      userAgent: 'kube-apiserver',
      options: { trusted: true },
    };
    return { request, endpoint: this.#addresses, dryRun: false, warnings: [] };
  }
}

/** Keeps the addresses of Services as IPAddresses, from the ranges of ServiceCIDRs, where both kinds are served. */
export const serviceCidrs: ApiServerExtension = (server) => {
  const ranges = server.endpoints.findAnyVersion(GROUP, 'servicecidrs');
  const addresses = server.endpoints.findAnyVersion(GROUP, 'ipaddresses');
  if (ranges && addresses) server.services.addresses = new ServiceCidrs(server, ranges, addresses);
};
