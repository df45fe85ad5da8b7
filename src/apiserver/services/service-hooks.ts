import type { Random } from '../../kernel/index.ts';
import { internalError, invalid } from '../../api/errors.ts';
import { invalid as invalidField } from '../../api/field-error.ts';
import type { FieldError } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Service } from '../../api/types.ts';
import type { ResourceHooks } from '../registry/registry.ts';
import type { AddressOwner, AddressSource } from './address-source.ts';
import { IpAllocator } from './ip-allocator.ts';
import { PortAllocator } from './port-allocator.ts';
import {
  alignClusterIps,
  checkAddressFields,
  dropFieldsOfOldType,
  keepAllocated,
  settleFamilies,
} from './service-fields.ts';
import {
  clusterIpsOf,
  isHeadless,
  needsClusterIp,
  needsHealthCheckNodePort,
  needsNodePorts,
  nodePortsOf,
  type ServicePort,
  type ServiceSpec,
} from './service-needs.ts';

export interface ServiceRanges {
  readonly serviceCidr: string;
  readonly nodePortRange: readonly [number, number];
}

const NOTHING: ServiceSpec = {};

/** What a write has taken so far, as ways to give it back. A dry run takes only what it is asked for by number. */
type Taken = (() => void)[] & { readonly dryRun: boolean; readonly owner: AddressOwner };

/** The first node port that a dry run shows, beyond the range; one more for each further port. */
const DRY_RUN_PORT = 32_768;

/** Addresses and node ports of Services: taken before a write, given back when it fails or when they are no longer needed. */
export class ServiceHooks implements ResourceHooks {
  /** Where addresses come from: one range in memory, unless somebody knows more. */
  addresses: AddressSource;
  readonly #ports: PortAllocator;

  constructor({ serviceCidr, nodePortRange }: ServiceRanges, random: Random) {
    this.addresses = new IpAllocator(serviceCidr, random);
    this.#ports = new PortAllocator(nodePortRange, random);
  }

