import { intValue, milliValue } from '../../api/quantity.ts';
import type { Node } from '../../api/types.ts';

/** What a node has for Pods, as numbers: CPU in millicores, memory and storage in bytes. */
export interface Allocatable {
  readonly milliCpu: number;
  readonly memory: number;
  readonly ephemeralStorage: number;
  readonly pods: number;
  /** Everything else, by resource; absent when there is nothing else. */
  readonly scalars?: ReadonlyMap<string, number>;
}

const NOTHING: Allocatable = { milliCpu: 0, memory: 0, ephemeralStorage: 0, pods: 0 };
const known = new WeakMap<object, Allocatable>();

/** Reads status.allocatable, once per version of it. */
export function allocatableOf(node: Node): Allocatable {
  const list = node.status?.allocatable as Readonly<Record<string, string | number>> | undefined;
  if (!list) return NOTHING;
  let found = known.get(list);
  if (found) return found;
  let scalars: Map<string, number> | undefined;
  for (const resource in list) {
    if (['cpu', 'memory', 'ephemeral-storage', 'pods'].includes(resource)) continue;
    (scalars ??= new Map()).set(resource, intValue(list[resource]!));
  }
  found = {
    milliCpu: milliValue(list['cpu'] ?? 0),
    memory: intValue(list['memory'] ?? 0),
    ephemeralStorage: intValue(list['ephemeral-storage'] ?? 0),
    pods: intValue(list['pods'] ?? 0),
    ...(scalars ? { scalars } : {}),
  };
  known.set(list, found);
  return found;
}
