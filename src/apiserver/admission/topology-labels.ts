import type { Node } from '../../api/types.ts';

/** Where a node is; what PodTopologyLabels copies. */
const TOPOLOGY = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone'];

/** The labels that a Pod takes over from its node (PodTopologyLabels); undefined when there are none. */
export function topologyLabelsOf(node: Node | undefined): Record<string, string> | undefined {
  const labels = node?.metadata.labels;
  let out: Record<string, string> | undefined;
  for (const key of TOPOLOGY) if (labels?.[key] !== undefined) (out ??= {})[key] = labels[key];
  return out;
}
