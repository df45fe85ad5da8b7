import type { NodeInfo } from '../cache/node-info.ts';
import type { PodRequests } from '../cache/pod-requests.ts';
import { ScoreMemo } from '../cache/score-memo.ts';
import { MAX_NODE_SCORE, type Plugin, type PluginFactory } from '../framework/plugin.ts';
import { SKIP } from '../framework/status.ts';

/**
 * Prefers nodes on which the Pod makes the use of their resources more even, CPU and memory unless others are given.
 * Evenness is 100 less the spread of the used shares in percent; the score is 75 where the Pod changes nothing, more
 * where it helps. Pods that request none of the resources are not scored: they would all flock to one node.
 */
export const balancedAllocation = (): Plugin => balanceOf(['cpu', 'memory']);

/** The same for other resources (NodeResourcesBalancedAllocationArgs.resources). */
export const balancedAllocationOf =
  (resources: readonly string[]): PluginFactory =>
  () =>
    balanceOf(resources);

function balanceOf(resources: readonly string[]): Plugin {
  const memo = new ScoreMemo((node, requests) => balance(resources, node, requests));
  return {
    name: 'NodeResourcesBalancedAllocation',
    preScore: ({ pod: { requests } }) =>
      resources.every((name) => requestOf(name, requests) === 0) ? SKIP : undefined,
    score({ pod: { requests }, snapshot: { columns } }, nodes, scores) {
      memo.fill(columns, requests, nodes, scores);
    },
  };
}

const HALF = MAX_NODE_SCORE / 2;

function requestOf(name: string, requests: PodRequests): number {
  switch (name) {
    case 'cpu':
      return requests.milliCpu;
    case 'memory':
      return requests.memory;
    case 'ephemeral-storage':
      return requests.ephemeralStorage;
    default:
      return requests.scalars?.get(name) ?? 0;
  }
}

/** What a node has of a resource, and what of it is requested already. */
function useOf(name: string, { columns: c, row, allocatableScalars, requestedScalars }: NodeInfo): [number, number] {
  switch (name) {
    case 'cpu':
      return [c.allocatableMilliCpu[row]!, c.requestedMilliCpu[row]!];
    case 'memory':
      return [c.allocatableMemory[row]!, c.requestedMemory[row]!];
    case 'ephemeral-storage':
      return [c.allocatableEphemeralStorage[row]!, c.requestedEphemeralStorage[row]!];
    default:
      return [allocatableScalars?.get(name) ?? 0, requestedScalars?.get(name) ?? 0];
  }
}

function balance(resources: readonly string[], node: NodeInfo, requests: PodRequests): number {
  const before: number[] = [];
  const after: number[] = [];
  for (const name of resources) {
    const [all, used] = useOf(name, node);
    const more = requestOf(name, requests);
    // What the node does not have, or an extended resource that the Pod does not want, tells nothing.
    if (all === 0 || (more === 0 && !isNative(name))) continue;
    before.push(Math.min(used / all, 1));
    after.push(Math.min((used + more) / all, 1));
  }
  return HALF + Math.trunc((HALF + evenness(after) - evenness(before)) / 2);
}

const isNative = (name: string): boolean => name === 'cpu' || name === 'memory' || name === 'ephemeral-storage';

/** 100 less the standard deviation of the shares. */
function evenness(shares: readonly number[]): number {
  if (shares.length < 2) return MAX_NODE_SCORE;
  let deviation: number;
  if (shares.length === 2) {
    deviation = Math.abs((shares[0]! - shares[1]!) / 2);
  } else {
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    deviation = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length);
  }
  return Math.floor((1 - deviation) * MAX_NODE_SCORE);
}
