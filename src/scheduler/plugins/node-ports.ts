import type { Pod } from '../../api/types.ts';
import { hostPortsOf, UsedPorts } from '../../api/core/host-ports.ts';
import type { Plugin } from '../framework/plugin.ts';
import { SKIP, status } from '../framework/status.ts';

const NAME = 'NodePorts';
const TAKEN = status('Unschedulable', NAME, "node(s) didn't have free ports for the requested pod ports");

/** Whether two Pods cannot share a node because of a host port. */
function portsClash(a: Pod, b: Pod): boolean {
  const used = new UsedPorts();
  for (const port of hostPortsOf(a.spec)) used.add(port);
  return hostPortsOf(b.spec).some((port) => used.conflicts(port));
}

/** Keeps Pods off nodes where a host port that they want is taken. */
export const nodePorts = (): Plugin => ({
  name: NAME,
  filtersByNumbers: true,
  events: [
    {
      actions: ['AssignedPodDelete'],
      helps: (pod, event) => portsClash(event.old as Pod, pod.pod),
    },
    { actions: ['NodeAdd'] },
  ],
  preFilter: ({ pod }) => (pod.hostPorts.length === 0 ? { status: SKIP } : undefined),
  filter(_cycle, pod, { usedPorts }) {
    if (usedPorts) for (const port of pod.hostPorts) if (usedPorts.conflicts(port)) return TAKEN;
    return undefined;
  },
});
