import type { NodeInfo } from '../cache/node-info.ts';
import type { PodRequests } from '../cache/pod-requests.ts';
import { MAX_NODE_SCORE } from '../framework/plugin.ts';

/** A resource that a strategy looks at, and how much it counts. */
export interface ScoredResource {
  readonly name: string;
  readonly weight: number;
}

/** NodeResourcesFitArgs.scoringStrategy: CPU and memory alike unless `resources` says otherwise. */
export type ScoringStrategy =
  | { readonly type: 'LeastAllocated' | 'MostAllocated'; readonly resources?: readonly ScoredResource[] }
  | {
      readonly type: 'RequestedToCapacityRatio';
      readonly resources?: readonly ScoredResource[];
      /** Utilization in percent to score, 0 … 10; in order of utilization, linear in between. */
      readonly shape: readonly { readonly utilization: number; readonly score: number }[];
    };

/** What a node gets for one resource: 0 … MAX_NODE_SCORE. */
type ResourceScore = (requested: number, allocatable: number) => number;

const CPU_AND_MEMORY: readonly ScoredResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** The best score in a shape. */
const MAX_SHAPE_SCORE = 10;

const share = (part: number, whole: number): number => Math.floor((part * MAX_NODE_SCORE) / whole);

const leastAllocated: ResourceScore = (requested, allocatable) =>
  requested > allocatable ? 0 : share(allocatable - requested, allocatable);

const mostAllocated: ResourceScore = (requested, allocatable) => share(Math.min(requested, allocatable), allocatable);

function byShape(points: readonly { readonly utilization: number; readonly score: number }[]): ResourceScore {
  const scale = MAX_NODE_SCORE / MAX_SHAPE_SCORE;
  const shape = points.map(({ utilization, score }) => ({ utilization, score: score * scale }));
  return (requested, allocatable) => {
    const used = requested > allocatable ? 100 : share(requested, allocatable);
    const next = shape.findIndex(({ utilization }) => used <= utilization);
    if (next < 0) return shape.at(-1)?.score ?? 0;
    const to = shape[next]!;
    const from = shape[next - 1];
    if (!from) return to.score;
    const rise = (to.score - from.score) * (used - from.utilization);
    return from.score + Math.trunc(rise / (to.utilization - from.utilization));
  };
}

/** What the node has of a resource, and what will be requested of it with the Pod there. */
function amounts(name: string, node: NodeInfo, requests: PodRequests): readonly [number, number] {
  const { columns: c, row } = node;
  switch (name) {
    case 'cpu':
      return [c.allocatableMilliCpu[row]!, c.nonZeroMilliCpu[row]! + requests.nonZeroMilliCpu];
    case 'memory':
      return [c.allocatableMemory[row]!, c.nonZeroMemory[row]! + requests.nonZeroMemory];
    case 'ephemeral-storage':
      return [c.allocatableEphemeralStorage[row]!, c.requestedEphemeralStorage[row]! + requests.ephemeralStorage];
    default: {
      // A Pod does not care for extended resources that it does not ask for.
      const wanted = requests.scalars?.get(name) ?? 0;
      if (wanted === 0) return [0, 0];
      return [node.allocatableScalars?.get(name) ?? 0, (node.requestedScalars?.get(name) ?? 0) + wanted];
    }
  }
}

/** The score of a node by a strategy: the weighted mean over the resources that the node has. */
export function scoreBy(strategy: ScoringStrategy): (node: NodeInfo, requests: PodRequests) => number {
  const { type, resources = CPU_AND_MEMORY } = strategy;
  const byRatio = type === 'RequestedToCapacityRatio';
  const scoreOf = byRatio ? byShape(strategy.shape) : type === 'MostAllocated' ? mostAllocated : leastAllocated;
  return (node, requests) => {
    let sum = 0;
    let weights = 0;
    for (const { name, weight } of resources) {
      const [allocatable, requested] = amounts(name, node, requests);
      if (allocatable === 0) continue;
      const score = scoreOf(requested, allocatable);
      if (byRatio && score <= 0) continue;
      sum += score * weight;
      weights += weight;
    }
    if (weights === 0) return 0;
    return byRatio ? Math.round(sum / weights) : Math.floor(sum / weights);
  };
}
