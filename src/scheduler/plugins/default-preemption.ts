import type { NodeInfo } from '../cache/node-info.ts';
import { fitMessage } from '../fit-error.ts';
import type { Plugin, Rejections } from '../framework/plugin.ts';
import { status, type Status } from '../framework/status.ts';

const NAME = 'DefaultPreemption';
const NOT_HELPFUL = status('UnschedulableAndUnresolvable', NAME, 'Preemption is not helpful for scheduling');
const NO_VICTIMS = status('Unschedulable', NAME, 'No preemption victims found for incoming pod');

/**
 * Says for each node why evicting Pods of lower priority would not let the Pod in. It does not evict: a Pod
 * for which room could be made waits like the others.
 */
export const defaultPreemption = (): Plugin => ({
  name: NAME,
  postFilter(cycle, rejections) {
    const never = cycle.pod.pod.spec.preemptionPolicy === 'Never';
    const why = never ? 'not eligible due to preemptionPolicy=Never.' : fitMessage(verdicts(rejections));
    return { status: status('Unschedulable', NAME, `preemption: ${why}`), nominatedNodeName: '' };
  },
});

function verdicts(rejections: Rejections): Rejections {
  const nodes: NodeInfo[] = [];
  const statuses: Status[] = [];
  for (let i = 0; i < rejections.nodes.length; i++) {
    nodes.push(rejections.nodes[i]!);
    statuses.push(rejections.statuses[i]!.code === 'Unschedulable' ? NO_VICTIMS : NOT_HELPFUL);
  }
  const absent = rejections.absent?.code === 'Unschedulable' ? NO_VICTIMS : NOT_HELPFUL;
  return { total: rejections.total, nodes, statuses, absent };
}
