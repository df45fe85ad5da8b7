import type { Node, Pod } from '../../api/types.ts';
import type { MutatingPlugin } from './admission.ts';
import { topologyLabelsOf } from './topology-labels.ts';

/** A Pod created on a node takes over where the node is; binding does the same for those that are scheduled. */
export const podTopologyLabels: MutatingPlugin = {
  name: 'PodTopologyLabels',
  admit: ({ operation, kind, subresource, object }, context) => {
    if (operation !== 'CREATE' || kind.kind !== 'Pod' || subresource || !object) return;
    const { spec, metadata } = object as unknown as Pod;
    if (!spec.nodeName) return;
    const labels = topologyLabelsOf(context.get('', 'nodes', undefined, spec.nodeName) as Node | undefined);
    if (labels) metadata.labels = { ...metadata.labels, ...labels };
  },
};
