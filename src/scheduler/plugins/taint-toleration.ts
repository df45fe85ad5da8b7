import { isTolerated } from '../../api/core/tolerations.ts';
import type { Node, Pod, Taint, Toleration } from '../../api/types.ts';
import { stateKey } from '../framework/cycle.ts';
import { normalizeToBest } from '../framework/normalize.ts';
import type { Plugin } from '../framework/plugin.ts';
import { status } from '../framework/status.ts';

const NAME = 'TaintToleration';
const UNTOLERATED = status('UnschedulableAndUnresolvable', NAME, 'node(s) had untolerated taint(s)');

/** The Pod's tolerations that count against PreferNoSchedule. */
const SOFT = stateKey<readonly Toleration[]>();

const admits = (node: Node, pod: Pod): boolean => {
  for (const taint of node.spec.taints ?? []) {
    if (taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, pod.spec.tolerations)) return false;
  }
  return true;
};

/** Keeps Pods off nodes with taints that they do not tolerate; of the others, prefers those with fewer soft ones. */
export const taintToleration = (): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    {
      actions: ['NodeAdd', 'NodeTaint'],
      helps: ({ pod }, event) => admits(event.new as Node, pod) && !(event.old && admits(event.old as Node, pod)),
    },
    { actions: ['PodToleration'], helps: (pod, event) => (event.new as Pod).metadata.uid === pod.uid },
  ],
  passesEverywhere: ({ snapshot }) => snapshot.marked.hardTaints === 0,
  filter(_cycle, { pod }, { hardTaints }) {
    for (let i = 0; i < hardTaints.length; i++) {
      if (!isTolerated(hardTaints[i]!, pod.spec.tolerations)) return UNTOLERATED;
    }
    return undefined;
  },
  preScore(cycle) {
    const tolerations = cycle.pod.pod.spec.tolerations ?? [];
    cycle.write(
      SOFT,
      tolerations.filter(({ effect }) => !effect || effect === 'PreferNoSchedule'),
    );
    return undefined;
  },
  score(cycle, nodes, scores) {
    if (cycle.snapshot.marked.softTaints === 0) {
      scores.fill(0, 0, nodes.length);
      return;
    }
    const tolerations = cycle.read(SOFT);
    for (let i = 0; i < nodes.length; i++) scores[i] = countUntolerated(nodes[i]!.softTaints, tolerations);
  },
  normalizeScore: (_cycle, scores, count) => normalizeToBest(scores, count, true),
});

function countUntolerated(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number {
  let count = 0;
  for (let i = 0; i < taints.length; i++) if (!isTolerated(taints[i]!, tolerations)) count++;
  return count;
}
