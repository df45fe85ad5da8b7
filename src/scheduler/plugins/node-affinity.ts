import {
  matchesRequired,
  matchesTerm,
  namedNodes,
  selectable,
  selects,
  type SelectableNode,
} from '../../api/core/node-selector.ts';
import type { Node, Pod } from '../../api/types.ts';
import type { NodeAffinityArgs } from '../configuration/kube-scheduler-configuration.ts';
import { normalizeToBest } from '../framework/normalize.ts';
import type { Plugin, PluginFactory } from '../framework/plugin.ts';
import { SKIP, status } from '../framework/status.ts';

const NAME = 'NodeAffinity';
const NO_MATCH = status('UnschedulableAndUnresolvable', NAME, "node(s) didn't match Pod's node affinity/selector");
const NOT_ENFORCED = status(
  'UnschedulableAndUnresolvable',
  NAME,
  "node(s) didn't match scheduler-enforced node affinity",
);
const CONFLICT = status('UnschedulableAndUnresolvable', NAME, 'pod affinity terms conflict');

/** nodeSelector and node affinity: the required part filters, the preferred part scores by the sum of its weights. */
export const nodeAffinity = (): Plugin => withAdded({});

/** The same with affinity that holds for every Pod of the profile (NodeAffinityArgs.addedAffinity). */
export const nodeAffinityWith =
  (added: AddedAffinity): PluginFactory =>
  () =>
    withAdded(added);

type AddedAffinity = NonNullable<NodeAffinityArgs['addedAffinity']>;

const preferredOf = ({ spec }: Pod): NonNullable<AddedAffinity['preferredDuringSchedulingIgnoredDuringExecution']> =>
  spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];

const withAdded = (added: AddedAffinity): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    {
      actions: ['NodeAdd', 'NodeLabel'],
      helps({ pod: { spec } }, event) {
        const admits = (node: Node): boolean =>
          matchesRequired(spec, selectable(node)) && enforced(added, selectable(node));
        return admits(event.new as Node) && !(event.old && admits(event.old as Node));
      },
    },
  ],
  preFilter({ pod: { pod } }) {
    const { nodeSelector, affinity } = pod.spec;
    const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    const enforces = added.requiredDuringSchedulingIgnoredDuringExecution;
    if (!required && !enforces && !(nodeSelector && Object.keys(nodeSelector).length > 0)) return { status: SKIP };
    const nodeNames = namedNodes(pod.spec);
    if (!nodeNames) return undefined;
    return nodeNames.size === 0 ? { status: CONFLICT } : { nodeNames };
  },
  filter(_cycle, { pod }, node) {
    if (!enforced(added, node)) return NOT_ENFORCED;
    return matchesRequired(pod.spec, node) ? undefined : NO_MATCH;
  },
  preScore: ({ pod: { pod } }) =>
    preferredOf(pod).length > 0 || added.preferredDuringSchedulingIgnoredDuringExecution?.length ? undefined : SKIP,
  score({ pod: { pod } }, nodes, scores) {
    const terms = [...(added.preferredDuringSchedulingIgnoredDuringExecution ?? []), ...preferredOf(pod)];
    for (let i = 0; i < nodes.length; i++) {
      let sum = 0;
      for (const { preference, weight } of terms) if (matchesTerm(preference, nodes[i]!)) sum += weight;
      scores[i] = sum;
    }
  },
  normalizeScore: (_cycle, scores, count) => normalizeToBest(scores, count, false),
});

/** Whether a node is one that the profile allows at all. */
function enforced({ requiredDuringSchedulingIgnoredDuringExecution }: AddedAffinity, node: SelectableNode): boolean {
  return (
    !requiredDuringSchedulingIgnoredDuringExecution || selects(requiredDuringSchedulingIgnoredDuringExecution, node)
  );
}
