import { matchesRequired, matchesTerm, namedNodes, selectable } from '../../api/core/node-selector.ts';
import type { Node } from '../../api/types.ts';
import { normalizeToBest } from '../framework/normalize.ts';
import type { Plugin } from '../framework/plugin.ts';
import { SKIP, status } from '../framework/status.ts';

const NAME = 'NodeAffinity';
const NO_MATCH = status('UnschedulableAndUnresolvable', NAME, "node(s) didn't match Pod's node affinity/selector");
const CONFLICT = status('UnschedulableAndUnresolvable', NAME, 'pod affinity terms conflict');

/** nodeSelector and node affinity: the required part filters, the preferred part scores by the sum of its weights. */
export const nodeAffinity = (): Plugin => ({
  name: NAME,
  events: [
    {
      actions: ['NodeAdd', 'NodeLabel'],
      helps: ({ pod: { spec } }, event) =>
        matchesRequired(spec, selectable(event.new as Node)) &&
        !(event.old && matchesRequired(spec, selectable(event.old as Node))),
    },
  ],
  preFilter({ pod: { pod } }) {
    const { nodeSelector, affinity } = pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    if (!required && !(nodeSelector && Object.keys(nodeSelector).length > 0)) return { status: SKIP };
    const nodeNames = namedNodes(pod.spec);
    if (!nodeNames) return undefined;
    return nodeNames.size === 0 ? { status: CONFLICT } : { nodeNames };
  },
  filter: (_cycle, { pod }, node) => (matchesRequired(pod.spec, node) ? undefined : NO_MATCH),
  preScore: ({ pod: { pod } }) =>
    pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution?.length ? undefined : SKIP,
  score({ pod: { pod } }, nodes, scores) {
    const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    for (let i = 0; i < nodes.length; i++) {
      let sum = 0;
      for (const { preference, weight } of terms) if (matchesTerm(preference, nodes[i]!)) sum += weight;
      scores[i] = sum;
    }
  },
  normalizeScore: (_cycle, scores, count) => normalizeToBest(scores, count, false),
});
