import { selects, type SelectableNode } from '../../api/core/node-selector.ts';
import type { ResourceSlice } from '../../api/types.ts';

export type SliceDevice = NonNullable<ResourceSlice['spec']['devices']>[number];
type NodeSelector = NonNullable<ResourceSlice['spec']['nodeSelector']>;

/** A device that a driver offers. */
export interface Device {
  /** driver/pool/device: no two devices have the same. */
  readonly id: string;
  readonly driver: string;
  readonly pool: string;
  readonly device: SliceDevice;
  /** Where it can be used: on one node, on those selected, or, undefined, on all. */
  readonly place: string | NodeSelector | undefined;
  /** Not all slices of its pool are there: what is offered may be about to change. */
  readonly incomplete: boolean;
}

export const deviceId = (driver: string, pool: string, device: string): string => `${driver}/${pool}/${device}`;

type Placed = Pick<SliceDevice, 'nodeName' | 'nodeSelector' | 'allNodes'>;

/** Whether something is there for a node. */
const reaches = ({ nodeName, nodeSelector, allNodes }: Placed, node: SelectableNode): boolean =>
  allNodes === true || nodeName === node.name || (nodeSelector !== undefined && selects(nodeSelector, node));

/** Slices of the latest generation of each pool: older ones are about to be deleted by their driver. */
function current(slices: readonly ResourceSlice[]): Map<string, ResourceSlice[]> {
  const pools = new Map<string, ResourceSlice[]>();
  for (const slice of slices) {
    const { driver, pool } = slice.spec;
    const key = `${driver}/${pool.name}`;
    const known = pools.get(key);
    const generation = known?.[0]!.spec.pool.generation ?? -1;
    if (pool.generation > generation) pools.set(key, [slice]);
    else if (pool.generation === generation) known!.push(slice);
  }
  return pools;
}

/** The devices that can be used from a node, in the order of their pools, slices and names in them. */
export function devicesFor(slices: readonly ResourceSlice[], node: SelectableNode): Device[] {
  const found: Device[] = [];
  const pools = [...current(slices)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [, members] of pools) {
    const incomplete = members.length < members[0]!.spec.pool.resourceSliceCount;
    for (const { spec } of members) {
      if (!spec.perDeviceNodeSelection && !reaches(spec, node)) continue;
      for (const device of spec.devices ?? []) {
        const placed = spec.perDeviceNodeSelection ? device : spec;
        if (!reaches(placed, node)) continue;
        found.push({
          id: deviceId(spec.driver, spec.pool.name, device.name),
          driver: spec.driver,
          pool: spec.pool.name,
          device,
          place: placed.nodeName ?? placed.nodeSelector,
          incomplete,
        });
      }
    }
  }
  return found;
}
