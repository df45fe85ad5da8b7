import { keyOf } from '../../api/meta.ts';
import type { Pod, PodSpec } from '../../api/types.ts';
import { affinityTermsOf, type PodAffinityTerms } from './affinity-terms.ts';
import { hostPortsOf, type HostPort } from '../../api/core/host-ports.ts';
import { podRequests, type PodRequests } from './pod-requests.ts';

/** A Pod with what the scheduler reads of it over and over, computed once per set of containers. */
export interface PodInfo {
  readonly pod: Pod;
  /** namespace/name. */
  readonly key: string;
  readonly uid: string;
  readonly priority: number;
  /** When its kubelet started it, as text that sorts by time; one not started yet counts as started now. */
  readonly startTime: string;
  readonly requests: PodRequests;
  readonly hostPorts: readonly HostPort[];
  readonly affinity: PodAffinityTerms;
}

/** After any time. */
const NOT_YET = '~';

/** Whether two specs take the same from a node. Binding writes a new spec around the same containers. */
const sameUse = (a: PodSpec, b: PodSpec): boolean =>
  a === b ||
  (a.containers === b.containers &&
    a.initContainers === b.initContainers &&
    a.resources === b.resources &&
    a.overhead === b.overhead);

/** The info of a Pod; what it uses is taken over from `previous` where it is the same. */
export function podInfo(pod: Pod, previous?: PodInfo): PodInfo {
  const same = previous && sameUse(previous.pod.spec, pod.spec) ? previous : undefined;
  return {
    pod,
    key: previous?.key ?? keyOf(pod),
    uid: pod.metadata.uid ?? '',
    priority: pod.spec.priority ?? 0,
    startTime: (pod.status?.startTime as string | undefined) ?? NOT_YET,
    requests: same?.requests ?? podRequests(pod.spec),
    hostPorts: same?.hostPorts ?? hostPortsOf(pod.spec),
    affinity: previous && previous.pod.spec.affinity === pod.spec.affinity ? previous.affinity : affinityTermsOf(pod),
  };
}