  readonly begin = (
    draft: UntypedObject,
    old: UntypedObject | undefined,
    dryRun: boolean,
  ): { done(): void; undo(): void } => {
    const service = draft as unknown as Service;
    const { spec } = service;
    const before = (old as Service | undefined)?.spec;
    if (before) keepAllocated(spec, before);
    alignClusterIps(spec, before);
    const refuse = (errors: readonly FieldError[]): void => {
      if (errors.length > 0) throw invalid({ group: '', kind: 'Service' }, service.metadata.name, errors);
    };
    refuse(checkAddressFields(spec));
    refuse(settleFamilies(spec));
    const taken: Taken = Object.assign([], {
      dryRun,
      owner: { namespace: service.metadata.namespace ?? '', name: service.metadata.name },
    });
    const undo = (): void => {
      for (const giveBack of taken.splice(0)) giveBack();
    };
    try {
      refuse(this.#takeIp(spec, before ?? NOTHING, taken));
      if (before) dropFieldsOfOldType(spec, before);
      if (needsNodePorts(spec) || spec.type === 'LoadBalancer') refuse(this.#takePorts(spec, before ?? NOTHING, taken));
    } catch (error) {
      undo();
      throw error;
    }
    return { undo, done: () => before && this.#release(before, spec) };
  };

  readonly removed = (object: UntypedObject): void => this.#release((object as unknown as Service).spec, NOTHING);

  #takeIp(spec: ServiceSpec, before: ServiceSpec, taken: Taken): FieldError[] {
    if (!needsClusterIp(spec) || isHeadless(spec)) return [];
    const asked = clusterIpsOf(spec);
    const held = new Set(clusterIpsOf(before));
    // What had an address keeps it: another is not taken, and validation refuses it.
    const had = needsClusterIp(before) ? (before.clusterIPs?.length ?? 0) : 0;
    if (had > 0 && asked.length > 0 && asked.length <= had) return [];
    for (const ip of asked) {
      if (held.has(ip)) continue;
      const problem = taken.dryRun ? this.addresses.check(ip) : this.addresses.allocate(ip, taken.owner);
      if (problem) return [invalidField('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${ip}: ${problem}`)];
      if (!taken.dryRun) taken.push(() => this.addresses.release(ip));
    }
    if (asked.length > 0) {
      spec.clusterIP ||= asked[0]!;
      return [];
    }
    const ip = taken.dryRun ? this.addresses.first : this.addresses.allocateNext(taken.owner);
    if (ip === undefined) throw internalError('failed to allocate a serviceIP: range is full');
    if (!taken.dryRun) taken.push(() => this.addresses.release(ip));
    spec.clusterIP = ip;
    spec.clusterIPs = [ip];
    return [];
  }

  #takePorts(spec: ServiceSpec, before: ServiceSpec, taken: Taken): FieldError[] {
    const held = nodePortsOf(before);
    // One number may serve several protocols of the same Service.
    const mine = new Map<number, Set<string>>();
    const claim = (port: number): string | undefined => {
      const problem = this.#ports.allocate(port);
      if (!problem) taken.push(() => this.#ports.release(port));
      return problem;
    };
    const errors: FieldError[] = [];
    const ports = (spec.ports ?? []).map((port, i): ServicePort => {
      if (!port.nodePort) return port;
      const protocols = mine.get(port.nodePort);
      const protocol = port.protocol ?? 'TCP';
      const shared = protocols !== undefined && !protocols.has(protocol);
      const problem = shared || (held.has(port.nodePort) && !protocols) ? undefined : claim(port.nodePort);
      if (problem) errors.push(invalidField(`spec.ports[${i}].nodePort`, port.nodePort, problem));
      mine.set(port.nodePort, (protocols ?? new Set()).add(protocol));
      return port;
    });
    if (errors.length > 0) return errors;
    if (needsNodePorts(spec)) spec.ports = ports.map((port) => this.#withNodePort(port, ports, mine, taken));
    if (needsHealthCheckNodePort(spec) && !spec.healthCheckNodePort) {
      spec.healthCheckNodePort = this.#drawPort(taken);
    } else if (spec.healthCheckNodePort && needsHealthCheckNodePort(spec) && !held.has(spec.healthCheckNodePort)) {
      const problem = claim(spec.healthCheckNodePort);
      if (problem) return [invalidField('spec.healthCheckNodePort', spec.healthCheckNodePort, problem)];
    }
    return [];
  }

  /** A port with a node port: that of the same port in another protocol, or a new one. */
  #withNodePort(
    port: ServicePort,
    ports: readonly ServicePort[],
    mine: Map<number, Set<string>>,
    taken: Taken,
  ): ServicePort {
    if (port.nodePort) return port;
    const protocol = port.protocol ?? 'TCP';
    const twin = ports.find(
      (other) => other.nodePort && other.port === port.port && !mine.get(other.nodePort)?.has(protocol),
    );
    const nodePort = twin?.nodePort ?? this.#drawPort(taken);
    mine.set(nodePort, (mine.get(nodePort) ?? new Set()).add(protocol));
    return { ...port, nodePort };
  }

  #drawPort(taken: Taken): number {
    if (taken.dryRun) {
      taken.push(() => undefined);
      return DRY_RUN_PORT + taken.length - 1;
    }
    const port = this.#ports.allocateNext();
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    taken.push(() => this.#ports.release(port));
    return port;
  }

  /** Gives back what a Service had and has no more. */
  #release(had: ServiceSpec, has: ServiceSpec): void {
    const ips = new Set(clusterIpsOf(has));
    for (const ip of clusterIpsOf(had)) if (!ips.has(ip)) this.addresses.release(ip);
    const ports = nodePortsOf(has);
    for (const port of nodePortsOf(had)) if (!ports.has(port)) this.#ports.release(port);
  }
}
