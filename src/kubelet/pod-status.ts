import { formatTime } from '../api/meta.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../api/types.ts';
import { containerStatus, type StatusSources } from './container-status.ts';
import { KUBELET_CONDITIONS, podConditions } from './pod-conditions.ts';
import { RESIZE_CONDITIONS } from './pod-resize.ts';
import { podPhase, type Phase } from './pod-phase.ts';
import type { PodRecord } from './runtime/cri.ts';

export interface PodStatusInput extends StatusSources {
  readonly pod: Pod;
  readonly record: PodRecord | undefined;
  readonly hostIps: readonly string[];
  readonly now: number;
  /** The Pod was stopped for good. */
  readonly terminal: boolean;
  /** The kubelet decided to fail the Pod: `DeadlineExceeded`, `Evicted`. */
  readonly verdict?: { readonly reason: string; readonly message: string } | undefined;
}

const byName = (a: ContainerStatus, b: ContainerStatus): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

const OWN_CONDITIONS: readonly string[] = [...KUBELET_CONDITIONS, ...RESIZE_CONDITIONS];

/** The status of a Pod as the kubelet sees it now; conditions of others are kept in front of its own. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, record, hostIps, now, terminal } = input;
  const { spec } = pod;
  const old = pod.status ?? {};
  const waiting = spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating';
  const inits = (spec.initContainers ?? []).map((container) =>
    containerStatus(pod, { container, list: 'initContainers' }, record, waiting, input),
  );
  const mains = spec.containers.map((container) =>
    containerStatus(pod, { container, list: 'containers' }, record, waiting, input),
  );
  if (mains.length > 1) mains.sort(byName);
  const ephemerals = (spec.ephemeralContainers ?? []).map((container) =>
    containerStatus(
      pod,
      { container: container as Container, list: 'ephemeralContainers' },
      record,
      'ContainerCreating',
      input,
    ),
  );
  const phase: Phase = input.verdict ? 'Failed' : podPhase(pod, inits, mains, terminal);
  const sandbox = record?.sandboxes[0];
  const ips = sandbox?.ready
    ? sandbox.config.hostNetwork
      ? hostIps
      : sandbox.ips
    : (old.podIPs?.map(({ ip }) => ip) ?? []);
  const sandboxReady = sandbox?.ready === true && ips.length > 0;
  const conditions = podConditions(pod, inits, mains, phase, sandboxReady, formatTime(now));
  const kept = old.conditions?.filter(({ type }) => !OWN_CONDITIONS.includes(type)) ?? [];
  const others = input.resize ? [...kept, ...input.resize.conditions] : kept;
  const { message = old.message, reason = old.reason } = input.verdict ?? {};
  // Field by field, in alphabetical order: this is made for every look at every Pod.
  const status: Record<string, unknown> = {
    conditions: others.length > 0 ? [...others, ...conditions] : conditions,
    containerStatuses: mains,
  };
  if (ephemerals.length > 0) status['ephemeralContainerStatuses'] = ephemerals;
  status['hostIP'] = hostIps[0] ?? '';
  status['hostIPs'] = listedIps(hostIps, old.hostIPs);
  if (inits.length > 0) status['initContainerStatuses'] = inits;
  if (message) status['message'] = message;
  if (pod.metadata.generation) status['observedGeneration'] = pod.metadata.generation;
  status['phase'] = phase;
  if (ips.length > 0) {
    status['podIP'] = ips[0]!;
    status['podIPs'] = listedIps(ips, old.podIPs);
  }
  status['qosClass'] = old.qosClass ?? 'BestEffort';
  if (reason) status['reason'] = reason;
  status['startTime'] = old.startTime ?? formatTime(now);
  return status as PodStatus;
}

/** The addresses as statuses list them; the old list if it says the same. */
function listedIps(ips: readonly string[], old: readonly { readonly ip: string }[] | undefined): readonly object[] {
  if (old?.length === ips.length && old.every(({ ip }, i) => ip === ips[i])) return old;
  return ips.map((ip) => ({ ip }));
}

/** The status of a Pod whose containers are gone and of which nothing more can be learnt: every container has an end. */
export function withEverythingTerminated(status: PodStatus): PodStatus {
  const end = (container: ContainerStatus): ContainerStatus =>
    container.state?.terminated
      ? container
      : {
          ...container,
          state: {
            terminated: {
              exitCode: 137,
              finishedAt: null as unknown as string,
              message: 'The container could not be located when the pod was terminated',
              reason: 'ContainerStatusUnknown',
              startedAt: null as unknown as string,
            },
          },
        };
  const terminal = status.phase === 'Succeeded' || status.phase === 'Failed';
  const initRan = status.initContainerStatuses?.some(({ state }) => state?.terminated) ?? false;
  return {
    ...status,
    containerStatuses: status.containerStatuses?.map(end) ?? [],
    ...(status.initContainerStatuses && !initRan
      ? { initContainerStatuses: status.initContainerStatuses.map(end) }
      : {}),
    phase: terminal ? status.phase! : 'Failed',
  };
}

const marked = (status: PodStatus, container: string, mark: Partial<ContainerStatus>): PodStatus => {
  const change = (statuses: ContainerStatus[] | undefined): ContainerStatus[] | undefined =>
    statuses?.map((one) => (one.name === container ? { ...one, ...mark } : one));
  const { containerStatuses, initContainerStatuses } = status;
  return {
    ...status,
    ...(containerStatuses ? { containerStatuses: change(containerStatuses)! } : {}),
    ...(initContainerStatuses ? { initContainerStatuses: change(initContainerStatuses)! } : {}),
  };
};

/** The status with one container marked as started; whether it is ready is for the next sync to say. */
export const withStarted = (status: PodStatus, container: string): PodStatus =>
  marked(status, container, { started: true });

/** The Pod's status with one container's readiness changed, and the conditions that follow from it; nothing else is looked at. */
export function withReadiness(pod: Pod, container: string, ready: boolean, now: number): PodStatus {
  const status = pod.status ?? {};
  const current = status.containerStatuses?.find(({ name }) => name === container);
  if (!current?.state?.running || current.ready === ready || !current.started) return status;
  const next = marked(status, container, { ready });
  const sandboxReady =
    status.conditions?.some(({ type, status: is }) => type === 'PodReadyToStartContainers' && is === 'True') ?? false;
  const phase = (status.phase ?? 'Pending') as Phase;
  const fresh = podConditions(
    pod,
    next.initContainerStatuses ?? [],
    next.containerStatuses ?? [],
    phase,
    sandboxReady,
    formatTime(now),
  );
  const changed = (type: string): boolean => type === 'Ready' || type === 'ContainersReady';
  return {
    ...next,
    conditions: (status.conditions ?? []).map((old) =>
      changed(old.type) ? (fresh.find(({ type }) => type === old.type) ?? old) : old,
    ),
  };
}
