import type { ImageStates } from './image-states.ts';
import type { NodeColumns } from './node-columns.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodIndex } from './pod-index.ts';
import type { Topologies } from './topology.ts';

/**
 * What a scheduling cycle sees of the cluster. A cycle runs to its end within one kernel event, so the cache
 * itself can serve: nothing changes under the cycle's hands, and nothing needs to be copied.
 */
export interface Snapshot {
  /** Nodes that exist, zones taking turns. */
  readonly nodes: readonly NodeInfo[];
  readonly columns: NodeColumns;
  readonly images: ImageStates;
  readonly topologies: Topologies;
  readonly index: PodIndex;
  /** How many nodes need a closer look: where it is 0, plugins need not look at any. */
  readonly marked: { readonly cordoned: number; readonly hardTaints: number; readonly softTaints: number };
  get(nodeName: string): NodeInfo | undefined;
}
