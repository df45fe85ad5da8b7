import { Cluster, type ClusterParts } from './cluster.ts';
import { addControlPlane } from './control-plane.ts';
import { machines, type ClusterSpec, type InFlight } from './spec.ts';

/** A spec asks for something to be installed that nobody knows. */
export class UnknownAddonError extends Error {}

/**
 * A cluster as its spec says, made of these parts, with every component started. Nothing has happened yet: its kernel
 * waits to be run.
 */
export function assembleCluster(spec: ClusterSpec, parts: ClusterParts): Cluster {
  const cluster = new Cluster(spec, parts);
  addControlPlane(cluster, parts);
  for (const node of machines(spec)) cluster.nodes.add(node);
  for (const name of spec.addons ?? []) install(cluster, name, parts);
  if (spec.inFlight) limit(cluster, spec.inFlight);
  return cluster;
}

function limit({ apiserver }: Cluster, { seats, requestMs }: InFlight): void {
  apiserver.flowControl?.enforce({ seats, ...(requestMs === undefined ? {} : { durationMs: () => requestMs }) });
}

function install(cluster: Cluster, name: string, { addons = {} }: ClusterParts): void {
  const addon = addons[name];
  if (!addon)
    throw new UnknownAddonError(`there is no add-on "${name}"; there are: ${Object.keys(addons).join(', ') || 'none'}`);
  addon(cluster);
}
