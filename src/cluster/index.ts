import { assembleCluster } from './assemble.ts';
import { provideLibraries } from './libraries.ts';
import type { Cluster } from './cluster.ts';
import { everything } from './parts.ts';
import type { ClusterSpec } from './spec.ts';

export { UnknownAddonError } from './assemble.ts';
export { Cluster } from './cluster.ts';
export { ADMIN, nodeUser } from './identities.ts';
export { RECORDING_RIG, type ClusterSpec, type NodeSpec } from './spec.ts';

/** A cluster with every kind and every image there is. */
export function createCluster(spec: ClusterSpec): Cluster {
  provideLibraries();
  return assembleCluster(spec, everything);
}
