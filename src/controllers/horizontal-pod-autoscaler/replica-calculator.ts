/**
 * How many replicas a metric asks for: the current number times the ratio of what is to what should be, unless that is
 * close enough to one. Pods without a measurement are taken to use what makes the step smaller.
 * https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#algorithm-details
 */
import type { Pod } from '../../api/types.ts';
import { isPodReady } from '../pods.ts';
import type { PodMetricsByName } from './metrics-client.ts';
import { groupPods } from './pod-groups.ts';

/** How far from one the ratio may be before anything is done: 0.1 is ten percent. */
export interface Tolerances {
  readonly scaleUp: number;
  readonly scaleDown: number;
}

/** What a metric asks for, and what it was, in thousandths. */
export interface Proposal {
  readonly replicas: number;
  readonly usage: number;
  /** Percent of what is requested. */
  readonly utilization?: number;
}

/** What Pods are measured against. */
export interface PodsInput {
  readonly currentReplicas: number;
  readonly tolerances: Tolerances;
  readonly pods: readonly Pod[];
  readonly nowMs: number;
}

const isWithin = ({ scaleUp, scaleDown }: Tolerances, ratio: number): boolean =>
  1 - scaleDown <= ratio && ratio <= 1 + scaleUp;

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/** What the Pods use on average, measured against a target. */
type Measure = (usage: ReadonlyMap<string, number>) => {
  readonly ratio: number;
  readonly proposal: Omit<Proposal, 'replicas'>;
};

/**
 * The part that utilizations and plain values have in common. `atTarget` is what a Pod nobody measured is taken to use
 * when fewer replicas are asked for.
 */
function fromPods(
  metrics: PodMetricsByName,
  resource: string | undefined,
  { currentReplicas, tolerances, pods, nowMs }: PodsInput,
  measure: Measure,
  atTarget: (pod: string) => number,
): Proposal {
  const { ready, unready, missing, ignored } = groupPods(pods, metrics, resource, nowMs);
  const usage = new Map<string, number>();
  for (const [name, { value }] of metrics) if (!unready.has(name) && !ignored.has(name)) usage.set(name, value);
  if (usage.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)');
  const { ratio, proposal } = measure(usage);
  const unreadyCount = unready.size > 0 && ratio > 1;
  const stay = { replicas: currentReplicas, ...proposal };
  if (!unreadyCount && missing.size === 0)
    return isWithin(tolerances, ratio) ? stay : { replicas: Math.ceil(ratio * ready), ...proposal };
  for (const name of missing) {
    if (ratio < 1) usage.set(name, atTarget(name));
    else if (ratio > 1) usage.set(name, 0);
  }
  if (unreadyCount) for (const name of unready) usage.set(name, 0);
  const careful = measure(usage).ratio;
  const turned = (ratio < 1 && careful > 1) || (ratio > 1 && careful < 1);
  if (isWithin(tolerances, careful) || turned) return stay;
  const replicas = Math.ceil(careful * usage.size);
  const wrongWay = (careful < 1 && replicas > currentReplicas) || (careful > 1 && replicas < currentReplicas);
  return wrongWay ? stay : { replicas, ...proposal };
}

function needPods({ pods }: PodsInput): void {
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
}

/** Replicas for a share of what the Pods request, in percent. */
export function forUtilization(
  metrics: PodMetricsByName,
  resource: string,
  targetPercent: number,
  requestsOf: () => ReadonlyMap<string, number>,
  input: PodsInput,
): Proposal {
  needPods(input);
  let requests: ReadonlyMap<string, number> | undefined;
  const requestOf = (name: string): number | undefined => (requests ??= requestsOf()).get(name);
  return fromPods(
    metrics,
    resource,
    input,
    (usage) => {
      const known = [...usage].filter(([name]) => requestOf(name) !== undefined);
      const requested = sum(known.map(([name]) => requestOf(name)!));
      if (requested === 0) throw new Error('no metrics returned matched known pods');
      const used = sum(known.map(([, value]) => value));
      const utilization = Math.trunc((used * 100) / requested);
      return { ratio: utilization / targetPercent, proposal: { utilization, usage: Math.trunc(used / known.length) } };
    },
    (name) => Math.trunc(((requestOf(name) ?? 0) * Math.max(100, targetPercent)) / 100),
  );
}

/** Replicas for an average over the Pods. */
export function forAverage(
  metrics: PodMetricsByName,
  resource: string | undefined,
  target: number,
  input: PodsInput,
): Proposal {
  needPods(input);
  return fromPods(
    metrics,
    resource,
    input,
    (values) => {
      const usage = Math.trunc(sum(values.values()) / values.size);
      return { ratio: usage / target, proposal: { usage } };
    },
    () => target,
  );
}

/** Replicas for one number that should have a value. With no replicas there is no ratio to keep: it says how many. */
export function forValue(usage: number, target: number, input: PodsInput): Proposal {
  const { currentReplicas, tolerances, pods } = input;
  const ratio = usage / target;
  if (currentReplicas === 0) return { replicas: Math.ceil(ratio), usage };
  if (isWithin(tolerances, ratio)) return { replicas: currentReplicas, usage };
  if (pods.length === 0)
    throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isPodReady(pod)).length;
  return { replicas: Math.min(Math.ceil(ratio * ready), MAX_INT32), usage };
}

const MAX_INT32 = 2 ** 31 - 1;

/** Replicas for one number of which each should have a share. */
export function forShare(usage: number, target: number, statusReplicas: number, tolerances: Tolerances): Proposal {
  const ratio = usage / (target * statusReplicas);
  return {
    replicas: isWithin(tolerances, ratio) ? statusReplicas : Math.ceil(usage / target),
    usage: Math.ceil(usage / statusReplicas),
  };
}
