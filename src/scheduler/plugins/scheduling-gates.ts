import type { Plugin } from '../framework/plugin.ts';
import { status } from '../framework/status.ts';

const NAME = 'SchedulingGates';

/** Keeps a Pod out of the active queue while it has scheduling gates. */
export const schedulingGates = (): Plugin => ({
  name: NAME,
  events: [{ actions: ['PodSchedulingGatesEliminated'] }],
  preEnqueue(pod) {
    const gates = pod.spec.schedulingGates;
    if (!gates?.length) return undefined;
    const names = gates.map(({ name }) => name).join(' ');
    return status('UnschedulableAndUnresolvable', NAME, `waiting for scheduling gates: [${names}]`);
  },
});
