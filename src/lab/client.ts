/** The page's end of a lab: starts the worker, notices when it crashes or hangs, and starts it again. */
import * as Comlink from 'comlink';
import type { LabSetup } from './definition.ts';
import {
  parseFrame,
  type AppliedFile,
  type Completion,
  type Executed,
  type Frame,
  type InputEntry,
  type LabFile,
  type LabSession,
  type Locale,
  type ObjectView,
  type Revival,
  type SpanView,
  type SteppedEvent,
} from './protocol.ts';

/** The worker died under a call; the lab was started again. */
export class LabRestarted extends Error {
  constructor() {
    super('the cluster was started again; try once more');
    this.name = 'LabRestarted';
  }
}

export interface LabTrouble {
  /** An exception nobody caught, or no answer for too long. */
  readonly kind: 'crashed' | 'stuck';
  readonly detail: string;
  /**
   * `revived`: the cluster is back where its last frame was, paused. `fresh`: it could not be, and began anew.
   * `failed`: it does not start at all.
   */
  readonly outcome: 'revived' | 'fresh' | 'failed';
}

export interface LabEvents {
  onFrame(frame: Frame): void;
  onTrouble(trouble: LabTrouble): void;
}

/** What the client needs of a worker; the browser's Worker has it. */
export interface WorkerLike extends Comlink.Endpoint {
  terminate(): void;
}

const PING_EVERY_MS = 400;

/** An answer later than this means that the worker hangs; with the interval it is noticed within three seconds. */
const PING_LIMIT_MS = 2000;

/** On a machine that is busy or slow, answers have come late before: so many times as late still is no hanging. */
const PATIENCE = 20;

/** But nobody waits longer than this. */
const LONGEST_LIMIT_MS = 15_000;

/** How much of the memory of a late answer each timely one leaves. */
const FORGETTING = 0.9;

/** The first answer may take as long as the script takes to load. */
const FIRST_PING_LIMIT_MS = 30_000;

/** A timer this much too late says that the machine slept, not that the worker hangs. */
const SLEPT_MS = 1000;

interface Connection {
  readonly worker: WorkerLike;
  readonly api: Comlink.Remote<LabSession>;
  /** Rejects when the worker is given up. */
  readonly dead: Promise<never>;
  readonly give: (error: Error) => void;
  /** It has answered once: its script is loaded. */
  loaded: boolean;
  /** A frame has come: it runs. */
  drawn: boolean;
  /** How late answers come here, ms: the latest of them, slowly forgotten. */
  lateness: number;
  watchdog: ReturnType<typeof setTimeout> | undefined;
}

const startWorker = (): WorkerLike =>
  new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' });

/** A LabSession that lives in a worker of its own. */
export class LabClient implements LabSession {
  readonly #setup: LabSetup;
  readonly #locale: Locale;
  readonly #events: LabEvents;
  readonly #start: () => WorkerLike;
  #connection: Connection | undefined;
  #closed = false;
  #visible = true;
  #speed: number | undefined;
  #files: readonly LabFile[] = [];
  #inputs: InputEntry[] = [];
  #last: Frame | undefined;
  /** How the present worker was started: what to try when it does not live. */
  #attempt: 'first' | 'revived' | 'fresh' = 'first';

