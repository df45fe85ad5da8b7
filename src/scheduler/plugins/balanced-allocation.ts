import type { NodeInfo } from '../cache/node-info.ts';
import type { PodRequests } from '../cache/pod-requests.ts';
import { ScoreMemo } from '../cache/score-memo.ts';
import { MAX_NODE_SCORE, type Plugin } from '../framework/plugin.ts';
import { SKIP } from '../framework/status.ts';

/**
 * Prefers nodes on which the Pod makes the use of CPU and memory more even. Evenness is 100 less the spread of
 * the two used shares in percent; the score is 75 where the Pod changes nothing, more where it helps. Pods
 * without requests are not scored: they would all flock to one node.
 */
export const balancedAllocation = (): Plugin => {
  const memo = new ScoreMemo(balance);
  return {
    name: 'NodeResourcesBalancedAllocation',
    preScore: ({ pod: { requests } }) => (requests.milliCpu === 0 && requests.memory === 0 ? SKIP : undefined),
    score({ pod: { requests }, snapshot: { columns } }, nodes, scores) {
      memo.fill(columns, requests, nodes, scores);
    },
  };
};

const HALF = MAX_NODE_SCORE / 2;

function balance({ columns: c, row }: NodeInfo, requests: PodRequests): number {
  const cpu = c.requestedMilliCpu[row]!;
  const memory = c.requestedMemory[row]!;
  const allCpu = c.allocatableMilliCpu[row]!;
  const allMemory = c.allocatableMemory[row]!;
  const without = evenness(cpu, allCpu, memory, allMemory);
  const withPod = evenness(cpu + requests.milliCpu, allCpu, memory + requests.memory, allMemory);
  return HALF + Math.trunc((HALF + withPod - without) / 2);
}

/** A node that lacks one of the two altogether counts as even. */
function evenness(cpu: number, allCpu: number, memory: number, allMemory: number): number {
  if (allCpu === 0 || allMemory === 0) return MAX_NODE_SCORE;
  const deviation = Math.abs((Math.min(cpu / allCpu, 1) - Math.min(memory / allMemory, 1)) / 2);
  return Math.floor((1 - deviation) * MAX_NODE_SCORE);
}
