import type { Pod } from '../../../api/types.ts';
import type { PodTopologySpreadArgs } from '../../configuration/kube-scheduler-configuration.ts';
import type { Handle, Plugin, PluginFactory } from '../../framework/plugin.ts';
import { SKIP, status } from '../../framework/status.ts';
import { constraintsOf, type SpreadConstraint } from './constraints.ts';
import { defaultConstraints, SYSTEM } from './default-constraints.ts';
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
export const podTopologySpread = (handle: Handle): Plugin => spreadBy(SYSTEM, handle);

/** The same with other constraints for Pods without any (defaultingType: List). */
export const podTopologySpreadBy =
  (defaults: NonNullable<PodTopologySpreadArgs['defaultConstraints']>): PluginFactory =>
  (handle) =>
    spreadBy(defaults, handle);

function spreadBy(defaults: NonNullable<PodTopologySpreadArgs['defaultConstraints']>, { listers }: Handle): Plugin {
  const defaultsOf = defaultConstraints(defaults, listers);
  const hasOwn = ({ spec }: Pod): boolean => (spec.topologySpreadConstraints?.length ?? 0) > 0;
  const constraintsOfPod = (pod: Pod): readonly SpreadConstraint[] =>
    hasOwn(pod) ? constraintsOf(pod.spec) : defaultsOf(pod);
  // The system's own constraints are all soft, and need not be looked for among hard ones.
  const anyHard = defaults.some(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule');
  return {
    name: NAME,
    events: [
      {
        actions: ['AssignedPodAdd', 'AssignedPodDelete', 'PodLabel', 'PodToleration'],
        helps: (pod, event) => podHelps(pod, event, constraintsOfPod),
      },
      {
        actions: ['NodeAdd', 'NodeDelete', 'NodeLabel', 'NodeTaint'],
        helps: (pod, event) => nodeHelps(pod, event, constraintsOfPod),
      },
    ],
    preFilter(cycle) {
      const { pod } = cycle.pod;
      const constraints = anyHard ? constraintsOfPod(pod) : constraintsOf(pod.spec);
      return prepareHard(cycle, constraints) ? undefined : { status: SKIP };
    },
    filter(cycle, _pod, node) {
      const found = violation(cycle, node);
      return found && (found === 'label' ? NO_LABEL : SKEW);
    },
    addPod: (cycle, pod, node) => adjustHard(cycle, pod, node, 1),
    removePod: (cycle, pod, node) => adjustHard(cycle, pod, node, -1),
    preScore(cycle, nodes) {
      const { pod } = cycle.pod;
      const constraints = constraintsOfPod(pod).filter(
        ({ whenUnsatisfiable }) => whenUnsatisfiable === 'ScheduleAnyway',
      );
      if (constraints.length === 0) return SKIP;
      // The system's own constraints do not leave out nodes without zones.
      prepareSoft(cycle, nodes, constraints, hasOwn(pod) || defaults !== SYSTEM);
      return undefined;
    },
    score: scoreSoft,
    normalizeScore: normalizeSoft,
  };
}
