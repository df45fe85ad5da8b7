import { fitMessage } from '../fit-error.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { Cycle } from '../framework/cycle.ts';
import type { DefaultPreemptionArgs } from '../configuration/kube-scheduler-configuration.ts';
import type { Handle, Plugin, PluginFactory, Rejections } from '../framework/plugin.ts';
import { status, type Status } from '../framework/status.ts';
import { pickNode, type Candidate } from '../preemption/pick-node.ts';
import { selectVictims } from '../preemption/victims.ts';

const NAME = 'DefaultPreemption';
const NOT_HELPFUL = status('UnschedulableAndUnresolvable', NAME, 'Preemption is not helpful for scheduling');

/** How many candidates are enough to choose from (DefaultPreemptionArgs). */
const MIN_CANDIDATES = 100;
const MIN_CANDIDATES_PERCENT = 10;

/**
 * Makes room for a Pod that fits nowhere by evicting Pods of lower priority, where that helps. The Pod is
 * nominated to the node and tried there once the victims are gone.
 */
export const defaultPreemption = (handle: Handle): Plugin => withArgs({}, handle);

/** The same with another notion of how many candidates are enough. */
export const defaultPreemptionWith =
  (args: DefaultPreemptionArgs): PluginFactory =>
  (handle) =>
    withArgs(args, handle);

const withArgs = (args: DefaultPreemptionArgs, handle: Handle): Plugin => ({
  name: NAME,
  postFilter(cycle, rejections) {
    const objection = notEligible(cycle, rejections, handle);
    if (objection) return { status: status('Unschedulable', NAME, `preemption: ${objection}`) };
    const { candidates: found, refused } = dryRun(cycle, rejections, handle, args);
    const candidates = found.length === 0 ? found : handle.agreedByExtenders(cycle.pod, found);
    if ('code' in candidates) return { status: candidates };
    if (candidates.length === 0) {
      return { status: status('Unschedulable', NAME, `preemption: ${fitMessage(refused)}`), nominatedNodeName: '' };
    }
    const { node, pods } = pickNode(candidates);
    handle.evict(pods, cycle.pod, node.name);
    return { nominatedNodeName: node.name, candidates };
  },
});

/** Why the Pod may not evict others; undefined when it may. */
function notEligible({ pod: { pod, priority } }: Cycle, rejections: Rejections, handle: Handle): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = pod.status?.nominatedNodeName;
  const node = nominated ? handle.nodes().find(({ name }) => name === nominated) : undefined;
  if (!node) return undefined;
  const at = rejections.nodes.indexOf(node);
  if (at >= 0 && rejections.statuses[at]!.code === 'UnschedulableAndUnresolvable') return undefined;
  for (const other of node.pods.values()) {
    if (other.priority < priority && isBeingPreempted(other.pod)) {
      return 'not eligible due to a terminating pod on the nominated node.';
    }
  }
  return undefined;
}

const isBeingPreempted = ({ metadata, status: is }: Cycle['pod']['pod']): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (is?.conditions ?? []).some(
    ({ type, status: value, reason }) =>
      type === 'DisruptionTarget' && value === 'True' && reason === 'PreemptionByScheduler',
  );

/** Looks on each node that eviction might help for the Pods to evict, from a random node on. */
function dryRun(
  cycle: Cycle,
  rejections: Rejections,
  handle: Handle,
  {
    minCandidateNodesPercentage = MIN_CANDIDATES_PERCENT,
    minCandidateNodesAbsolute = MIN_CANDIDATES,
  }: DefaultPreemptionArgs,
): { candidates: Candidate[]; refused: Rejections } {
  const promising = rejections.nodes.filter((_, i) => rejections.statuses[i]!.code === 'Unschedulable');
  const count = promising.length;
  const enough = Math.max(Math.trunc((count * minCandidateNodesPercentage) / 100), minCandidateNodesAbsolute);
  const offset = count === 0 ? 0 : handle.random.int(count);
  const candidates: Candidate[] = [];
  const nodes: NodeInfo[] = [];
  const statuses: Status[] = [];
  const budgets = handle.listers.podDisruptionBudgets();
  // Enough have been found when one of them violates no budget.
  let harmless = false;
  for (let i = 0; i < count && !(harmless && candidates.length >= enough); i++) {
    const node = promising[(offset + i) % count]!;
    const found = selectVictims(cycle, node, budgets, handle);
    if (!('code' in found)) {
      if (found.pods.length === 0) continue;
      candidates.push({ node, ...found });
      harmless ||= found.violations === 0;
      continue;
    }
    nodes.push(node);
    statuses.push(found);
  }
  return { candidates, refused: { total: rejections.total, nodes, statuses, absent: NOT_HELPFUL } };
}
