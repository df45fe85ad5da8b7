/** Events that are neither run nor cancelled and are not background. */
export interface Pending {
  foreground: number;
}

/**
 * Something that will happen: what to run, for whom, when; ordered by (due, sequence). It is its own handle, since
 * there are many.
 */
export class ScheduledEvent {
  readonly due: number;
  readonly sequence: number;
  readonly owner: string;
  readonly background: boolean;
  /** Span in which the event was scheduled; it becomes the cause of whatever the event does. */
  readonly cause: number;
  /** Undefined once cancelled or run. */
  run: (() => void) | undefined;
  readonly #pending: Pending;

  constructor(
    due: number,
    sequence: number,
    owner: string,
    background: boolean,
    cause: number,
    run: () => void,
    pending: Pending,
  ) {
    this.due = due;
    this.sequence = sequence;
    this.owner = owner;
    this.background = background;
    this.cause = cause;
    this.run = run;
    this.#pending = pending;
    if (!background) pending.foreground++;
  }

  get active(): boolean {
    return this.run !== undefined;
  }

  /** Takes what is to be run, which then counts as done; undefined when there is nothing left to do. */
  take(): (() => void) | undefined {
    const { run } = this;
    if (run === undefined) return undefined;
    this.run = undefined;
    if (!this.background) this.#pending.foreground--;
    return run;
  }

  cancel(): void {
    this.take();
  }
}
