import { assembleCluster } from '../cluster/assemble.ts';
import type { Cluster, ClusterParts } from '../cluster/cluster.ts';
import { ADMIN } from '../cluster/identities.ts';
import { hostClock, RealTimeDriver, type WallClock } from '../kernel/index.ts';
import type { KubectlConfig } from '../kubectl/index.ts';
import { applyFile } from './apply-file.ts';
import type { CheckBoard } from './checks.ts';
import type { LabSetup } from './definition.ts';
import { FrameWriter } from './frame-writer.ts';
import { Moments } from './moments.ts';
import { objectView } from './object-view.ts';
import type {
  AppliedFile,
  Completion,
  Executed,
  Frame,
  InputEntry,
  LabFile,
  LabMessage,
  LabSession,
  Locale,
  ObjectView,
  Revival,
  SpanView,
  SteppedEvent,
} from './protocol.ts';
import { Outlet } from './outlet.ts';
import { Run } from './run.ts';
import { spanView } from './span-view.ts';
import { applets } from './terminal/applets.ts';
import { componentProgram } from './terminal/component-program.ts';
import { completeLine } from './terminal/complete.ts';
import { loadKubectl } from './terminal/load-kubectl.ts';
import { interruptible, kubectlProgram } from './terminal/kubectl-program.ts';
import { Files, INTERRUPTED, textInput, type Program, type ProgramIo } from './terminal/program.ts';
import type { Shell } from './terminal/shell.ts';

/** The kinds and the programs of containers, a shell among them: a page loads them beside the cluster. */
const loadParts = () => import('../cluster/parts.ts');

/** What the cluster can start without; until it is there, nobody may ask anything of it. */
async function loadLibraries(): Promise<void> {
  const { provideLibraries } = await import('../cluster/libraries.ts');
  provideLibraries();
}

/** What a session needs of the thread it lives on. */
export interface SessionHost {
  readonly clock: WallClock;
  /** Calls back when the page can draw next. */
  nextFrame(draw: () => void): void;
}

/** A running clock is shown at least this often, wall milliseconds. */
const CLOCK_MS = 250;

/** Replays yield to calls from the page after this long, wall milliseconds. */
const SLICE_MS = 12;

/** Events that a cluster may need to come to rest at its start; it comes to rest after about thirty per node. */
const MAX_START = 100_000;

/** Events that "step one request" runs at most, when nobody asks the API server anything. */
const MAX_STEPS = 100_000;

const WORDS = {
  past: {
    en: 'You are looking at the past. Press "Continue from here" or "Back to now" first.\n',
    'zh-cn': '你正在查看过去。请先按“从此处继续”或“回到现在”。\n',
  },
} as const;

/** The checks of a lab; one without steps need not load what evaluates them. */
async function boardOf({ steps }: LabSetup): Promise<CheckBoard | undefined> {
  if (steps.length === 0) return undefined;
  const { CheckBoard: Board } = await import('./checks.ts');
  return new Board(steps);
}

/** Everything that belongs to one history of the cluster; a branch or a reset makes a new one. */
interface World {
  readonly cluster: Cluster;
  readonly run: Run;
  readonly moments: Moments;
  readonly writer: FrameWriter;
  readonly driver: RealTimeDriver;
  sentInputs: number;
  /** The last of the telling revisions that the page knows. */
  sentTelling: number;
  /** Whether the page was told to forget what it knew of another world. */
  announced: boolean;
}

