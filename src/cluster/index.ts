import { Cluster } from './cluster.ts';
import { addControlPlane } from './control-plane.ts';
import { machines, type ClusterSpec } from './spec.ts';

export { Cluster } from './cluster.ts';
export { ADMIN, nodeUser } from './identities.ts';
export { RECORDING_RIG, type ClusterSpec, type NodeSpec } from './spec.ts';

/** A cluster as its spec says, with every component started. Nothing has happened yet: its kernel waits to be run. */
export function createCluster(spec: ClusterSpec): Cluster {
  const cluster = new Cluster(spec);
  addControlPlane(cluster);
  for (const node of machines(spec)) cluster.nodes.add(node);
  return cluster;
}
