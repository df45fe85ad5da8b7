import { newestOf } from './container-status.ts';
import { runHook } from './hooks.ts';
import { containersOf, isSidecar } from './names.ts';
import type { PodView } from './pod-view.ts';
import type { Kill } from './sync-plan.ts';
import { all, call, Running, type Task } from './task.ts';

/** Seconds that a container always gets between SIGTERM and SIGKILL. */
const LEAST_GRACE_SECONDS = 2;

/**
 * Stops one container: event, preStop hook, SIGTERM, and SIGKILL at the end of the grace period. With `turn`, it is
 * announced at once and stopped when its turn comes.
 */
export function* killContainer(view: PodView, { ref, instance, message, graceSeconds }: Kill, turn?: () => Task): Task {
  const { kernel, runtime } = view.context;
  view.eventOf(ref)('Normal', 'Killing', message);
  const grace = (graceSeconds ?? view.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  const end = kernel.now + grace;
  if (turn) yield* turn();
  if (ref.container.lifecycle?.preStop && grace > 0 && instance.state === 'running')
    yield* preStop(view, { ref, instance }, end);
  const left = Math.max(end - kernel.now, LEAST_GRACE_SECONDS * 1000);
  yield* call<void>((done) => runtime.stopContainer(instance.id, left, done));
}

/** Runs the preStop hook to its end, or until the grace period is over. */
function* preStop(view: PodView, { ref, instance }: Pick<Kill, 'ref' | 'instance'>, end: number): Task {
  const { kernel, component, actors } = view.context;
  const failed = (): void => view.eventOf(ref)('Warning', 'FailedPreStopHook', 'PreStopHook failed');
  yield (resume) => {
    let over = false;
    const finish = (): void => {
      if (over) return;
      over = true;
      timer.cancel();
      resume();
    };
    const timer = kernel.after(end - kernel.now, component, () => {
      running.cancel();
      failed();
      finish();
    });
    const hook = runHook(ref.container.lifecycle!.preStop!, {
      kernel,
      component,
      actors,
      target: view.target(ref, instance),
    });
    const running = new Running(hook, (outcome) => {
      if ('error' in outcome) failed();
      finish();
    });
    return () => {
      running.cancel();
      timer.cancel();
    };
  };
}

/** Stops every container of a Pod at once, except that sidecars outlive the containers they serve. */
export function* killContainers(view: PodView, graceSeconds: number | undefined): Task {
  const { record } = view;
  const kills = containersOf(view.pod).flatMap((ref): Kill[] => {
    const instance = newestOf(record, ref.container.name);
    if (!instance || instance.state === 'exited') return [];
    return [{ ref, instance, message: `Stopping container ${ref.container.name}`, graceSeconds }];
  });
  let served = kills.filter(({ ref }) => !isSidecar(ref)).length;
  const waiting: (() => void)[] = [];
  yield* all(
    kills.map(function* (kill): Task {
      if (isSidecar(kill.ref)) {
        yield* killContainer(view, kill, function* () {
          if (served > 0) yield (resume) => void waiting.push(resume);
        });
        return;
      }
      yield* killContainer(view, kill);
      if (--served === 0) for (const resume of waiting.splice(0)) resume();
    }),
  );
}
