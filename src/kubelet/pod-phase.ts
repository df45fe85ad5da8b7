import type { ContainerStatus, Pod } from '../api/types.ts';
import { isSidecar } from './names.ts';
import { restartsAfter } from './restart-policy.ts';

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

/**
 * The phase of a Pod from the states of its containers (kubelet's getPhase).
 * `terminal`: the kubelet has stopped the Pod for good and nothing will be restarted.
 */
export function podPhase(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  terminal: boolean,
): Phase {
  let pendingInit = 0;
  let failedInit = 0;
  /** An init container failed for good. */
  let lost = false;
  (pod.spec.initContainers ?? []).forEach((container, i) => {
    const state = initStatuses[i]?.state;
    if (isSidecar({ container, list: 'initContainers' })) {
      if (!initStatuses[i]?.started && !state?.terminated) pendingInit++;
      return;
    }
    if (state?.terminated) {
      if (state.terminated.exitCode === 0) return;
      failedInit++;
      lost ||= !restartsAfter(pod, { container, list: 'initContainers' }, state.terminated.exitCode);
    } else if (state?.waiting && initStatuses[i]?.lastState?.terminated?.exitCode === 0) {
      return;
    } else pendingInit++;
  });
  if (lost) return 'Failed';

  let waiting = 0;
  let running = 0;
  let stopped = 0;
  let succeeded = 0;
  let restarting = false;
  for (const container of pod.spec.containers) {
    const status = statuses.find(({ name }) => name === container.name);
    if (status?.state?.running) running++;
    else if (status?.state?.terminated) {
      stopped++;
      const { exitCode } = status.state.terminated;
      if (exitCode === 0) succeeded++;
      restarting ||= restartsAfter(pod, { container, list: 'containers' }, exitCode);
    } else if (status?.lastState?.terminated) {
      stopped++;
      restarting = true;
    } else waiting++;
  }
  const initialized = running > 0 || stopped > 0;
  if ((pendingInit > 0 || failedInit > 0) && !initialized) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (stopped === 0) return 'Pending';
  if (!terminal && restarting) return 'Running';
  return stopped === succeeded ? 'Succeeded' : 'Failed';
}
