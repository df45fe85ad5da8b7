import type { Kernel } from '../kernel/index.ts';
import type { Container } from '../api/types.ts';
import { httpGet, type ActionTarget, type Actors } from './actions.ts';
import { podTitle } from './names.ts';
import type { ExecResult } from './runtime/cri.ts';
import { call, type Task } from './task.ts';

type Handler = NonNullable<NonNullable<Container['lifecycle']>['preStop']>;

/** A lifecycle hook that did not succeed; the message is what a container's status says of it. */
export class HookError extends Error {}

/** Hooks over HTTP give up after this. */
const HTTP_TIMEOUT_MS = 30_000;

export interface HookContext {
  readonly kernel: Kernel;
  readonly component: string;
  readonly actors: Actors;
  readonly target: ActionTarget;
}

/** Runs a lifecycle hook to its end; throws HookError. */
export function* runHook(handler: Handler, { kernel, component, actors, target }: HookContext): Task {
  const where = `for Container "${target.container.name}" in Pod "${podTitle(target.pod)}" failed - error:`;
  if (handler.exec) {
    const command = handler.exec.command ?? [];
    const result = yield* call<ExecResult>((done) =>
      actors.runtime.execSync(target.instance.id, command, Infinity, done),
    );
    if (result.exitCode === 0) return;
    throw new HookError(
      `Exec lifecycle hook (${`[${command.join(' ')}]`}) ${where} command '${command.join(' ')}' exited with ` +
        `${result.exitCode}: ${result.stderr}, message: ${JSON.stringify(result.stdout + result.stderr)}`,
    );
  }
  if (handler.httpGet) {
    const get = handler.httpGet;
    const answer = yield* call<{ ok: boolean; detail: string; status?: number }>((done) =>
      httpGet(actors, target, get, HTTP_TIMEOUT_MS, (result) => done({ value: result })),
    );
    if (answer.status !== undefined) return;
    throw new HookError(`HTTP lifecycle hook (${get.path ?? ''}) ${where} ${answer.detail}, message: ""`);
  }
  if (handler.sleep) {
    const ms = handler.sleep.seconds * 1000;
    yield (resume) => {
      const timer = kernel.after(ms, component, resume);
      return () => timer.cancel();
    };
  }
}
