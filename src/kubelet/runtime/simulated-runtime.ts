import type { Kernel, Random, Timer } from '../../kernel/index.ts';
import { canonicalImage } from '../image-reference.ts';
import type { Cni, PodNetwork } from '../cni.ts';
import type { Done } from '../task.ts';
import {
  RuntimeError,
  type ContainerConfig,
  type ContainerInstance,
  type ContainerLimits,
  type ContainerRuntime,
  type ContainerStats,
  type ExecHandle,
  type ExecResult,
  type ExecStreams,
  type ImageInfo,
  type PodRecord,
  type Sandbox,
  type SandboxConfig,
} from './cri.ts';
import { ContainerMachine } from './container-machine.ts';
import { FileTree } from './file-tree.ts';
import type { ImageRegistry, PublishedImage } from './image-registry.ts';
import { ContainerLog } from './log.ts';
import { PodRecords } from './pod-records.ts';
import { exitBySignal, Process, type Machine } from './process.ts';
import type { ResourceUse } from './resource-use.ts';
import { PodFiles, rootFiles } from './root-files.ts';

export interface SimulatedRuntimeOptions {
  readonly kernel: Kernel;
  /** Lane of the runtime's work; the kubelet's of the same node. */
  readonly component: string;
  readonly registry: ImageRegistry;
  readonly cni: Cni;
  readonly network: PodNetwork;
  readonly hostIps: readonly string[];
  /** Images that are on the node from the start. */
  readonly preloaded?: readonly string[];
  readonly latency?: Partial<RuntimeLatency>;
}

/** How long the runtime's steps take, milliseconds: between half and one and a half times these. */
export interface RuntimeLatency {
  readonly sandboxMs: number;
  readonly createMs: number;
  readonly startMs: number;
  /** From a container's start to the first step of its program. */
  readonly loadMs: number;
  readonly stopSandboxMs: number;
  readonly execMs: number;
  /** Resolving a name in a registry, which every pull begins with. */
  readonly resolveMs: number;
  readonly downloadBytesPerMs: number;
}

const LATENCY: RuntimeLatency = {
  sandboxMs: 250,
  createMs: 50,
  startMs: 90,
  loadMs: 30,
  stopSandboxMs: 60,
  execMs: 80,
  resolveMs: 700,
  downloadBytesPerMs: 40_000,
};

/** What starting a process takes. */
const START_CPU_MS = 20;
const IDLE_MEMORY_BYTES = 2 * 1024 ** 2;

const HEX = '0123456789abcdef';
const ID_LENGTH = 64;
/** Longest termination message, characters; of a log its last lines. */
const MESSAGE_LENGTH = 4096;
const MESSAGE_LOG_LENGTH = 2048;
const MESSAGE_LOG_LINES = 80;

/** The running side of a container. */
export interface Live {
  readonly instance: ContainerInstance;
  readonly published: PublishedImage;
  readonly log: ContainerLog;
  readonly root: FileTree;
  machine: Machine | undefined;
  process: Process | undefined;
  execs: Set<Process> | undefined;
  waiters: (() => void)[] | undefined;
  pids: number;
  /** Counted from the first time that there is something to count. */
  use: ResourceUse | undefined;
}

/**
 * A container runtime over simulated images (containerd's part): sandboxes with an address from the network plugin,
 * containers whose processes are TypeScript programs, logs, exit codes, signals. Everything takes seeded virtual time.
 */
