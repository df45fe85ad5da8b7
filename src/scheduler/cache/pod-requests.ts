import { intValue, milliValue } from '../../api/quantity.ts';
import type { Container, PodSpec } from '../../api/types.ts';

/** What a Pod asks of a node: CPU in millicores, memory and storage in bytes, other resources in their own unit. */
export interface PodRequests {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  /** Extended resources, huge pages; absent when there are none. */
  readonly scalars?: ReadonlyMap<string, number>;
  /** As milliCpu and memory, with a default for each container that does not say: scoring sees no Pod as free. */
  readonly nonZeroMilliCpu: number;
  readonly nonZeroMemory: number;
}

/** What scoring takes a container to use that requests nothing (pkg/scheduler/util). */
export const DEFAULT_MILLI_CPU = 100;
export const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024;

type ResourceList = Readonly<Record<string, string | number>>;

const amountOf = (resource: string, quantity: string | number): number =>
  resource === 'cpu' ? milliValue(quantity) : intValue(quantity);

const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always';

/** Amounts by resource, added up container by container. */
class Tally {
  readonly amounts = new Map<string, number>();

  add(requests: ResourceList | undefined, defaults?: ResourceAmounts): void {
    for (const resource in requests) this.#add(resource, amountOf(resource, requests[resource]!));
    for (const resource in defaults) {
      if (requests?.[resource] === undefined) this.#add(resource, defaults[resource]!);
    }
  }

  addAll(other: Tally): void {
    for (const [resource, amount] of other.amounts) this.#add(resource, amount);
  }

  raiseTo(other: Tally): void {
    for (const [resource, amount] of other.amounts) {
      if (amount > (this.amounts.get(resource) ?? 0)) this.amounts.set(resource, amount);
    }
  }

  #add(resource: string, amount: number): void {
    this.amounts.set(resource, (this.amounts.get(resource) ?? 0) + amount);
  }
}

type ResourceAmounts = Readonly<Record<string, number>>;

/**
 * Containers run together and are added up; an init container runs beside the sidecars started before it, and
 * counts where it needs more than that sum; overhead comes on top (component-helpers, PodRequests).
 */
function total(spec: PodSpec, defaults?: ResourceAmounts): ReadonlyMap<string, number> {
  const sum = new Tally();
  for (const { resources } of spec.containers) sum.add(resources?.requests as ResourceList | undefined, defaults);
  if (spec.initContainers?.length) {
    const sidecars = new Tally();
    const peak = new Tally();
    for (const container of spec.initContainers) {
      const own = new Tally();
      own.add(container.resources?.requests as ResourceList | undefined, defaults);
      if (isSidecar(container)) {
        sum.addAll(own);
        sidecars.addAll(own);
        peak.raiseTo(sidecars);
      } else {
        own.addAll(sidecars);
        peak.raiseTo(own);
      }
    }
    sum.raiseTo(peak);
  }
  const podLevel = spec.resources?.requests as ResourceList | undefined;
  for (const resource in podLevel) sum.amounts.set(resource, amountOf(resource, podLevel[resource]!));
  if (spec.overhead) sum.add(spec.overhead as ResourceList);
  return sum.amounts;
}

const NOTHING: PodRequests = Object.freeze({
  milliCpu: 0,
  memory: 0,
  ephemeralStorage: 0,
  nonZeroMilliCpu: DEFAULT_MILLI_CPU,
  nonZeroMemory: DEFAULT_MEMORY_BYTES,
});

/** Most Pods are one of many that request the same. */
const shared = new Map<string, PodRequests>();
const MAX_SHARED = 1_000;

/** Adds up what a Pod requests. Equal requests are mostly one object. */
export function podRequests(spec: PodSpec): PodRequests {
  const { containers } = spec;
  if (containers.length === 1 && !containers[0]!.resources?.requests && !spec.initContainers?.length) {
    if (!spec.overhead && !spec.resources) return NOTHING;
  }
  const exact = total(spec);
  const nonZero = total(spec, { cpu: DEFAULT_MILLI_CPU, memory: DEFAULT_MEMORY_BYTES });
  let scalars: Map<string, number> | undefined;
  let key = `${nonZero.get('cpu')}/${nonZero.get('memory')}`;
  for (const [resource, amount] of exact) {
    key += `/${resource}=${amount}`;
    if (resource === 'cpu' || resource === 'memory' || resource === 'ephemeral-storage') continue;
    (scalars ??= new Map()).set(resource, amount);
  }
  let requests = shared.get(key);
  if (!requests) {
    requests = {
      milliCpu: exact.get('cpu') ?? 0,
      memory: exact.get('memory') ?? 0,
      ephemeralStorage: exact.get('ephemeral-storage') ?? 0,
      ...(scalars ? { scalars } : {}),
      nonZeroMilliCpu: nonZero.get('cpu')!,
      nonZeroMemory: nonZero.get('memory')!,
    };
    if (shared.size >= MAX_SHARED) shared.clear();
    shared.set(key, requests);
  }
  return requests;
}
