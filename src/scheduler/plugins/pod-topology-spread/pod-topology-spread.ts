import type { Handle, Plugin } from '../../framework/plugin.ts';
import { SKIP, status } from '../../framework/status.ts';
import { constraintsOf } from './constraints.ts';
import { defaultConstraints } from './default-constraints.ts';
import { adjustHard, prepareHard, violation } from './hard.ts';
import { nodeHelps, podHelps } from './hints.ts';
import { normalizeSoft, prepareSoft, scoreSoft } from './soft.ts';

const NAME = 'PodTopologySpread';
const REASON = "node(s) didn't match pod topology spread constraints";
const SKEW = status('Unschedulable', NAME, REASON);
const NO_LABEL = status('UnschedulableAndUnresolvable', NAME, `${REASON} (missing required label)`);

/**
 * topologySpreadConstraints: keeps the numbers of a Pod's like in the domains of a topology close together.
 * DoNotSchedule filters, ScheduleAnyway scores; Pods without constraints that belong to a Service or a
 * controller are spread over hosts and zones where that costs nothing.
 */
export const podTopologySpread = ({ listers }: Handle): Plugin => ({
  name: NAME,
  events: [
    { actions: ['AssignedPodAdd', 'AssignedPodDelete', 'PodLabel'], helps: podHelps },
    { actions: ['NodeAdd', 'NodeDelete', 'NodeLabel'], helps: nodeHelps },
  ],
  preFilter: (cycle) => (prepareHard(cycle) ? undefined : { status: SKIP }),
  filter(cycle, _pod, node) {
    const found = violation(cycle, node);
    return found && (found === 'label' ? NO_LABEL : SKEW);
  },
  addPod: (cycle, pod, node) => adjustHard(cycle, pod, node, 1),
  removePod: (cycle, pod, node) => adjustHard(cycle, pod, node, -1),
  preScore(cycle, nodes) {
    const { pod } = cycle.pod;
    const own = pod.spec.topologySpreadConstraints !== undefined && pod.spec.topologySpreadConstraints.length > 0;
    const constraints = own
      ? constraintsOf(pod.spec).filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway')
      : defaultConstraints(pod, listers);
    if (constraints.length === 0) return SKIP;
    // The system's own constraints do not leave out nodes without zones.
    prepareSoft(cycle, nodes, constraints, own);
    return undefined;
  },
  score: scoreSoft,
  normalizeScore: normalizeSoft,
});
