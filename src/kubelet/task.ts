/** Parks a task; the task goes on when `resume` is called. Returns what undoes the wait when the task is cancelled. */
export type Wait = (resume: () => void) => (() => void) | void;

/** Work that takes virtual time, written top to bottom: a generator that yields what it waits for. */
export type Task<T = void> = Generator<Wait, T, void>;

/** How something asynchronous ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: Error };
export type Done<T> = (outcome: Outcome<T>) => void;

/** Waits for a call that answers by callback; a call that answers at once does not suspend the task. Failures are thrown. */
export function* call<T>(start: (done: Done<T>) => (() => void) | void): Task<T> {
  let outcome: Outcome<T> | undefined;
  let resume: (() => void) | undefined;
  const cancel = start((result) => {
    outcome = result;
    resume?.();
  });
  if (!outcome) {
    yield (next) => {
      resume = next;
      return cancel;
    };
  }
  const result = outcome as Outcome<T> | undefined;
  if (!result) throw new Error('a waiting task was resumed without a result');
  if ('error' in result) throw result.error;
  return result.value;
}

/** A task under way. */
export class Running<T = void> {
  readonly #task: Task<T>;
  readonly #ended: Done<T>;
  #undo: (() => void) | undefined;
  #finished = false;

  /** Runs the task as far as it goes. `ended` is called once, also with what the task threw; never after cancel(). */
  constructor(task: Task<T>, ended: Done<T>) {
    this.#task = task;
    this.#ended = ended;
    this.#advance();
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Stops at the current wait; `finally` blocks of the task still run. */
  cancel(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#undo?.();
    this.#task.return(undefined as T);
  }

  #advance(): void {
    for (;;) {
      let step: IteratorResult<Wait, T>;
      try {
        step = this.#task.next();
      } catch (error) {
        this.#finished = true;
        this.#ended({ error: error instanceof Error ? error : new Error(String(error)) });
        return;
      }
      if (step.done) {
        this.#finished = true;
        this.#ended({ value: step.value });
        return;
      }
      let waiting = true;
      let parked = false;
      this.#undo =
        step.value(() => {
          if (!waiting || this.#finished) return;
          waiting = false;
          if (parked) this.#advance();
        }) ?? undefined;
      if (waiting) {
        parked = true;
        return;
      }
    }
  }
}

/** Runs both at once and waits for all of them; a failure does not stop the others and is thrown at the end. */
export function* all(tasks: readonly Task[]): Task {
  if (tasks.length === 0) return;
  let left = tasks.length;
  let failure: Error | undefined;
  yield (resume) => {
    const running = tasks.map(
      (task) =>
        new Running(task, (outcome) => {
          if ('error' in outcome) failure ??= outcome.error;
          if (--left === 0) resume();
        }),
    );
    return () => running.forEach((one) => one.cancel());
  };
  if (failure) throw failure;
}
