import type { Node, Pod } from '../api/types.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { MAX_NODE_SCORE } from './framework/plugin.ts';
import type { Candidate } from './preemption/pick-node.ts';
import { status, type Status } from './framework/status.ts';

/** Nodes that an extender turns away, each with its reason. */
export interface ExtenderVerdict {
  /** Eviction of Pods could help. */
  readonly failed?: ReadonlyMap<string, string>;
  readonly failedAndUnresolvable?: ReadonlyMap<string, string>;
}

/** The Pods that would have to go from a node, and how many of them a PodDisruptionBudget would rather keep. */
export interface ExtenderVictims {
  readonly pods: readonly Pod[];
  readonly violations: number;
}

/**
 * A second opinion from outside of the scheduler, asked after its plugins (a web hook of
 * KubeSchedulerConfiguration.extenders). What it throws fails the attempt, unless it is ignorable.
 */
export interface Extender {
  /** Multiplier of its scores; 1 unless given. */
  readonly weight?: number;
  readonly ignorable?: boolean;
  /** Only Pods that ask for one of these resources concern it; every Pod unless given. */
  readonly managedResources?: readonly string[];
  readonly filter?: (pod: Pod, nodes: readonly Node[]) => ExtenderVerdict;
  /** Scores, 0 … 10, by name of the node. What it throws is overlooked. */
  readonly prioritize?: (pod: Pod, nodes: readonly Node[]) => ReadonlyMap<string, number>;
  /** Which of the nodes on which room could be made may be taken, and at which cost. */
  readonly preempt?: (
    pod: Pod,
    candidates: ReadonlyMap<string, ExtenderVictims>,
  ) => ReadonlyMap<string, ExtenderVictims>;
  /** Binds in place of the plugins. */
  readonly bind?: (pod: Pod, nodeName: string) => void;
}

/** Stands among the plugins that have rejected a Pod; any event may change an extender's mind. */
export const EXTENDER = 'Extender';
const MAX_PRIORITY = 10;

const asks = ({ spec }: Pod, resources: readonly string[]): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources: wanted }) =>
    resources.some((name) => wanted?.requests?.[name] !== undefined || wanted?.limits?.[name] !== undefined),
  );

const isInterested = ({ managedResources }: Extender, pod: Pod): boolean =>
  managedResources === undefined || asks(pod, managedResources);

const objectsOf = (nodes: readonly NodeInfo[]): Node[] => nodes.map(({ node }) => node!);

/** Lets the extenders turn feasible nodes away, which it takes off the list; an error when one fails. */
export function filterByExtenders(
  extenders: readonly Extender[],
  { pod }: PodInfo,
  feasible: NodeInfo[],
  turnedAway: (node: NodeInfo, why: Status) => void,
): Status | undefined {
  for (const extender of extenders) {
    if (feasible.length === 0) return undefined;
    if (!extender.filter || !isInterested(extender, pod)) continue;
    try {
      const { failed, failedAndUnresolvable } = extender.filter(pod, objectsOf(feasible));
      const left = feasible.filter((node) => {
        const hopeless = failedAndUnresolvable?.get(node.name);
        const reason = hopeless ?? failed?.get(node.name);
        if (reason === undefined) return true;
        const code = hopeless === undefined ? 'Unschedulable' : 'UnschedulableAndUnresolvable';
        turnedAway(node, status(code, EXTENDER, reason));
        return false;
      });
      feasible.splice(0, feasible.length, ...left);
    } catch (error) {
      if (!extender.ignorable) return status('Error', EXTENDER, error instanceof Error ? error.message : String(error));
    }
  }
  return undefined;
}

/** Adds what the extenders think of the nodes to their totals. */
export function scoreByExtenders(
  extenders: readonly Extender[],
  { pod }: PodInfo,
  nodes: readonly NodeInfo[],
  totals: Float64Array,
): void {
  for (const extender of extenders) {
    if (!extender.prioritize || !isInterested(extender, pod)) continue;
    let scores: ReadonlyMap<string, number>;
    try {
      scores = extender.prioritize(pod, objectsOf(nodes));
    } catch {
      continue;
    }
    const factor = (extender.weight ?? 1) * (MAX_NODE_SCORE / MAX_PRIORITY);
    nodes.forEach(({ name }, i) => {
      const score = scores.get(name) ?? 0;
      if (Number.isFinite(score)) totals[i]! += score * factor;
    });
  }
}

/** Lets the extender that binds such Pods do so; undefined when there is none. */
export function bindByExtender(
  extenders: readonly Extender[],
  { pod }: PodInfo,
  nodeName: string,
): { readonly failure: Status | undefined } | undefined {
  const binder = extenders.find((extender) => extender.bind && isInterested(extender, pod));
  if (!binder) return undefined;
  try {
    binder.bind!(pod, nodeName);
    return { failure: undefined };
  } catch (error) {
    return { failure: status('Error', EXTENDER, error instanceof Error ? error.message : String(error)) };
  }
}

/** Leaves of the nodes on which room could be made those that the extenders agree with; an error when one fails. */
export function preemptByExtenders(
  extenders: readonly Extender[],
  { pod }: PodInfo,
  candidates: readonly Candidate[],
): readonly Candidate[] | Status {
  let left = candidates;
  for (const extender of extenders) {
    if (left.length === 0) break;
    if (!extender.preempt || !isInterested(extender, pod)) continue;
    try {
      const offered = left.map(({ node, pods, violations }) => [
        node.name,
        { pods: pods.map((victim) => victim.pod), violations },
      ]) as [string, ExtenderVictims][];
      const chosen = extender.preempt(pod, new Map(offered));
      left = left.flatMap((candidate) => {
        const victims = chosen.get(candidate.node.name);
        if (!victims) return [];
        const uids = new Set(victims.pods.map(({ metadata }) => metadata.uid));
        const pods = candidate.pods.filter(({ uid }) => uids.has(uid));
        return pods.length === 0 ? [] : { node: candidate.node, pods, violations: victims.violations };
      });
    } catch (error) {
      if (!extender.ignorable) return status('Error', EXTENDER, error instanceof Error ? error.message : String(error));
    }
  }
  return left;
}
