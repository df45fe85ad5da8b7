import type { Change } from '../etcd/index.ts';

/** What a node's status says again and again without anything having changed. */
const HEARTBEAT_FIELDS: ReadonlySet<string> = new Set(['lastHeartbeatTime', 'resourceVersion', 'managedFields']);

const withoutHeartbeat = (object: object): string =>
  JSON.stringify(object, (field, value: unknown) => (HEARTBEAT_FIELDS.has(field) ? undefined : value));

/**
 * Whether a change tells a reader something. Heartbeats do not (Leases, the times in a Node's conditions), nor does
 * an Event that is only counted again or that expires: a cluster at rest writes hundreds of them an hour.
 */
export function isTelling({ type, entry, previous }: Change): boolean {
  const { key } = entry;
  if (!key.startsWith('/registry/') || key.startsWith('/registry/leases/')) return false;
  if (key.startsWith('/registry/events/')) return type === 'put' && previous === undefined;
  if (type === 'put' && previous && key.startsWith('/registry/minions/'))
    return withoutHeartbeat(entry.value) !== withoutHeartbeat(previous.value);
  return true;
}
