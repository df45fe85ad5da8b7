import type { Kernel } from '../../kernel/index.ts';
import type {
  DnsAnswer,
  DnsQuestion,
  HttpMessage,
  HttpReply,
  NetworkOutcome,
  PodNetwork,
  Server,
  Target,
} from '../cni.ts';
import { Running, type Task, type Wait } from '../task.ts';
import type { DnsConfig } from './cri.ts';
import type { FileSystem } from './file-system.ts';
import type { ResourceUse } from './resource-use.ts';
import { isFatal, SIGNALS, type Signal } from './signal.ts';

/** A program: runs until it returns its exit code. */
export type Program = Task<number>;

/** What an executable does with its process. */
export type Main = (process: Process) => Program;

/** What the processes of one container share. */
export interface Machine {
  readonly kernel: Kernel;
  /** Lane of what the processes do. */
  readonly component: string;
  readonly hostname: string;
  readonly ip: string;
  readonly hostIps: readonly string[];
  readonly dns: DnsConfig;
  readonly files: FileSystem;
  readonly network: PodNetwork | undefined;
  /** The address that /etc/hosts has for a name. */
  hostAddress(name: string): string | undefined;
  readonly memoryLimit: number | undefined;
  /** What the container's processes have used together. */
  readonly use: ResourceUse;
  /** The program behind a command name, undefined when there is none. */
  executable(name: string): Main | undefined;
  /** Every process of the container. */
  processes(): Iterable<Process>;
  /** Sends a signal to a process of the container; false when there is none with that number. */
  signal(pid: number, signal: Signal): boolean;
  /** The kernel's out-of-memory killer takes the container. */
  outOfMemory(): void;
}

export interface ProcessIo {
  out(text: string): void;
  err(text: string): void;
}

export interface ProcessOptions {
  readonly pid: number;
  readonly argv: readonly string[];
  /** Becomes the process's own. */
  readonly env: Record<string, string>;
  readonly cwd: string;
  readonly io: ProcessIo;
  readonly user: number;
  readonly tty?: boolean;
}

const NO_SIGNALS: readonly Signal[] = [];

/** 128 plus the number of the signal that ended it. */
export const exitBySignal = (signal: Signal): number => 128 + SIGNALS[signal];

/**
 * A process in a container: a program with its arguments, environment, streams and signals. What it waits for
 * are system calls, used as `yield* process.sleep(1000)`.
 */
export class Process {
  readonly machine: Machine;
  readonly pid: number;
  readonly env: Record<string, string>;
  readonly user: number;
  /** Whether its standard streams are a terminal. */
  readonly tty: boolean;
  argv: readonly string[];
  readonly io: ProcessIo;
  cwd: string;
  #handled: readonly Signal[] = NO_SIGNALS;
  #pending: readonly Signal[] = NO_SIGNALS;
  #wake: (() => void) | undefined;
  #stdin = '';
  #stdinClosed = true;
  #ports: (() => void)[] | undefined;
  #children: Process[] | undefined;
  #running: Running<number> | undefined;
  #exited: ((code: number) => void) | undefined;
  #done = false;

  constructor(machine: Machine, { pid, argv, env, cwd, io, user, tty = false }: ProcessOptions) {
    this.machine = machine;
    this.pid = pid;
    this.argv = argv;
    this.env = env;
    this.cwd = cwd;
    this.io = io;
    this.user = user;
    this.tty = tty;
  }

  get alive(): boolean {
    return !this.#done;
  }

