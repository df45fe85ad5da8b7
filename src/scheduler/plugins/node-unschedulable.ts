import { isTolerated } from '../../api/core/tolerations.ts';
import type { Node, Pod } from '../../api/types.ts';
import type { Plugin } from '../framework/plugin.ts';
import { status } from '../framework/status.ts';

const NAME = 'NodeUnschedulable';
const CORDONED = status('UnschedulableAndUnresolvable', NAME, 'node(s) were unschedulable');
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

const toleratesCordon = (pod: Pod): boolean => isTolerated(TAINT, pod.spec.tolerations);

/** Keeps Pods off cordoned nodes, unless they tolerate that. */
export const nodeUnschedulable = (): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    { actions: ['NodeAdd', 'NodeTaint'], helps: (_pod, event) => !(event.new as Node).spec.unschedulable },
    { actions: ['PodToleration'], helps: (pod, event) => (event.new as Pod).metadata.uid === pod.uid },
  ],
  passesEverywhere: ({ snapshot }) => snapshot.marked.cordoned === 0,
  filter: (_cycle, { pod }, node) => (node.unschedulable && !toleratesCordon(pod) ? CORDONED : undefined),
});