export class SimulatedRuntime implements ContainerRuntime {
  readonly name = 'containerd';
  readonly version = '2.1.9';
  readonly #options: SimulatedRuntimeOptions;
  readonly #latency: RuntimeLatency;
  readonly #random: Random;
  readonly #pods = new PodRecords();
  readonly #live = new Map<string, Live>();
  readonly #images = new Map<string, PublishedImage>();
  #exit: ((uid: string) => void) | undefined;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
    this.#latency = { ...LATENCY, ...options.latency };
    this.#random = options.kernel.random(`runtime/${options.component}`);
    for (const name of options.preloaded ?? []) this.#images.set(canonicalImage(name), options.registry.resolve(name));
  }

  pod(uid: string): PodRecord | undefined {
    return this.#pods.get(uid);
  }

  pods(): Iterable<PodRecord> {
    return this.#pods.all();
  }

  onExit(listener: ((uid: string) => void) | undefined): void {
    this.#exit = listener;
  }

  // Sandboxes

  runPodSandbox(config: SandboxConfig, done: Done<Sandbox>): void {
    this.#step('RunPodSandbox', this.#latency.sandboxMs, done, { pod: config.name }, () => {
      const id = this.#id();
      const { name, namespace, hostNetwork, podCidr } = config;
      const added = this.#options.cni.add({ id, name, namespace, hostNetwork, podCidr });
      if ('problem' in added) {
        throw new RuntimeError(`failed to setup network for sandbox "${id}": ${added.problem}`);
      }
      const { ips } = added;
      const sandbox: Sandbox = { id, config, createdAt: this.#options.kernel.now, ips, ready: true };
      this.#pods.addSandbox(sandbox);
      return sandbox;
    });
  }

  stopPodSandbox(id: string, done: Done<void>): void {
    this.#step('StopPodSandbox', this.#latency.stopSandboxMs, done, {}, () => this.#stopSandbox(id));
  }

  removePodSandbox(id: string): void {
    this.#stopSandbox(id);
    for (const { id: container, sandboxId } of this.#pods.podOfSandbox(id)?.containers ?? []) {
      if (sandboxId === id) this.#live.delete(container);
    }
    this.#pods.removeSandbox(id);
  }

  #stopSandbox(id: string): void {
    const sandbox = this.#pods.sandbox(id);
    if (!sandbox?.ready) return;
    for (const { id: container, sandboxId } of this.#pods.podOfSandbox(id)?.containers ?? []) {
      if (sandboxId === id) this.#live.get(container)?.process?.kill('SIGKILL');
    }
    sandbox.ready = false;
    this.#options.cni.del(id);
  }

  /** The machine loses power: every process is gone, what was written stays. */
  powerOff(): void {
    for (const record of [...this.#pods.all()]) for (const { id } of record.sandboxes) this.#stopSandbox(id);
  }

  // Images

  imageStatus(image: string): ImageInfo | undefined {
    return this.#images.get(canonicalImage(image))?.info;
  }

  images(): readonly ImageInfo[] {
    return [...new Set([...this.#images.values()].map(({ info }) => info))];
  }

  pullImage(image: string, done: Done<ImageInfo>): void {
    const canonical = canonicalImage(image);
    let published: PublishedImage | undefined;
    try {
      published = this.#options.registry.resolve(image);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#step('PullImage', this.#latency.resolveMs, done, { image }, () => {
        throw error;
      });
      return;
    }
    const { info } = published;
    const present = [...this.#images.values()].some((other) => other.info === info);
    const ms = this.#latency.resolveMs + (present ? 0 : info.sizeBytes / this.#latency.downloadBytesPerMs);
    this.#step('PullImage', ms, done, { image }, () => {
      this.#images.set(canonical, published);
      return info;
    });
  }

  // Containers

  createContainer(sandboxId: string, config: ContainerConfig, done: Done<ContainerInstance>): void {
    this.#step('CreateContainer', this.#latency.createMs, done, { container: config.name, image: config.image }, () => {
      const published = this.#images.get(canonicalImage(config.image));
      if (!published) throw new RuntimeError(`image "${config.image}" not found`, 'NotFound');
      const instance: ContainerInstance = {
        id: this.#id(),
        sandboxId,
        config,
        imageId: published.info.id,
        createdAt: this.#options.kernel.now,
        state: 'created',
        startedAt: 0,
        finishedAt: 0,
        exitCode: 0,
        signal: 0,
        reason: '',
        message: '',
      };
      this.#live.set(instance.id, {
        instance,
        published,
        log: new ContainerLog(this.#options.kernel),
        root: new FileTree(
          rootFiles(published.image),
          new PodFiles(this.#pods.sandbox(sandboxId)!, this.#options.hostIps),
        ),
        machine: undefined,
        process: undefined,
        execs: undefined,
        waiters: undefined,
        pids: 1,
        use: undefined,
      });
      for (const { id } of this.#pods.addContainer(instance)) this.#live.delete(id);
      return instance;
    });
  }

  startContainer(id: string, done: Done<void>): void {
    this.#step(
      'StartContainer',
      this.#latency.startMs,
      done,
      { container: this.#pods.container(id)?.config.name },
      () => {
        const live = this.#live.get(id);
        if (!live)
          throw new RuntimeError(`an error occurred when try to find container "${id}": not found`, 'NotFound');
        this.#run(live);
      },
    );
  }

  stopContainer(id: string, timeoutMs: number, done: Done<void>): void {
    const live = this.#live.get(id);
    const { kernel, component } = this.#options;
    if (!live || live.instance.state !== 'running') {
      if (live?.instance.state === 'created') this.#exited(live, 137, 'Error');
      done({ value: undefined });
      return;
    }
    const span = kernel.trace.start(component, 'StopContainer', { container: live.instance.config.name });
    let timer: Timer | undefined;
    (live.waiters ??= []).push(() => {
      timer?.cancel();
      kernel.trace.end(span, { exitCode: live.instance.exitCode });
      done({ value: undefined });
    });
    kernel.trace.within(span, () => {
      timer = kernel.after(timeoutMs, component, () => live.process?.kill('SIGKILL'));
      live.process?.kill(live.published.image.stopSignal ?? 'SIGTERM');
    });
  }

  removeContainer(id: string): void {
    this.#live.delete(id);
    this.#pods.removeContainer(id);
  }

  updateContainerResources(id: string, limits: ContainerLimits): void {
    const live = this.#live.get(id);
    if (!live) return;
    live.instance.limits = limits;
    live.use?.limit(limits.cpuLimit ?? Infinity, this.#options.kernel.now);
  }

  input(id: string, text: string | undefined): void {
    this.#live.get(id)?.process?.feed(text);
  }

  log(id: string): ContainerLog | undefined {
    return this.#live.get(id)?.log;
  }

  writtenBytes(id: string): number {
    return this.#live.get(id)?.root.written ?? 0;
  }

  containerStats(id: string): ContainerStats | undefined {
    const live = this.#live.get(id);
    if (live?.instance.state !== 'running') return undefined;
    const { use, published } = live;
    return {
      cpuMs: START_CPU_MS + (use?.cpuMs(this.#options.kernel.now) ?? 0),
      memoryBytes: (published.image.memoryBytes ?? IDLE_MEMORY_BYTES) + (use?.memoryBytes ?? 0),
    };
  }

  #run(live: Live): void {
    const { instance, published, log } = live;
    const { kernel } = this.#options;
    const { config } = instance;
    const { image } = published;
    const argv = (config.command ?? image.entrypoint ?? []).concat(
      config.args ?? (config.command ? [] : (image.cmd ?? [])),
    );
    const sandbox = this.#pods.sandbox(instance.sandboxId)!;
    const machine = (live.machine = new ContainerMachine(this.#options, live, sandbox, () => this.#outOfMemory(live)));
    const main = argv[0] === undefined ? undefined : machine.executable(argv[0]);
    if (!main) {
      const problem = argv[0]?.includes('/')
        ? `exec: "${argv[0]}": stat ${argv[0]}: no such file or directory`
        : `exec: "${argv[0] ?? ''}": executable file not found in $PATH`;
      const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${problem}`;
      instance.startedAt = 0;
      instance.message = message;
      this.#exited(live, 128, 'StartError');
      throw new RuntimeError(message);
    }
    instance.state = 'running';
    instance.startedAt = kernel.now;
    live.process = new Process(machine, {
      pid: 1,
      argv,
      env: this.#environment(live),
      cwd: config.workingDir ?? image.workingDir ?? '/',
      io: log,
      user: config.user ?? image.user ?? 0,
      ...(config.tty ? { tty: true } : {}),
    });
    if (config.stdin) live.process.feed('');
    const exited = (code: number): void => this.#exited(live, code, code === 0 ? 'Completed' : 'Error');
    live.process.start(main, exited, this.#spread(this.#latency.loadMs));
  }

  #environment({ instance, published }: Live): Record<string, string> {
    const { hostname } = this.#pods.sandbox(instance.sandboxId)!.config;
    return {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOSTNAME: hostname,
      ...published.env,
      HOME: '/root',
      ...instance.config.env,
    };
  }

  /** The kernel kills the container's processes for want of memory. */
  #outOfMemory(live: Live): void {
    const { kernel, component } = this.#options;
    live.instance.reason = 'OOMKilled';
    // Not from inside the process that asked for the memory: it is still running.
    kernel.after(0, component, () => live.process?.kill('SIGKILL'));
  }

  #exited(live: Live, code: number, reason: string): void {
    const { instance, log } = live;
    const { kernel } = this.#options;
    instance.state = 'exited';
    instance.exitCode = code;
    instance.signal = 0;
    instance.reason = instance.reason || reason;
    instance.finishedAt = kernel.now;
    log.close();
    instance.message ||= this.#terminationMessage(live, code);
    for (const process of live.execs ?? []) process.kill('SIGKILL');
    live.execs = undefined;
    live.process = undefined;
    live.machine = undefined;
    for (const waiter of live.waiters ?? []) waiter();
    live.waiters = undefined;
    const uid = this.#pods.podOfSandbox(instance.sandboxId)?.uid;
    if (uid) this.#exit?.(uid);
  }

  #terminationMessage({ instance: { config }, machine, log }: Live, code: number): string {
    const left = machine?.files.read(config.terminationMessagePath)?.text;
    if (left) return left.slice(0, MESSAGE_LENGTH);
    if (!config.messageFromLog || code === 0) return '';
    return log.lines
      .slice(-MESSAGE_LOG_LINES)
      .map(({ text }) => text)
      .join('')
      .slice(-MESSAGE_LOG_LENGTH);
  }

  // Commands in containers

  execSync(id: string, command: readonly string[], timeoutMs: number, done: Done<ExecResult>): () => void {
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const { kernel, component } = this.#options;
    let timer: Timer | undefined;
    const handle = this.exec(
      id,
      command,
      { stdout: (text) => (stdout += text), stderr: (text) => (stderr += text) },
      (outcome) => {
        timer?.cancel();
        if ('error' in outcome) done(outcome);
        else done({ value: { exitCode: outcome.value, stdout, stderr, timedOut } });
      },
    );
    handle.stdin(undefined);
    if (timeoutMs !== Infinity) {
      timer = kernel.after(timeoutMs, component, () => {
        timedOut = true;
        handle.kill();
      });
    }
    return () => {
      timer?.cancel();
      handle.kill();
    };
  }

  exec(id: string, command: readonly string[], streams: ExecStreams, done: Done<number>): ExecHandle {
    const { kernel, component } = this.#options;
    const fed: (string | undefined)[] = [];
    let process: Process | undefined;
    let killed = false;
    const finish = (code: number): void => {
      const live = this.#live.get(id);
      if (process) live?.execs?.delete(process);
      done({ value: code });
    };
    kernel.after(this.#spread(this.#latency.execMs), component, () => {
      const live = this.#live.get(id);
      if (killed) {
        finish(exitBySignal('SIGKILL'));
        return;
      }
      const machine = live?.machine;
      if (!live || !machine) {
        done({ error: new RuntimeError(`failed to exec in container: container is in CONTAINER_EXITED state`) });
        return;
      }
      const main = machine.executable(command[0] ?? '');
      if (!main) {
        const problem = `OCI runtime exec failed: exec failed: unable to start container process: exec: "${command[0] ?? ''}": executable file not found in $PATH`;
        done({ error: new RuntimeError(problem) });
        return;
      }
      process = new Process(machine, {
        pid: ++live.pids,
        argv: command,
        env: this.#environment(live),
        cwd: live.instance.config.workingDir ?? live.published.image.workingDir ?? '/',
        io: { out: (text) => streams.stdout(text), err: (text) => streams.stderr(text) },
        user: live.instance.config.user ?? 0,
        ...(streams.tty ? { tty: true } : {}),
      });
      (live.execs ??= new Set()).add(process);
      for (const text of fed) process.feed(text);
      process.start(main, finish);
    });
    return {
      stdin: (text) => (process ? process.feed(text) : fed.push(text)),
      kill: () => {
        killed = true;
        process?.kill('SIGKILL');
      },
    };
  }

  // Time and identity

  /** One CRI call: its work is done after some virtual time, inside a span of its own. */
  #step<T>(
    name: string,
    ms: number,
    done: Done<T>,
    attributes: Record<string, string | undefined>,
    work: () => T,
  ): void {
    const { kernel, component } = this.#options;
    const cause = kernel.trace.current;
    const span = kernel.trace.start(component, name, attributes);
    kernel.after(this.#spread(ms), component, () => {
      let value: T;
      try {
        value = kernel.trace.within(span, work);
      } catch (error) {
        if (!(error instanceof RuntimeError)) throw error;
        kernel.trace.end(span, { error: error.message });
        kernel.trace.within(cause, () => done({ error }));
        return;
      }
      kernel.trace.end(span);
      kernel.trace.within(cause, () => done({ value }));
    });
  }

  #spread(ms: number): number {
    return ms * (0.5 + this.#random.next());
  }

  #id(): string {
    return this.#random.string(ID_LENGTH, HEX);
  }
}
