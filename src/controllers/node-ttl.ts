import { NodeKind } from '../api/core/node.ts';
import type { Node } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';

const ANNOTATION = 'node.alpha.kubernetes.io/ttl';

/** Up to so many Nodes, kubelets may keep ConfigMaps and Secrets for so long without asking again. */
const STEPS: readonly { readonly nodes: number; readonly seconds: number }[] = [
  { nodes: 100, seconds: 0 },
  { nodes: 500, seconds: 15 },
  { nodes: 1000, seconds: 30 },
  { nodes: 2000, seconds: 60 },
  { nodes: Infinity, seconds: 300 },
];

/**
 * Tells kubelets, by an annotation on their Node, how long they may cache ConfigMaps and Secrets: the larger the
 * cluster, the longer. The real one lets the size fall a little below a step before it goes back.
 */
export function startNodeTtl(context: ControllerContext): Controller {
  const nodes = context.informers.for(NodeKind);
  const loop = new ControlLoop({
    context,
    name: 'ttl-controller',
    reconcile: (name) => {
      const node = nodes.getByKey(name);
      const value = String(STEPS.find((step) => nodes.size <= step.nodes)!.seconds);
      if (!node || node.metadata.annotations?.[ANNOTATION] === value) return;
      loop.client
        .resource(NodeKind)
        .patch(name, undefined, 'strategic', { metadata: { annotations: { [ANNOTATION]: value } } });
    },
  });
  const enqueue = (node: Node): void => loop.queue.add(node.metadata.name);
  loop.on(nodes, { add: enqueue, update: enqueue });
  return loop;
}
