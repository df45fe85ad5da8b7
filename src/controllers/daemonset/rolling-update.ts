import type { DaemonSet, Pod } from '../../api/types.ts';
import { partOf } from '../part-of.ts';

/** What a rolling update asks of the next step. */
interface RollingStep {
  readonly podsToDelete: readonly Pod[];
  readonly nodesForSurge: readonly string[];
}

interface RollingInput {
  readonly set: DaemonSet;
  /** Nodes that shall have a Pod. */
  readonly desired: number;
  /** Pods that are not being deleted, by node; nodes whose Pods are all going are there with none. */
  readonly podsByNode: ReadonlyMap<string, readonly Pod[]>;
  readonly isUpdated: (pod: Pod) => boolean;
  readonly isAvailable: (pod: Pod) => boolean;
}

/** How many nodes may have a Pod above, and how many may have none, while an update runs. */
export function limits(
  { spec }: DaemonSet,
  desired: number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const { rollingUpdate } = spec.updateStrategy ?? {};
  const maxSurge = partOf(rollingUpdate?.maxSurge, desired, true);
  const maxUnavailable = partOf(rollingUpdate?.maxUnavailable, desired, true);
  // Something has to give.
  return { maxSurge, maxUnavailable: desired > 0 && maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** The old and the new Pod of a node; undefined when there are several of one sort. */
function pairOf(pods: readonly Pod[], isUpdated: (pod: Pod) => boolean): { fresh?: Pod; old?: Pod } | undefined {
  const fresh = pods.filter(isUpdated);
  const old = pods.filter((pod) => !isUpdated(pod));
  if (fresh.length > 1 || old.length > 1) return undefined;
  return { ...(fresh[0] ? { fresh: fresh[0] } : {}), ...(old[0] ? { old: old[0] } : {}) };
}

/** Which outdated Pods go next, and which nodes get a new Pod beside the old one. */
export function rollingStep(input: RollingInput): RollingStep {
  const { maxSurge, maxUnavailable } = limits(input.set, input.desired);
  return maxSurge > 0 ? surge(input, maxSurge) : replace(input, maxUnavailable);
}

function replace({ podsByNode, isUpdated, isAvailable }: RollingInput, maxUnavailable: number): RollingStep {
  let unavailable = 0;
  const atOnce: Pod[] = [];
  const candidates: Pod[] = [];
  for (const pods of podsByNode.values()) {
    const { fresh, old } = pairOf(pods, isUpdated) ?? {};
    if (fresh && !old) unavailable += isAvailable(fresh) ? 0 : 1;
    else if (!old || fresh) unavailable++;
    // A Pod that serves nobody can be replaced without anybody missing it.
    else if (!isAvailable(old)) atOnce.push(old);
    else candidates.push(old);
  }
  const allowed = Math.max(0, maxUnavailable - unavailable);
  return { podsToDelete: [...atOnce, ...candidates.slice(0, allowed)], nodesForSurge: [] };
}

function surge({ podsByNode, isUpdated, isAvailable }: RollingInput, maxSurge: number): RollingStep {
  let surging = 0;
  const podsToDelete: Pod[] = [];
  const atOnce: string[] = [];
  const candidates: string[] = [];
  for (const [node, pods] of podsByNode) {
    const pair = pairOf(pods, isUpdated);
    if (!pair) surging++;
    else if (!pair.old) continue;
    else if (!pair.fresh) (isAvailable(pair.old) ? candidates : atOnce).push(node);
    else if (isAvailable(pair.fresh)) podsToDelete.push(pair.old);
    else surging++;
  }
  return { podsToDelete, nodesForSurge: [...atOnce, ...candidates.slice(0, Math.max(0, maxSurge - surging))] };
}
