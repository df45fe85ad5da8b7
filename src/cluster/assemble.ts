import type { Image } from '../kubelet/index.ts';
import { Cluster } from './cluster.ts';
import { addControlPlane } from './control-plane.ts';
import { machines, type ClusterSpec } from './spec.ts';

/**
 * A cluster as its spec says, with every component started; `images` is what its registries hold. Apart from
 * `createCluster`, so that a page can load the images beside the cluster instead of within it. Nothing has happened
 * yet: the cluster's kernel waits to be run.
 */
export function assembleCluster(spec: ClusterSpec, images: readonly Image[]): Cluster {
  const cluster = new Cluster(spec, images);
  addControlPlane(cluster);
  for (const node of machines(spec)) cluster.nodes.add(node);
  return cluster;
}
