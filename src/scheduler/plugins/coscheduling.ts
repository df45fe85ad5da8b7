import type { Pod } from '../../api/types.ts';
import type { PodTally } from '../cache/pod-tally.ts';
import type { Cycle } from '../framework/cycle.ts';
import type { Handle, Plugin, PluginFactory } from '../framework/plugin.ts';
import { status } from '../framework/status.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';

const NAME = 'Coscheduling';
const GROUP = 'pod-group.scheduling.sigs.k8s.io/name';
const MIN_AVAILABLE = 'pod-group.scheduling.sigs.k8s.io/min-available';
/** How long Pods of a group hold their nodes for the others, unless told otherwise. */
const PERMIT_WAIT_MS = 60_000;
const WAIT = status('Wait', NAME);

/** A group of Pods of which so many run, or none. */
interface Group {
  /** namespace/name. */
  readonly key: string;
  readonly minAvailable: number;
}

/** The group of a Pod, as its labels say; undefined for Pods that go alone. */
function groupOf({ metadata: { namespace = '', labels } }: Pod): Group | undefined {
  const name = labels?.[GROUP];
  const minAvailable = Number(labels?.[MIN_AVAILABLE]);
  if (!name || !Number.isInteger(minAvailable) || minAvailable < 2) return undefined;
  return { key: `${namespace}/${name}`, minAvailable };
}

/** The Pods of a group that have a node, in the API or only here. */
const placed = ({ snapshot }: Cycle, { key }: Group, namespace: string): PodTally =>
  snapshot.index.tally({
    id: `group ${key}`,
    ...(namespace === '' ? {} : { namespace }),
    matches: ({ pod }) => groupOf(pod)?.key === key,
  });

/**
 * Gang scheduling for groups of Pods that are of no use one by one: a Pod waits outside the queue until enough of its
 * group are there, and each holds its node until enough of them have one. If they do not in time, all give theirs
 * back. Groups and their least numbers are labels of the Pods. It is no part of kube-scheduler: profiles have to
 * enable it, for queueSort in place of PrioritySort.
 * https://github.com/kubernetes-sigs/scheduler-plugins/tree/master/kep/2-lightweight-coscheduling
 */
export const coscheduling =
  (permitWaitMs = PERMIT_WAIT_MS): PluginFactory =>
  ({ listers, waitingPods }: Handle): Plugin => {
    /** When the first Pod of each group came: the group stays together in the queue. */
    const since = new Map<string, number>();
    const position = ({ info, timestamp }: QueuedPod): { readonly at: number; readonly key: string } => {
      const group = groupOf(info.pod);
      if (!group) return { at: timestamp, key: info.key };
      if (!since.has(group.key)) since.set(group.key, timestamp);
      return { at: since.get(group.key)!, key: group.key };
    };
    const waitingOf = ({ key }: Group) => waitingPods.list().filter(({ pod }) => groupOf(pod.pod)?.key === key);

    return {
      name: NAME,
      events: [
        {
          actions: ['UnassignedPodAdd', 'AssignedPodAdd', 'AssignedPodDelete', 'PodLabel'],
          helps({ pod }, { new: now, old }) {
            const other = (now ?? old) as Pod;
            return old !== undefined || groupOf(other)?.key === groupOf(pod)?.key;
          },
        },
      ],
      less(a, b) {
        const [first, second] = [position(a), position(b)];
        return (
          b.info.priority - a.info.priority ||
          first.at - second.at ||
          (first.key < second.key ? -1 : first.key > second.key ? 1 : 0)
        );
      },
      preEnqueue(pod) {
        const group = groupOf(pod);
        if (!group) return undefined;
        const there = listers.pods(pod.metadata.namespace ?? '').filter((other) => groupOf(other)?.key === group.key);
        // The Pod itself may be too new for the list.
        const others = there.filter(({ metadata }) => metadata.uid !== pod.metadata.uid).length;
        if (others + 1 >= group.minAvailable) return undefined;
        const text = `${others + 1} Pods of group ${group.key} are there, ${group.minAvailable} are needed`;
        return status('UnschedulableAndUnresolvable', NAME, text);
      },
      permit(cycle, { pod }) {
        const group = groupOf(pod);
        if (!group) return undefined;
        if (placed(cycle, group, pod.metadata.namespace ?? '').total < group.minAvailable) {
          return { status: WAIT, timeoutMs: permitWaitMs };
        }
        since.delete(group.key);
        for (const waiting of waitingOf(group)) waiting.allow(NAME);
        return undefined;
      },
      unreserve(_cycle, { pod, key }) {
        const group = groupOf(pod);
        if (!group) return;
        for (const waiting of waitingOf(group)) waiting.reject(NAME, `Pod ${key} of the same group has lost its node`);
      },
    };
  };
