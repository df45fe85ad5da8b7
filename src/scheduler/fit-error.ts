import type { Rejections } from './framework/plugin.ts';
import type { Status } from './framework/status.ts';

/** Byte order, as Go sorts strings. */
const inByteOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable.`: each reason with the number of
 * nodes that gave it. A node may give several.
 */
export function fitMessage({ total, nodes, statuses, absent }: Rejections): string {
  const counts = new Map<string, number>();
  const count = (reason: string, more: number): void => void counts.set(reason, (counts.get(reason) ?? 0) + more);
  const times = new Map<Status, number>();
  for (const status of statuses) times.set(status, (times.get(status) ?? 0) + 1);
  for (const [{ reasons }, nodesWithIt] of times) for (const reason of reasons) count(reason, nodesWithIt);
  const rest = total - nodes.length;
  if (rest > 0) for (const reason of absent?.reasons ?? []) count(reason, rest);
  const listed = [...counts].map(([reason, sum]) => `${sum} ${reason}`).sort(inByteOrder);
  return `0/${total} nodes are available:${listed.length > 0 ? ` ${listed.join(', ')}.` : ''}`;
}

/** The same when a plugin has refused the one node that was chosen. */
export const refusedMessage = (status: Status): string =>
  `0/1 nodes are available: ${status.reasons
    .map((reason) => `1 ${reason}`)
    .sort(inByteOrder)
    .join(', ')}.`;

/** The same when a PreFilter plugin has rejected the Pod before any node was looked at. */
export const preFilterMessage = (total: number, message: string): string =>
  `0/${total} nodes are available: ${message}.`;
