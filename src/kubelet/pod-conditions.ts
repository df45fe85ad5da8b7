import { sharedText } from '../api/shared-text.ts';
import type { Container, ContainerStatus, Pod, PodCondition } from '../api/types.ts';
import { isSidecar } from './names.ts';
import type { Phase } from './pod-phase.ts';

type Draft = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/** The conditions that the kubelet owns, in the order in which it writes them. */
export const KUBELET_CONDITIONS: readonly string[] = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];

/** Go prints a list of names as `[a b]`. */
const listed = (names: readonly string[]): string => `[${names.join(' ')}]`;

function initialized(pod: Pod, initStatuses: readonly ContainerStatus[], started: boolean, phase: Phase): Draft {
  const type = 'Initialized';
  const inits = pod.spec.initContainers ?? [];
  if (phase === 'Succeeded' && inits.length === 0) return { type, status: 'True', reason: 'PodCompleted' };
  const incomplete = inits.filter((container, i) => {
    const status = initStatuses[i];
    if (!status) return true;
    return isSidecar({ container, list: 'initContainers' })
      ? !status.started && !status.state?.terminated
      : !status.ready;
  });
  if (phase === 'Succeeded' && incomplete.length === 0) return { type, status: 'True', reason: 'PodCompleted' };
  // Once the containers proper have run, initialization stays done.
  if (incomplete.length === 0 || started) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: ${listed(incomplete.map(({ name }) => name))}`,
  };
}

function containersReady(
  pod: Pod,
  inits: readonly ContainerStatus[],
  mains: readonly ContainerStatus[],
  phase: Phase,
): Draft {
  const type = 'ContainersReady';
  if (phase === 'Succeeded') return { type, status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { type, status: 'False', reason: 'PodFailed' };
  const isReady = (statuses: readonly ContainerStatus[], container: Container): boolean =>
    statuses.find(({ name }) => name === container.name)?.ready === true;
  const unready = pod.spec.containers.filter((container) => !isReady(mains, container));
  const sidecars = pod.spec.initContainers?.filter((container) => isSidecar({ container, list: 'initContainers' }));
  if (sidecars) unready.unshift(...sidecars.filter((container) => !isReady(inits, container)));
  if (unready.length === 0) return { type, status: 'True' };
  return {
    type,
    status: 'False',
    reason: 'ContainersNotReady',
    message: sharedText(`containers with unready status: ${listed(unready.map(({ name }) => name))}`),
  };
}

function ready(pod: Pod, containers: Draft): Draft {
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = pod.status?.conditions?.find(({ type }) => type === conditionType);
    if (!condition) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True') {
      messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
    }
  }
  if (messages.length === 0) return { type: 'Ready', status: 'True' };
  return { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', message: messages.join(', ') };
}

/**
 * The kubelet's conditions of a Pod. A condition that says what it said before keeps its transition time.
 * `time` is the current time as metav1.Time; `sandboxReady`: the sandbox runs and has its network.
 */
export function podConditions(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  phase: Phase,
  sandboxReady: boolean,
  time: string,
): PodCondition[] {
  const started = statuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated);
  const containers = containersReady(pod, initStatuses, statuses, phase);
  const drafts: Draft[] = [
    { type: 'PodReadyToStartContainers', status: sandboxReady ? 'True' : 'False' },
    initialized(pod, initStatuses, started, phase),
    ready(pod, containers),
    containers,
    { type: 'PodScheduled', status: 'True' },
  ];
  const old = pod.status?.conditions;
  const observedGeneration = pod.metadata.generation;
  return drafts.map(({ type, status, reason, message }) => {
    const before = old?.find((condition) => condition.type === type);
    const same = before?.status === status && before.lastTransitionTime !== undefined;
    if (
      same &&
      before.message === message &&
      before.reason === reason &&
      before.observedGeneration === observedGeneration
    ) {
      return before;
    }
    const lastTransitionTime = (same && before.lastTransitionTime) || time;
    const lastProbeTime = null as unknown as string;
    // In one piece, which most conditions are.
    if (!message && !reason && observedGeneration)
      return { lastProbeTime, lastTransitionTime, observedGeneration, status, type };
    return {
      lastProbeTime,
      lastTransitionTime,
      ...(message ? { message } : {}),
      ...(observedGeneration ? { observedGeneration } : {}),
      ...(reason ? { reason } : {}),
      status,
      type,
    };
  });
}
