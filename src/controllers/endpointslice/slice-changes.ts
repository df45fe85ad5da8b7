import type { EndpointSlice } from '../../api/types.ts';
import { equal } from '../../api/draft.ts';
import {
  endpointKey,
  groupKey,
  type AddressType,
  type Endpoint,
  type EndpointGroup,
  type EndpointPort,
} from './desired-endpoints.ts';

/** Endpoints in one slice at most. */
export const MAX_ENDPOINTS = 100;

/** What a slice holds, before it has the metadata that all slices of the Service share. */
export interface SliceContent {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SliceUpdate {
  readonly slice: EndpointSlice;
  readonly content: SliceContent;
}

export interface SliceChanges {
  readonly create: SliceContent[];
  readonly update: SliceUpdate[];
  readonly remove: EndpointSlice[];
}

/**
 * Which slices to write so that together they hold the desired endpoints, touching as few as possible: endpoints stay
 * where they are; what is new goes first into slices that are rewritten anyway, then into the fullest one with room
 * for all the rest, then into new ones. A Service without endpoints keeps one empty slice.
 */
export function sliceChanges(
  groups: ReadonlyMap<string, EndpointGroup>,
  addressTypes: readonly AddressType[],
  existing: readonly EndpointSlice[],
): SliceChanges {
  const changes: SliceChanges = { create: [], update: [], remove: [] };
  const byGroup = new Map<string, EndpointSlice[]>();
  for (const slice of existing) {
    const key = groupKey(slice.addressType, slice.ports ?? []);
    const list = byGroup.get(key);
    if (list) list.push(slice);
    else byGroup.set(key, [slice]);
  }
  for (const [key, group] of groups) fill(group, byGroup.get(key) ?? [], changes);
  for (const [key, slices] of byGroup) if (!groups.has(key)) changes.remove.push(...slices);
  for (const addressType of addressTypes) keepOne(addressType, existing, changes);
  reuse(changes);
  return changes;
}

function fill(group: EndpointGroup, slices: readonly EndpointSlice[], changes: SliceChanges): void {
  const { addressType, ports } = group;
  const missing = new Map(group.endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]));
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = [];
  const unchanged: EndpointSlice[] = [];
  for (const slice of slices) {
    let same = true;
    const kept: Endpoint[] = [];
    for (const endpoint of slice.endpoints ?? []) {
      const key = endpointKey(endpoint);
      const wanted = missing.get(key);
      if (wanted && equal(wanted, endpoint)) kept.push(endpoint);
      else {
        same = false;
        if (wanted) kept.push(wanted);
      }
      missing.delete(key);
    }
    if (same) unchanged.push(slice);
    else changed.push({ slice, endpoints: kept });
  }
  const rest = [...missing.values()];
  for (const { endpoints } of changed) endpoints.push(...rest.splice(0, MAX_ENDPOINTS - endpoints.length));
  while (rest.length > 0) {
    const room = fullestWithRoom(unchanged, Math.min(rest.length, MAX_ENDPOINTS));
    if (room) {
      unchanged.splice(unchanged.indexOf(room), 1);
      changed.push({ slice: room, endpoints: [...(room.endpoints ?? []), ...rest.splice(0)] });
    } else {
      changes.create.push({ addressType, ports, endpoints: rest.splice(0, MAX_ENDPOINTS) });
    }
  }
  for (const { slice, endpoints } of changed) {
    if (endpoints.length === 0) changes.remove.push(slice);
    else changes.update.push({ slice, content: { addressType, ports, endpoints } });
  }
}

function fullestWithRoom(slices: readonly EndpointSlice[], count: number): EndpointSlice | undefined {
  let best: EndpointSlice | undefined;
  for (const slice of slices) {
    const size = slice.endpoints?.length ?? 0;
    if (size + count <= MAX_ENDPOINTS && (!best || size > (best.endpoints?.length ?? 0))) best = slice;
  }
  return best;
}

/** An address family that would be left without slices gets an empty one. */
function keepOne(addressType: AddressType, existing: readonly EndpointSlice[], changes: SliceChanges): void {
  const of = <T extends { readonly addressType: string }>(items: readonly T[]): T[] =>
    items.filter((item) => item.addressType === addressType);
  const removed = of(changes.remove);
  if (of(changes.create).length > 0 || of(existing).length !== removed.length) return;
  const [only] = removed;
  if (removed.length === 1 && !only?.endpoints?.length && !only?.ports?.length) {
    changes.remove.splice(changes.remove.indexOf(only!), 1);
  } else {
    changes.create.push({ addressType, ports: [], endpoints: [] });
  }
}

/** Rather than deleting one slice and creating another, rewrites the one. */
function reuse({ create, update, remove }: SliceChanges): void {
  for (let i = remove.length - 1; i >= 0 && create.length > 0; i--) {
    const slice = remove[i]!;
    const at = create.findIndex(({ addressType }) => addressType === slice.addressType);
    if (at < 0) continue;
    update.push({ slice, content: create.splice(at, 1)[0]! });
    remove.splice(i, 1);
  }
}
