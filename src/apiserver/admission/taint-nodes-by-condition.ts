import type { Node } from '../../api/types.ts';
import type { MutatingPlugin } from './admission.ts';

const KEY = 'node.kubernetes.io/not-ready';

/** A new node takes no Pods until it is known to be ready. */
export const taintNodesByCondition: MutatingPlugin = {
  name: 'TaintNodesByCondition',
  admit: ({ kind, operation, subresource, object }) => {
    if (kind.kind !== 'Node' || operation !== 'CREATE' || subresource) return;
    const node = object as unknown as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === KEY && effect === 'NoSchedule')) return;
    node.spec = { ...node.spec, taints: [...taints, { effect: 'NoSchedule', key: KEY }] };
  },
};
