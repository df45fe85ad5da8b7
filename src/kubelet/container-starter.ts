import { checkNonRoot, containerConfig } from './container-start.ts';
import { killContainer } from './container-killer.ts';
import { newestOf } from './container-status.ts';
import { containerEnvironment } from './environment.ts';
import { goDuration } from '../api/duration.ts';
import { HookError, runHook } from './hooks.ts';
import type { ContainerEvent } from './image-puller.ts';
import { taggedImage } from './image-reference.ts';
import { podTitle, type ContainerRef } from './names.ts';
import type { PodView } from './pod-view.ts';
import { RuntimeError, type ContainerInstance } from './runtime/cri.ts';
import type { PodVolumes } from './pod-volumes.ts';
import { StartError } from './start-error.ts';
import { call, type Done, type Task } from './task.ts';

/** What a start changed at the runtime, also when it failed in the end. */
export interface StartEffects {
  started: boolean;
  killed: boolean;
}

/**
 * Starts one container: back-off, image, configuration, create, start, postStart hook. Throws StartError with the
 * reason that the container waits for. `justKilled`: the instance that this sync stopped; it does not count for
 * the back-off, which was known before.
 */
export function* startContainer(
  view: PodView,
  ref: ContainerRef,
  volumes: PodVolumes,
  effects: StartEffects,
  justKilled: ContainerInstance | undefined,
): Task {
  const { runtime } = view.context;
  const event = view.eventOf(ref);
  checkBackOff(view, ref, justKilled, event);
  let instance: ContainerInstance;
  try {
    instance = yield* create(view, ref, volumes, event);
  } catch (error) {
    if (error instanceof StartError)
      event('Warning', 'Failed', `Error: ${isImageFailure(error) ? error.reason : error.message}`);
    throw error;
  }
  event('Normal', 'Created', 'Container created');
  effects.started = true;
  try {
    yield* orStartError<void>('RunContainerError', (done) => runtime.startContainer(instance.id, done));
  } catch (error) {
    if (error instanceof StartError) event('Warning', 'Failed', `Error: ${error.message}`);
    throw error;
  }
  event('Normal', 'Started', 'Container started');
  yield* postStart(view, ref, instance, effects);
}

function* create(
  view: PodView,
  ref: ContainerRef,
  volumes: PodVolumes,
  event: ContainerEvent,
): Task<ContainerInstance> {
  const { pod, context } = view;
  const { runtime, client, hostIps } = context;
  const image = yield* context.puller.ensure(pod, ref, event);
  const newest = newestOf(view.record, ref.container.name);
  const attempt = newest ? newest.config.attempt + 1 : (reportedRestarts(view, ref) ?? -1) + 1;
  checkNonRoot(pod, ref, image);
  const env = containerEnvironment(pod, ref, view.ips, {
    client,
    services: () => context.services(),
    node: () => context.node(),
    hostIps,
  });
  const config = containerConfig(pod, ref, attempt, image, taggedImage(ref.container.image ?? ''), env, volumes);
  const sandbox = view.record!.sandboxes[0]!;
  return yield* orStartError<ContainerInstance>('CreateContainerError', (done) =>
    runtime.createContainer(sandbox.id, config, done),
  );
}

function* postStart(view: PodView, ref: ContainerRef, instance: ContainerInstance, effects: StartEffects): Task {
  const hook = ref.container.lifecycle?.postStart;
  if (!hook) return;
  const { kernel, component, actors } = view.context;
  try {
    yield* runHook(hook, { kernel, component, actors, target: view.target(ref, instance) });
  } catch (error) {
    if (!(error instanceof HookError)) throw error;
    view.eventOf(ref)('Warning', 'FailedPostStartHook', 'PostStartHook failed');
    effects.killed = true;
    yield* killContainer(view, { ref, instance, message: 'FailedPostStartHook', graceSeconds: undefined });
    throw new StartError('PostStartHookError', error.message);
  }
}

function* orStartError<T>(reason: string, start: (done: Done<T>) => void): Task<T> {
  try {
    return yield* call<T>(start);
  } catch (error) {
    if (error instanceof RuntimeError) throw new StartError(reason, error.message);
    throw error;
  }
}

/** Restart counts survive in the API when the runtime has forgotten the container. */
function reportedRestarts({ pod }: PodView, { container }: ContainerRef): number | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find(
    ({ name, containerID }) => name === container.name && containerID,
  )?.restartCount;
}

/** Holds back a container that ended before; counted from the end of the newest instance that had ended when the sync began. */
function checkBackOff(
  view: PodView,
  { container: { name } }: ContainerRef,
  justKilled: ContainerInstance | undefined,
  event: ContainerEvent,
): void {
  const { restarts, kernel } = view.context;
  const ended = view.record?.containers.find(
    (instance) => instance.config.name === name && instance.state === 'exited' && instance !== justKilled,
  );
  if (!ended) return;
  const key = restartKey(view.uid, name);
  const remaining = restarts.remaining(key, ended.finishedAt, kernel.now);
  if (remaining === 0) {
    restarts.step(key, ended.finishedAt, kernel.now);
    return;
  }
  const title = podTitle(view.pod);
  event('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${title}`);
  const message = `back-off ${goDuration(restarts.delay(key))} restarting failed container=${name} pod=${title}`;
  throw new StartError('CrashLoopBackOff', message, remaining);
}

/** Under which a container's restarts are delayed. */
export const restartKey = (uid: string, container: string): string => `${uid}_${container}`;

/** What an image failure's event says is its reason, of other failures their message. */
const isImageFailure = ({ reason }: StartError): boolean => reason.includes('Image');
