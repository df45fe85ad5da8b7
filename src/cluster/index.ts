import { IMAGES } from '../kubelet/runtime/images/index.ts';
import { assembleCluster } from './assemble.ts';
import type { Cluster } from './cluster.ts';
import type { ClusterSpec } from './spec.ts';

export { Cluster } from './cluster.ts';
export { ADMIN, nodeUser } from './identities.ts';
export { RECORDING_RIG, type ClusterSpec, type NodeSpec } from './spec.ts';

/** `assembleCluster` with every image there is. */
export const createCluster = (spec: ClusterSpec): Cluster => assembleCluster(spec, IMAGES);