  constructor(setup: LabSetup, locale: Locale, events: LabEvents, start: () => WorkerLike = startWorker) {
    // Only what the session needs crosses to the worker.
    const { id, cluster, files, start: lines, steps } = setup;
    this.#setup = {
      id,
      cluster,
      files,
      start: lines,
      steps: steps.map((step) => ({ id: step.id, checks: step.checks })),
    };
    this.#locale = locale;
    this.#events = events;
    this.#start = start;
  }

  /** Starts the worker and the lab's cluster. */
  connect(): Promise<void> {
    return this.#connect();
  }

  open(): Promise<void> {
    return this.#connect();
  }

  subscribe(): Promise<void> {
    throw new Error('frames of a LabClient go to its onFrame');
  }

  ping(): Promise<void> {
    return this.#call((api) => api.ping());
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#giveUp(new Error('the lab was closed'));
    return Promise.resolve();
  }

  setFiles(files: readonly LabFile[]): Promise<void> {
    this.#files = files;
    return this.#call((api) => api.setFiles(files));
  }

  apply(files: readonly LabFile[]): Promise<readonly AppliedFile[]> {
    return this.#call((api) => api.apply(files));
  }

  reset(): Promise<void> {
    return this.#call((api) => api.reset());
  }

  pause(): Promise<void> {
    return this.#call((api) => api.pause());
  }

  resume(): Promise<void> {
    return this.#call((api) => api.resume());
  }

  setSpeed(speed: number): Promise<void> {
    this.#speed = speed;
    return this.#call((api) => api.setSpeed(speed));
  }

  stepEvent(): Promise<SteppedEvent | null> {
    return this.#call((api) => api.stepEvent());
  }

  stepRequest(): Promise<SteppedEvent | null> {
    return this.#call((api) => api.stepRequest());
  }

  viewRevision(revision: number | null): Promise<void> {
    return this.#call((api) => api.viewRevision(revision));
  }

  branchHere(): Promise<void> {
    return this.#call((api) => api.branchHere());
  }

  setVisible(visible: boolean): Promise<void> {
    this.#visible = visible;
    this.#watch();
    return this.#call((api) => api.setVisible(visible));
  }

  exec(line: string, onOutput: (text: string) => void | Promise<void>): Promise<Executed> {
    return this.#call((api) => api.exec(line, Comlink.proxy(onOutput)));
  }

  interrupt(): Promise<void> {
    return this.#call((api) => api.interrupt());
  }

  complete(line: string, cursor: number): Promise<Completion> {
    return this.#call((api) => api.complete(line, cursor));
  }

  object(key: string, revision?: number): Promise<ObjectView | null> {
    return this.#call((api) => api.object(key, revision));
  }

  span(id: number): Promise<SpanView | null> {
    return this.#call((api) => api.span(id));
  }

  async #connect(revival?: Revival): Promise<void> {
    const worker = this.#start();
    let give: (error: Error) => void = () => undefined;
    const dead = new Promise<never>((_resolve, reject) => (give = reject));
    // Nobody may be waiting when it dies.
    dead.catch(() => undefined);
    const connection: Connection = {
      worker,
      api: Comlink.wrap<LabSession>(worker),
      dead,
      give,
      loaded: false,
      drawn: false,
      lateness: 0,
      watchdog: undefined,
    };
    this.#connection = connection;
    worker.addEventListener('error', (event: Event) => {
      event.preventDefault();
      const detail = 'message' in event && typeof event.message === 'string' ? event.message : '';
      this.#trouble(connection, 'crashed', detail || 'the worker could not be loaded');
    });
    this.#watch();
    await this.#call(async (api) => {
      if (!this.#visible) await api.setVisible(false);
      await api.subscribe(Comlink.proxy((text: string) => this.#frame(connection, text)));
      await api.open(this.#setup, this.#locale, revival);
      if (this.#speed !== undefined) await api.setSpeed(this.#speed);
      if (this.#files.length > 0) await api.setFiles(this.#files);
    });
  }

  #frame(connection: Connection, text: string): void {
    if (connection !== this.#connection) return;
    connection.drawn = true;
    const frame = parseFrame(text);
    if (frame.resetSpans) this.#inputs = [];
    this.#inputs.push(...(frame.inputs ?? []));
    this.#last = frame;
    this.#events.onFrame(frame);
  }

  #call<T>(body: (api: Comlink.Remote<LabSession>) => Promise<T>): Promise<T> {
    const connection = this.#connection;
    if (!connection) return Promise.reject(new Error('the lab is not connected'));
    return Promise.race([body(connection.api), connection.dead]);
  }

  /** Asks the worker now and then whether it lives; not while it has nothing to do. */
  #watch(): void {
    const connection = this.#connection;
    if (!connection) return;
    clearTimeout(connection.watchdog);
    if (!this.#visible) return;
    const ask = (): void => {
      const asked = performance.now();
      const patient = Math.min(LONGEST_LIMIT_MS, Math.max(PING_LIMIT_MS, PATIENCE * connection.lateness));
      const limit = connection.loaded ? patient : FIRST_PING_LIMIT_MS;
      connection.watchdog = setTimeout(() => {
        if (performance.now() - asked > limit + SLEPT_MS) ask();
        else this.#trouble(connection, 'stuck', `no answer for ${Math.round(limit)} ms`);
      }, limit);
      const { watchdog } = connection;
      connection.api.ping().then(
        () => {
          // The first answer waited for the script.
          if (connection.loaded)
            connection.lateness = Math.max(performance.now() - asked, connection.lateness * FORGETTING);
          connection.loaded = true;
          if (connection.watchdog !== watchdog) return;
          clearTimeout(watchdog);
          connection.watchdog = setTimeout(ask, PING_EVERY_MS);
        },
        () => undefined,
      );
    };
    ask();
  }

  #giveUp(error: Error): void {
    const connection = this.#connection;
    if (!connection) return;
    this.#connection = undefined;
    clearTimeout(connection.watchdog);
    connection.worker.terminate();
    connection.give(error);
  }

  /** Starts again: where the last frame was if that works, from the beginning if not. */
  #trouble(connection: Connection, kind: LabTrouble['kind'], detail: string): void {
    if (this.#closed || connection !== this.#connection) return;
    const { drawn } = connection;
    this.#giveUp(new LabRestarted());
    const last = this.#last;
    const outcome = drawn && last ? 'revived' : this.#attempt === 'revived' ? 'fresh' : 'failed';
    this.#events.onTrouble({ kind, detail, outcome });
    if (outcome === 'failed') return;
    this.#attempt = outcome;
    if (outcome === 'fresh') this.#last = undefined;
    const revival =
      outcome === 'revived' && last ? { inputs: this.#inputs, executed: last.executed, now: last.now } : undefined;
    // A start that fails is trouble of its own.
    this.#connect(revival).catch(() => undefined);
  }
}

/** Starts a lab in a worker of its own. Frames come to `events.onFrame`. */
export function startLab(
  setup: LabSetup,
  locale: Locale,
  events: LabEvents,
): { client: LabClient; opened: Promise<void> } {
  const client = new LabClient(setup, locale, events);
  return { client, opened: client.connect() };
}
