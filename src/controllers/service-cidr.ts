import { IpAddressKind } from '../api/networking/ip-address.ts';
import { ServiceCidrKind } from '../api/networking/service-cidr.ts';
import { isInside } from '../api/ip.ts';
import { formatTime, parseTime } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { ServiceCidr } from '../api/types.ts';
import { findCondition, replaceCondition } from './conditions.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { updateStatus } from './update-status.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';

/** Time for every API server to learn that a range is going, before it goes. */
const GRACE_MS = 10_000;

/**
 * Says of ServiceCIDRs that Services may get addresses from them, and keeps those that are deleted as long as there are
 * IPAddresses which no other range has (KEP-1880).
 */
export function startServiceCidrs(context: ControllerContext): Controller {
  const { kernel, informers } = context;
  const ranges = informers.for(ServiceCidrKind);
  const addresses = informers.for(IpAddressKind);
  const loop = new ControlLoop({
    context,
    name: 'service-cidr-controller',
    account: 'service-cidrs-controller',
    reconcile: (name) => {
      const range = ranges.getByKey(name);
      if (!range) return;
      if (range.metadata.deletionTimestamp) retire(range);
      else {
        keepFinalizers(range, [...new Set([...(range.metadata.finalizers ?? []), FINALIZER])]);
        setReady(range, 'True', '', 'Kubernetes Service CIDR is ready');
      }
    },
  });
  const client = loop.client.resource(ServiceCidrKind);

  function keepFinalizers({ metadata }: ServiceCidr, finalizers: readonly string[]): void {
    if (finalizers.length === (metadata.finalizers?.length ?? 0)) return;
    try {
      client.patch(metadata.name, undefined, 'merge', { metadata: { finalizers } });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  function setReady(range: ServiceCidr, status: 'True' | 'False', reason: string, message: string): void {
    const conditions = range.status?.conditions ?? [];
    if (findCondition(conditions, 'Ready')?.status === status) return;
    const lastTransitionTime = formatTime(kernel.now);
    const condition = { type: 'Ready', status, reason, message, lastTransitionTime };
    const fresh = client.get(range.metadata.name);
    updateStatus(client, fresh, { ...fresh.status, conditions: replaceCondition(conditions, condition) });
  }

  /** Whether an address would be left without a range. */
  function isNeeded(range: ServiceCidr): boolean {
    const others = ranges
      .list()
      .filter(({ metadata }) => metadata.name !== range.metadata.name && !metadata.deletionTimestamp)
      .flatMap(({ spec }) => spec.cidrs ?? []);
    return addresses
      .list()
      .some(
        ({ metadata: { name } }) =>
          range.spec.cidrs?.some((cidr) => isInside(`${name}/${name.includes(':') ? 128 : 32}`, cidr)) &&
          !others.some((cidr) => isInside(`${name}/${name.includes(':') ? 128 : 32}`, cidr)),
      );
  }

  function retire(range: ServiceCidr): void {
    const { finalizers = [], deletionTimestamp = '', name } = range.metadata;
    if (!finalizers.includes(FINALIZER)) return;
    if (isNeeded(range)) {
      const text =
        'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
      setReady(range, 'False', 'Terminating', text);
      return;
    }
    const waitMs = parseTime(deletionTimestamp) + GRACE_MS - kernel.now;
    if (waitMs > 0) loop.queue.addAfter(name, waitMs);
    else {
      keepFinalizers(
        range,
        finalizers.filter((finalizer) => finalizer !== FINALIZER),
      );
    }
  }

  const enqueueAll = (): void => {
    for (const { metadata } of ranges.list()) loop.queue.add(metadata.name);
  };
  loop.on(ranges, { add: enqueueAll, update: enqueueAll, delete: enqueueAll });
  // Only a range that waits to go cares for addresses.
  loop.on(addresses, {
    delete: () => {
      for (const { metadata } of ranges.list()) if (metadata.deletionTimestamp) loop.queue.add(metadata.name);
    },
  });
  return loop;
}
