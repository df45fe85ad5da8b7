import { parseTime } from '../../api/meta.ts';
import type { Pod } from '../../api/types.ts';
import { isPodReady, readySinceMs } from '../pods.ts';

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/** Later phases have more to lose. */
const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

/** All that the order depends on, worked out once per Pod. */
interface Candidate {
  readonly pod: Pod;
  readonly assigned: boolean;
  readonly phase: number;
  readonly ready: boolean;
  readonly cost: number;
  /** Active Pods of the same Deployment on the Pod's node. */
  readonly related: number;
  readonly readySinceMs: number;
  readonly restarts: number;
  readonly createdMs: number;
  /** The candidates on the Pod's node. */
  readonly crowd: number;
}

/**
 * Which Pods a ReplicaSet gives up first (controller.ActivePodsWithRanks): not assigned before assigned, pending
 * before running, not ready before ready, lower deletion cost, more Pods of the same Deployment on the node, ready
 * for a shorter time, more restarts, younger. Times are compared by their magnitude (powers of two), so that among
 * Pods of similar age the choice does not always fall on the youngest; there Kubernetes goes by the (random) uid, and
 * so do we, after preferring the fuller node.
 */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, nowMs: number): Pod[] {
  if (count >= pods.length) return [...pods];
  const relatedOn = countByNode(related);
  const crowdOn = countByNode(pods);
  return pods
    .map((pod) => candidate(pod, relatedOn, crowdOn))
    .sort((a, b) => compare(a, b, nowMs))
    .slice(0, count)
    .map(({ pod }) => pod);
}

function countByNode(pods: readonly Pod[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { spec } of pods) counts.set(spec.nodeName ?? '', (counts.get(spec.nodeName ?? '') ?? 0) + 1);
  return counts;
}

function candidate(pod: Pod, relatedOn: Map<string, number>, crowdOn: Map<string, number>): Candidate {
  const node = pod.spec.nodeName ?? '';
  const statuses = pod.status?.containerStatuses ?? [];
  return {
    pod,
    assigned: node !== '',
    phase: PHASE_RANK[pod.status?.phase ?? 'Pending'] ?? 0,
    ready: isPodReady(pod),
    cost: Number(pod.metadata.annotations?.[DELETION_COST] ?? 0) || 0,
    related: relatedOn.get(node) ?? 0,
    readySinceMs: readySinceMs(pod),
    restarts: statuses.reduce((most, { restartCount }) => Math.max(most, restartCount), 0),
    createdMs: parseTime(pod.metadata.creationTimestamp ?? ''),
    crowd: crowdOn.get(node) ?? 0,
  };
}

function compare(a: Candidate, b: Candidate, nowMs: number): number {
  return (
    Number(a.assigned) - Number(b.assigned) ||
    a.phase - b.phase ||
    Number(a.ready) - Number(b.ready) ||
    a.cost - b.cost ||
    b.related - a.related ||
    (a.ready ? compareAges(a.readySinceMs, b.readySinceMs, nowMs) : 0) ||
    b.restarts - a.restarts ||
    compareAges(a.createdMs, b.createdMs, nowMs) ||
    b.crowd - a.crowd ||
    (uid(a) < uid(b) ? -1 : 1)
  );
}

/**
 * Negative when `a` is younger, 0 when both ages are of one magnitude. The real one goes by uid at once when two times
 * differ and their magnitudes do not, and by what comes next when the times are the same; that is no order (three
 * Pods can each come before the next), so here the uid always comes last.
 */
function compareAges(aMs: number, bMs: number, nowMs: number): number {
  if (Number.isNaN(aMs) || Number.isNaN(bMs)) return Number(Number.isNaN(bMs)) - Number(Number.isNaN(aMs));
  return magnitude(nowMs - aMs) - magnitude(nowMs - bMs);
}

const magnitude = (ageMs: number): number => (ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1);

const uid = ({ pod }: Candidate): string => pod.metadata.uid ?? '';