  /** This process and what it started. */
  *tree(): Generator<Process> {
    yield this;
    for (const child of this.#children ?? []) if (child.alive) yield* child.tree();
  }

  get now(): number {
    return this.machine.kernel.now;
  }

  /**
   * Runs a program, after the time that it takes to load; `exited` is called once, when it ends by itself or by
   * a signal.
   */
  start(main: Main, exited: (code: number) => void, loadMs = 0): void {
    this.#exited = exited;
    if (loadMs === 0) this.#run(main);
    else this.machine.kernel.after(loadMs, this.machine.component, () => this.#run(main));
  }

  #run(main: Main): void {
    if (this.#done) return;
    const running = new Running(main(this), (outcome) => {
      if ('error' in outcome) throw outcome.error;
      this.#end(outcome.value);
    });
    if (!running.finished) this.#running = running;
  }

  /** Delivers a signal, as kill(2): the first process of a container ignores what it does not handle. */
  kill(signal: Signal): void {
    if (this.#done) return;
    if (signal !== 'SIGKILL' && this.#handled.includes(signal)) {
      this.#pending = [...this.#pending, signal];
      this.#wake?.();
      return;
    }
    if (signal === 'SIGKILL' || (this.pid !== 1 && isFatal(signal))) this.#end(exitBySignal(signal));
  }

  // For programs

  out(text: string): void {
    this.io.out(text);
  }

  err(text: string): void {
    this.io.err(text);
  }

  /** From now on these signals are given to the program instead of ending it. */
  handle(...signals: readonly Signal[]): void {
    this.#handled = this.#handled.concat(signals.filter((signal) => !this.#handled.includes(signal)));
  }

  unhandle(signal: Signal): void {
    this.#handled = this.#handled.filter((other) => other !== signal);
  }

  /** A handled signal that arrived, if one did. */
  takeSignal(): Signal | undefined {
    const [signal, ...rest] = this.#pending;
    if (signal) this.#pending = rest;
    return signal;
  }

  /** Replaces the program, as execve(2): `yield* process.become(main, argv)` does not come back. */
  become(main: Main, argv: readonly string[]): Program {
    this.argv = argv;
    this.#handled = NO_SIGNALS;
    this.#pending = NO_SIGNALS;
    return main(this);
  }

  /** Waits until something happens to the process: a signal, input, or notify(). */
  *pause(): Task {
    if (this.#pending.length > 0) return;
    yield this.#untilWoken();
    this.#wake = undefined;
  }

  /** Ends a pause(). */
  notify(): void {
    this.#wake?.();
  }

  /** Waits for the next handled signal. */
  *signal(): Task<Signal> {
    for (;;) {
      const signal = this.takeSignal();
      if (signal) return signal;
      yield this.#untilWoken();
      this.#wake = undefined;
    }
  }

  *sleep(ms: number): Task {
    if (ms === Infinity) {
      yield () => undefined;
      return;
    }
    const { kernel, component } = this.machine;
    // What sleeps long, or loops, is a cluster at rest.
    yield (resume) => {
      const timer = kernel.after(ms, component, resume, { background: true });
      return () => timer.cancel();
    };
  }

  /** Opens a port of the Pod; false when it is taken. Closed when the process ends. */
  listen(port: number, server: Server, protocol: 'TCP' | 'UDP' = 'TCP'): boolean {
    const { network, ip } = this.machine;
    const close = network?.listen(ip, port, server, protocol);
    if (!close) return network === undefined;
    this.#ports = this.#ports ? [...this.#ports, close] : [close];
    return true;
  }

  closePorts(): void {
    for (const close of this.#ports ?? []) close();
    this.#ports = undefined;
  }

  *request(to: Target, message: HttpMessage, timeoutMs: number): Task<NetworkOutcome<HttpReply>> {
    return yield* this.#answer<NetworkOutcome<HttpReply>>((done) =>
      this.machine.network?.request(this.machine.ip, to, message, timeoutMs, done),
    );
  }

  *exchange(
    to: Target,
    data: string | undefined,
    timeoutMs: number,
    protocol: 'TCP' | 'UDP' = 'TCP',
  ): Task<NetworkOutcome<string>> {
    return yield* this.#answer<NetworkOutcome<string>>((done) =>
      this.machine.network?.exchange(this.machine.ip, to, data, timeoutMs, done, protocol),
    );
  }

  *query(server: string, question: DnsQuestion, timeoutMs: number): Task<NetworkOutcome<DnsAnswer>> {
    return yield* this.#answer<NetworkOutcome<DnsAnswer>>((done) =>
      this.machine.network?.query(this.machine.ip, server, question, timeoutMs, done),
    );
  }

  /** Text from standard input up to and with the next newline; undefined at its end. */
  *readLine(): Task<string | undefined> {
    for (;;) {
      const end = this.#stdin.indexOf('\n');
      if (end >= 0 || (this.#stdinClosed && this.#stdin)) {
        const line = end >= 0 ? this.#stdin.slice(0, end + 1) : this.#stdin;
        this.#stdin = this.#stdin.slice(line.length);
        return line;
      }
      if (this.#stdinClosed) return undefined;
      yield this.#untilWoken();
      this.#wake = undefined;
    }
  }

  /** Opens standard input, adds to it, or ends it with undefined. */
  feed(text: string | undefined): void {
    this.#stdinClosed = text === undefined;
    this.#stdin += text ?? '';
    this.#wake?.();
  }

  /** Starts another process beside this one; it dies with the container. */
  spawn(
    main: Main,
    options: Pick<ProcessOptions, 'argv' | 'io'> & { readonly env: Readonly<Record<string, string>> },
    exited: (code: number) => void,
  ): Process {
    const child = new Process(this.machine, {
      ...options,
      env: { ...options.env },
      pid: this.#nextPid(),
      cwd: this.cwd,
      user: this.user,
    });
    (this.#children ??= []).push(child);
    child.start(main, exited);
    return child;
  }

  /** Counts CPU time of something done in no time. */
  spend(cpuMs: number): void {
    this.machine.use.spend(cpuMs);
  }

  /** Works: uses CPU time, and is back when that is done. */
  *compute(cpuMs: number): Task {
    yield* this.sleep(this.machine.use.work(cpuMs, this.now));
  }

  /** Keeps cores busy for as long as it lives. */
  *burn(cores: number): Task {
    const { use, kernel } = this.machine;
    yield () => {
      use.burn(cores, kernel.now);
      return () => use.burn(-cores, kernel.now);
    };
  }

  /** Holds more memory, or less; false when it is more than the container may have, which is the end of it. */
  hold(bytes: number): boolean {
    const { use, memoryLimit = Infinity } = this.machine;
    use.memoryBytes += bytes;
    if (use.memoryBytes <= memoryLimit) return true;
    this.machine.outOfMemory();
    return false;
  }

  /** Uses more memory than the container may: the process does not come back from this. */
  *exhaustMemory(): Task {
    this.machine.outOfMemory();
    yield () => undefined;
  }

  #nextPid(): number {
    return this.pid + (this.#children?.length ?? 0) + 1;
  }

  #untilWoken(): Wait {
    return (resume) => {
      this.#wake = resume;
    };
  }

  *#answer<T>(start: (done: (outcome: T) => void) => (() => void) | undefined): Task<T> {
    let outcome: T | undefined;
    yield (resume) =>
      start((answer) => {
        outcome = answer;
        resume();
      });
    return outcome as T;
  }

  #end(code: number): void {
    if (this.#done) return;
    this.#done = true;
    this.#running?.cancel();
    this.closePorts();
    for (const child of this.#children ?? []) child.kill('SIGKILL');
    this.#exited?.(code);
  }
}
