import type { Node, Pod } from '../../api/types.ts';
import { allocatableOf } from '../cache/allocatable.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { podRequests, type PodRequests } from '../cache/pod-requests.ts';
import { ScoreMemo } from '../cache/score-memo.ts';
import type { Plugin, PluginFactory } from '../framework/plugin.ts';
import { status, type Status } from '../framework/status.ts';
import { scoreBy, type ScoringStrategy } from './scoring-strategy.ts';

const NAME = 'NodeResourcesFit';

/** Which resources are left to others: an extender, say. */
export interface IgnoredResources {
  readonly names: ReadonlySet<string>;
  /** What stands before the slash. */
  readonly groups: ReadonlySet<string>;
}

/** Keeps Pods off nodes without room for their requests; of the others, prefers those with more left over. */
export const nodeResourcesFit = (): Plugin => fitWith({ type: 'LeastAllocated' });

/** The same with another preference, for a profile of one's own. */
export const nodeResourcesFitBy =
  (strategy: ScoringStrategy, ignored?: IgnoredResources): PluginFactory =>
  () =>
    fitWith(strategy, ignored);

function fitWith(strategy: ScoringStrategy, ignored?: IgnoredResources): Plugin {
  const memo = new ScoreMemo(scoreBy(strategy));
  return {
    name: NAME,
    filtersByNumbers: true,
    events: [
      { actions: ['AssignedPodDelete'] },
      { actions: ['PodScaleDown'], helps: (pod, event) => scaleDownHelps(pod, event.old as Pod, event.new as Pod) },
      {
        actions: ['NodeAdd', 'NodeAllocatable'],
        helps: (pod, event) => nodeHelps(pod, event.old as Node | undefined, event.new as Node),
      },
    ],
    filter(_cycle, { requests }, node) {
      const { columns: c, row } = node;
      // The common case first, without a thought about reasons.
      if (
        c.pods[row]! < c.allocatablePods[row]! &&
        (requests.milliCpu === 0 || requests.milliCpu <= c.allocatableMilliCpu[row]! - c.requestedMilliCpu[row]!) &&
        (requests.memory === 0 || requests.memory <= c.allocatableMemory[row]! - c.requestedMemory[row]!) &&
        requests.ephemeralStorage === 0 &&
        !requests.scalars
      ) {
        return undefined;
      }
      return shortage(requests, node, ignored);
    },
    score({ pod: { requests }, snapshot: { columns } }, nodes, scores) {
      memo.fill(columns, requests, nodes, scores);
    },
  };
}

/** One Status per combination of reasons: thousands of nodes can lack the same. */
const shortages = new Map<string, Status>();
const plainShortages: (Status | undefined)[] = [];

function shortageOf(reasons: readonly string[], unresolvable: boolean): Status {
  const key = `${unresolvable}|${reasons.join('|')}`;
  let found = shortages.get(key);
  if (!found) {
    found = status(unresolvable ? 'UnschedulableAndUnresolvable' : 'Unschedulable', NAME, ...reasons);
    shortages.set(key, found);
  }
  return found;
}

const PLAIN_REASONS = ['Too many pods', 'Insufficient cpu', 'Insufficient memory', 'Insufficient ephemeral-storage'];
const UNRESOLVABLE = 16;

/** What the node lacks; undefined when nothing. Unresolvable when even the empty node would lack it. */
function shortage(requests: PodRequests, node: NodeInfo, ignored?: IgnoredResources): Status | undefined {
  const { columns: c, row } = node;
  // What is short, as bits: the answer for each combination is made once.
  let short = c.pods[row]! >= c.allocatablePods[row]! ? 1 : 0;
  const { milliCpu, memory, ephemeralStorage } = requests;
  if (milliCpu > 0 && milliCpu > c.allocatableMilliCpu[row]! - c.requestedMilliCpu[row]!) {
    short |= milliCpu > c.allocatableMilliCpu[row]! ? 2 | UNRESOLVABLE : 2;
  }
  if (memory > 0 && memory > c.allocatableMemory[row]! - c.requestedMemory[row]!) {
    short |= memory > c.allocatableMemory[row]! ? 4 | UNRESOLVABLE : 4;
  }
  const storage = c.allocatableEphemeralStorage[row]!;
  if (ephemeralStorage > 0 && ephemeralStorage > storage - c.requestedEphemeralStorage[row]!) {
    short |= ephemeralStorage > storage ? 8 | UNRESOLVABLE : 8;
  }
  if (requests.scalars) return scalarShortage(requests.scalars, node, short, ignored);
  if (short === 0) return undefined;
  return (plainShortages[short] ??= shortageOf(plainReasons(short), short >= UNRESOLVABLE));
}

const plainReasons = (short: number): string[] => PLAIN_REASONS.filter((_, bit) => (short & (1 << bit)) !== 0);

const isIgnored = ({ names, groups }: IgnoredResources, resource: string): boolean =>
  names.has(resource) || groups.has(resource.slice(0, Math.max(resource.indexOf('/'), 0)));

function scalarShortage(
  wants: ReadonlyMap<string, number>,
  node: NodeInfo,
  short: number,
  ignored: IgnoredResources | undefined,
): Status | undefined {
  const reasons = plainReasons(short);
  let unresolvable = short >= UNRESOLVABLE;
  for (const [resource, wanted] of wants) {
    const allocatable = node.allocatableScalars?.get(resource) ?? 0;
    if (wanted === 0 || wanted <= allocatable - (node.requestedScalars?.get(resource) ?? 0)) continue;
    if (ignored && isIgnored(ignored, resource)) continue;
    reasons.push(`Insufficient ${resource}`);
    if (wanted > allocatable) unresolvable = true;
  }
  return reasons.length === 0 ? undefined : shortageOf(reasons, unresolvable);
}

/** Whether the node, empty, would have room, and is new or has more than before of something that the Pod wants. */
function nodeHelps({ requests }: PodInfo, old: Node | undefined, node: Node): boolean {
  const now = allocatableOf(node);
  const before = old && allocatableOf(old);
  let grew = !before || now.pods > before.pods;
  const check = (wanted: number, has: number, had: number): boolean => {
    if (wanted > 0 && has > had) grew = true;
    return wanted <= has;
  };
  let fits =
    now.pods > 0 &&
    check(requests.milliCpu, now.milliCpu, before?.milliCpu ?? 0) &&
    check(requests.memory, now.memory, before?.memory ?? 0) &&
    check(requests.ephemeralStorage, now.ephemeralStorage, before?.ephemeralStorage ?? 0);
  for (const [resource, wanted] of requests.scalars ?? []) {
    fits = check(wanted, now.scalars?.get(resource) ?? 0, before?.scalars?.get(resource) ?? 0) && fits;
  }
  return fits && grew;
}

/** Whether the waiting Pod itself wants less now, or a placed one gave up something that the Pod wants. */
function scaleDownHelps({ uid, requests: wants }: PodInfo, old: Pod, changed: Pod): boolean {
  if (changed.metadata.uid === uid) return true;
  if (!changed.spec.nodeName) return false;
  const before = podRequests(old.spec);
  const after = podRequests(changed.spec);
  return (
    (wants.milliCpu > 0 && after.milliCpu < before.milliCpu) ||
    (wants.memory > 0 && after.memory < before.memory) ||
    (wants.ephemeralStorage > 0 && after.ephemeralStorage < before.ephemeralStorage)
  );
}