/** A lab's session: one cluster, its time, its terminal and its views. */
export class Session implements LabSession {
  readonly #host: SessionHost;
  readonly #files = new Files();
  readonly #config: KubectlConfig = { namespace: 'default' };
  readonly #programs: Readonly<Record<string, Program>>;
  #setup: LabSetup | undefined;
  #locale: Locale = 'en';
  #world: World | undefined;
  #board: CheckBoard | undefined;
  /** Loaded at the first command: what only a typist needs does not delay the cluster. */
  #shell: Promise<Shell> | undefined;
  #abort = new AbortController();
  #listener: ((frame: string) => void | Promise<void>) | undefined;
  #paused = false;
  #visible = true;
  #speed = 1;
  /** The revision that the reader looks at; undefined for the present. */
  #viewed: number | undefined;
  /** Time stands still while a world is being replayed. */
  #replaying = false;
  /** Time stands still, too, until all that programs in the cluster may use is there. */
  #complete = false;
  #frameAsked = false;
  #frameSent = false;
  #parts: ClusterParts | undefined;
  #message: LabMessage | undefined;
  #lastState = '';

  constructor(host: SessionHost = { clock: hostClock, nextFrame: (draw) => void setTimeout(draw, 16) }) {
    this.#host = host;
    const kubectl = kubectlProgram(() => this.#open.run, this.#config);
    this.#programs = {
      ...applets,
      kubectl,
      k: kubectl,
      component: componentProgram(() => this.#open.run),
      date: (_args, io) => (io.stdout(this.#date()), 0),
      help: (_args, io) => this.#help(io.stdout),
    };
  }

  /** The cluster itself, for tests; undefined before `open`. */
  get cluster(): Cluster | undefined {
    return this.#world?.cluster;
  }

  /** The inputs so far. */
  get inputs(): readonly InputEntry[] {
    return this.#world?.run.log ?? [];
  }

  async open(setup: LabSetup, locale: Locale, revival?: Revival): Promise<void> {
    this.#setup = setup;
    this.#locale = locale;
    this.#speed = setup.cluster.speed;
    const [{ everything }, board] = await Promise.all([loadParts(), boardOf(setup)]);
    this.#parts = everything;
    this.#board = board;
    for (const { path, text } of setup.files) this.#files.write(path, text);
    if (!revival) return this.#begin();
    this.#paused = true;
    await this.#ready();
    this.#enter(await this.#replay(revival.inputs, revival.executed, revival.now));
  }

  subscribe(listener: (frame: string) => void | Promise<void>): Promise<void> {
    this.#listener = listener;
    if (this.#world) this.#world.announced = false;
    this.#touch();
    return Promise.resolve();
  }

  ping(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#listener = undefined;
    this.#leave();
    return Promise.resolve();
  }

  setFiles(files: readonly LabFile[]): Promise<void> {
    for (const { path, text } of files) this.#files.write(path, text);
    return Promise.resolve();
  }

  async apply(files: readonly LabFile[]): Promise<readonly AppliedFile[]> {
    await this.setFiles(files);
    await this.#ready();
    const past = this.#viewed !== undefined;
    const results: AppliedFile[] = [];
    for (const file of files) {
      if (past) results.push({ path: file.path, code: 1, stdout: '', stderr: WORDS.past[this.#locale], findings: [] });
      else results.push(await applyFile(file, this.#open.run, this.#config, this.#files));
    }
    this.#touch();
    return results;
  }

  async reset(): Promise<void> {
    this.#leave();
    this.#paused = false;
    this.#config.namespace = 'default';
    this.#shell = undefined;
    this.#board = await boardOf(this.#setup!);
    await this.#begin();
  }

  pause(): Promise<void> {
    this.#paused = true;
    return this.#follow();
  }

  resume(): Promise<void> {
    this.#paused = false;
    return this.#follow();
  }

  setSpeed(speed: number): Promise<void> {
    this.#speed = speed;
    if (this.#world) this.#world.driver.speed = speed;
    return this.#follow();
  }

  stepEvent(): Promise<SteppedEvent | null> {
    return this.#step(() => true);
  }

  stepRequest(): Promise<SteppedEvent | null> {
    let asked = false;
    const stop = this.#open.cluster.kernel.trace.listen(({ component }) => {
      if (component === 'kube-apiserver') asked = true;
    });
    return this.#step(() => asked).finally(stop);
  }

  viewRevision(revision: number | null): Promise<void> {
    const { moments } = this.#open;
    this.#viewed =
      revision === null ? undefined : Math.max(moments.first, Math.min(Math.round(revision), moments.last));
    return this.#follow();
  }

  async branchHere(): Promise<void> {
    if (this.#viewed === undefined) return;
    const { moments, run } = this.#open;
    const moment = moments.at(this.#viewed);
    const inputs = run.log.slice(0, moment.inputs);
    this.#leave();
    this.#board?.forgetAfter(moment.time);
    this.#enter(await this.#replay(inputs, moment.executed, moment.time));
    this.#say({ kind: 'notice', code: 'branched', text: `Continued from revision ${moment.revision}.` });
  }

  setVisible(visible: boolean): Promise<void> {
    this.#visible = visible;
    return this.#follow();
  }

  async exec(line: string, onOutput: (text: string) => void | Promise<void>): Promise<Executed> {
    const [shell] = await Promise.all([this.#loadShell(), this.#ready()]);
    if (shell.incomplete(line)) return { code: 0, incomplete: true };
    const outlet = new Outlet(onOutput);
    const abort = (this.#abort = new AbortController());
    let code = 1;
    try {
      if (this.#viewed !== undefined) outlet.write(WORDS.past[this.#locale]);
      else
        code = await interruptible(
          shell.run(
            line,
            this.#io((text) => outlet.write(text), abort.signal),
          ),
          abort.signal,
        );
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      code = INTERRUPTED;
    } finally {
      this.#touch();
    }
    await outlet.drained();
    return { code };
  }

  interrupt(): Promise<void> {
    this.#abort.abort();
    return Promise.resolve();
  }

  complete(line: string, cursor: number): Promise<Completion> {
    const { writer, cluster } = this.#open;
    return completeLine(line, cursor, {
      programs: Object.keys(this.#programs),
      files: this.#files,
      config: this.#config,
      kinds: cluster.kinds,
      objects: (kind) => writer.ofKind(kind),
      discover: (request) => cluster.apiserver.http({ ...request, user: ADMIN }),
    });
  }

  object(key: string, revision?: number): Promise<ObjectView | null> {
    const { etcd } = this.#open.cluster;
    return objectView(etcd, key, revision ?? this.#viewed ?? etcd.revision);
  }

  span(id: number): Promise<SpanView | null> {
    const { kernel, etcd } = this.#open.cluster;
    return spanView(kernel.trace, etcd, id);
  }

  get #open(): World {
    if (!this.#world) throw new Error('the session is not open yet: call open() first');
    return this.#world;
  }

  /** Starts a fresh history with the lab's own start commands. */
  async #begin(): Promise<void> {
    const world = this.#create();
    // Nodes join within a tenth of a second. A reader who presses Apply at once should find them there.
    for (let i = 0; i < MAX_START && !world.cluster.kernel.settled; i++) world.run.step();
    this.#enter(world);
    await this.#ready();
    // The reader's first Apply should find kubectl there.
    void loadKubectl();
    let output = '';
    const io = this.#io((text) => (output += text), this.#abort.signal);
    for (const line of this.#setup?.start ?? []) {
      const [name, ...args] = line.split(/\s+/);
      const code = await this.#programs[name!]?.(args, io);
      if (code !== 0) return this.#say({ kind: 'error', code: 'start-failed', text: `${line}: ${output}` });
    }
    this.#touch();
  }

  async #ready(): Promise<void> {
    if (this.#complete) return;
    await loadLibraries();
    this.#complete = true;
    await this.#follow();
  }

  #loadShell(): Promise<Shell> {
    return (this.#shell ??= import('./terminal/shell.ts').then(
      ({ Shell: Loaded }) => new Loaded(this.#programs, this.#files),
    ));
  }

  #io(onOutput: (text: string) => void, signal: AbortSignal): ProgramIo {
    const { run } = this.#open;
    return {
      stdin: textInput(''),
      stdout: onOutput,
      stderr: onOutput,
      files: this.#files,
      signal,
      sleep: (ms) => interruptible(run.sleep(ms), signal),
    };
  }

  #create(): World {
    const { nodes, seed, scheduler, addons, controllerManagers, inFlight } = this.#setup!.cluster;
    const spec = {
      seed,
      nodes,
      ...(scheduler ? { scheduler } : {}),
      ...(addons ? { addons } : {}),
      ...(controllerManagers ? { controllerManagers } : {}),
      ...(inFlight ? { inFlight } : {}),
    };
    const cluster = assembleCluster(spec, this.#parts!);
    const { clock } = this.#host;
    const guarded: WallClock = {
      now: () => clock.now(),
      defer: (slice, delayMs) =>
        clock.defer(() => {
          try {
            slice();
          } catch (error) {
            run.failed(error);
            driver.stop();
            void this.#follow();
          }
        }, delayMs),
    };
    const driver = new RealTimeDriver(
      cluster.kernel,
      { speed: this.#speed, onSlice: () => this.#sliced(driver, cluster) },
      guarded,
    );
    const run = new Run(cluster, () => driver.wake());
    run.failed = (error) => {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#say({ kind: 'error', code: 'component-failed', text });
    };
    const moments = new Moments(cluster, () => run.log.length);
    const writer = new FrameWriter(cluster);
    return { cluster, run, moments, driver, writer, sentInputs: 0, sentTelling: 0, announced: false };
  }

  /** As fast as it goes means: while there is something to do. At rest, hours of heartbeats would fly by. */
  #sliced(driver: RealTimeDriver, { kernel }: Cluster): void {
    const speed = this.#speed === Infinity && kernel.settled ? 1 : this.#speed;
    if (driver.speed !== speed) driver.speed = speed;
    this.#touch();
  }

  #enter(world: World): void {
    this.#world = world;
    this.#viewed = undefined;
    void this.#follow();
  }

  /** Gives up the present world: its commands end, its time stops. */
  #leave(): void {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#world?.driver.stop();
    this.#world?.writer.stop();
  }

  /** A world with the same history as the inputs made, up to an event. */
  async #replay(inputs: readonly InputEntry[], executed: number, now: number): Promise<World> {
    const world = this.#create();
    const { run, cluster } = world;
    const { clock } = this.#host;
    let sliceEnd = clock.now() + SLICE_MS;
    const runTo = async (target: number): Promise<void> => {
      while (cluster.kernel.executed < target && run.step()) {
        if (cluster.kernel.executed % 64 !== 0 || clock.now() < sliceEnd) continue;
        await new Promise<void>((resolve) => void clock.defer(resolve, 0));
        sliceEnd = clock.now() + SLICE_MS;
      }
    };
    this.#replaying = true;
    try {
      for (const entry of inputs) {
        await runTo(entry.executed);
        run.repeat(entry);
      }
      await runTo(executed);
      run.advance(executed, now);
    } finally {
      this.#replaying = false;
    }
    run.endStreams();
    return world;
  }

  async #step(until: () => boolean): Promise<SteppedEvent | null> {
    await this.#ready();
    const { run } = this.#open;
    this.#paused = true;
    this.#viewed = undefined;
    void this.#follow();
    let last: SteppedEvent | undefined;
    for (let i = 0; i < MAX_STEPS; i++) {
      const event = run.step();
      if (!event) break;
      last = { owner: event.owner, due: event.due };
      if (until()) break;
    }
    this.#touch();
    return last ?? null;
  }

  /** Lets time run or stand as pausing, looking at the past and being out of view have it. */
  #follow(): Promise<void> {
    const world = this.#world;
    if (!world) return Promise.resolve();
    if (this.#running) world.driver.start();
    else world.driver.stop();
    this.#touch();
    return Promise.resolve();
  }

  get #running(): boolean {
    return this.#complete && this.#visible && !this.#paused && !this.#replaying && this.#viewed === undefined;
  }

  #say(message: LabMessage): void {
    this.#message = message;
    this.#touch();
  }

  /** Asks for a frame: the next one drawn carries everything up to then. */
  #touch(): void {
    if (this.#frameAsked || !this.#listener || !this.#visible) return;
    this.#frameAsked = true;
    if (!this.#frameSent) this.#host.nextFrame(() => this.#draw());
  }

  #draw(): void {
    this.#frameAsked = false;
    const listener = this.#listener;
    const frame = this.#frame();
    if (!listener || !this.#visible || !frame) return this.#tick();
    this.#frameSent = true;
    const acknowledged = (): void => {
      this.#frameSent = false;
      if (this.#frameAsked) this.#host.nextFrame(() => this.#draw());
      else this.#tick();
    };
    Promise.resolve(listener(JSON.stringify(frame))).then(acknowledged, acknowledged);
  }

  /** Keeps the clock going on the page when nothing else happens. */
  #tick(): void {
    if (this.#running && this.#world) this.#host.clock.defer(() => this.#touch(), CLOCK_MS);
  }

  /** What changed since the frame before; undefined when nothing did. */
  #frame(): Frame | undefined {
    const world = this.#world;
    if (!world || this.#replaying) return undefined;
    const { cluster, moments, run } = world;
    const { kernel, etcd } = cluster;
    const fresh = !world.announced;
    if (fresh && world.writer.revision !== 0) world.writer.restart();
    const { writer } = world;
    const revision = this.#viewed ?? etcd.revision;
    const past = this.#viewed !== undefined;
    const shownTime = past ? moments.at(revision).time : kernel.now;
    const moved = fresh || writer.revision !== revision;
    const spans = writer.takeSpans();
    const { upserts, deletes, kinds } = writer.show(revision);
    this.#board?.spans(spans);
    if (moved || spans.length > 0) this.#board?.evaluate(writer, fresh ? undefined : kinds, shownTime, !past);
    const checks = fresh ? this.#board?.all() : this.#board?.takeChanges();
    const inputs = run.log.slice(fresh ? 0 : world.sentInputs);
    const telling = moments.tellingAfter(fresh ? 0 : world.sentTelling);
    const state = {
      now: kernel.now,
      epoch: kernel.epochMs,
      revision,
      shownTime,
      headRevision: etcd.revision,
      oldestRevision: moments.first,
      oldestTime: moments.at(moments.first).time,
      past,
      paused: this.#paused,
      // JSON has no Infinity; a number of this size says the same.
      speed: Math.min(this.#speed, Number.MAX_SAFE_INTEGER),
      settled: kernel.settled,
      executed: kernel.executed,
    };
    const message = this.#message;
    const stateText = JSON.stringify(state);
    if (!fresh && stateText === this.#lastState && !moved && spans.length === 0 && !checks && !message)
      return undefined;
    this.#lastState = stateText;
    this.#message = undefined;
    world.announced = true;
    world.sentInputs = run.log.length;
    world.sentTelling = telling.at(-1) ?? world.sentTelling;
    return {
      ...state,
      reset: fresh,
      resetSpans: fresh,
      upserts,
      deletes,
      spans,
      ...(checks ? { checks } : {}),
      ...(message ? { message } : {}),
      ...(telling.length > 0 ? { telling } : {}),
      ...(inputs.length > 0 ? { inputs } : {}),
    };
  }

  #date(): string {
    return `${new Date(this.#open.cluster.kernel.now).toUTCString()}\n`;
  }

  #help(write: (text: string) => void): number {
    write('kubectl (or k)    the cluster, as any other\n');
    write('component         lists, stops and starts the components of the cluster\n');
    write(`also              ${[...Object.keys(applets), 'clear', 'date', 'history'].sort().join(' ')}\n`);
    write('and pipes, redirections, here-documents, variables, $(...), for, while, if\n');
    return 0;
  }
}
