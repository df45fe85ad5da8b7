import type { Kernel } from '../../kernel/index.ts';
import type { PodNetwork } from '../cni.ts';
import type { ContainerLimits, DnsConfig, Sandbox } from './cri.ts';
import { FileSystem } from './file-system.ts';
import { ResourceUse } from './resource-use.ts';
import type { Machine, Main, Process } from './process.ts';
import type { Signal } from './signal.ts';
import type { Live, SimulatedRuntimeOptions } from './simulated-runtime.ts';

/** What the processes of one container see of the world. */
export class ContainerMachine implements Machine {
  readonly files: FileSystem;
  readonly ip: string;
  readonly #options: SimulatedRuntimeOptions;
  readonly #live: Live;
  readonly #sandbox: Sandbox;
  readonly #outOfMemory: () => void;

  constructor(options: SimulatedRuntimeOptions, live: Live, sandbox: Sandbox, outOfMemory: () => void) {
    this.#options = options;
    this.#live = live;
    this.#sandbox = sandbox;
    this.#outOfMemory = outOfMemory;
    this.files = new FileSystem(live.root, live.instance.config.mounts);
    this.ip = sandbox.config.hostNetwork ? (options.hostIps[0] ?? '') : (sandbox.ips[0] ?? '');
  }

  get kernel(): Kernel {
    return this.#options.kernel;
  }

  get component(): string {
    return this.#options.component;
  }

  get hostname(): string {
    return this.#sandbox.config.hostname;
  }

  get hostIps(): readonly string[] {
    return this.#options.hostIps;
  }

  get dns(): DnsConfig {
    return this.#sandbox.config.dns;
  }

  get network(): PodNetwork {
    return this.#options.network;
  }

  get memoryLimit(): number | undefined {
    return this.#limits.memoryLimit;
  }

  get #limits(): ContainerLimits {
    const { limits, config } = this.#live.instance;
    return limits ?? config;
  }

  get use(): ResourceUse {
    return (this.#live.use ??= new ResourceUse(this.#limits.cpuLimit));
  }

  hostAddress(name: string): string | undefined {
    const { hostname, hostAliases } = this.#sandbox.config;
    const alias = hostAliases?.find(({ hostnames }) => hostnames?.includes(name));
    if (alias) return alias.ip;
    if (name === hostname) return this.ip;
    return name === 'localhost' ? '127.0.0.1' : undefined;
  }

  executable(name: string): Main | undefined {
    const { executables } = this.#live.published.image;
    const base = name.slice(name.lastIndexOf('/') + 1);
    return Object.hasOwn(executables, base) ? executables[base] : undefined;
  }

  *processes(): Generator<Process> {
    const { process, execs } = this.#live;
    if (process) yield* process.tree();
    for (const exec of execs ?? []) yield* exec.tree();
  }

  signal(pid: number, signal: Signal): boolean {
    for (const process of [...this.processes()]) {
      if (process.pid !== pid) continue;
      process.kill(signal);
      return true;
    }
    return false;
  }

  outOfMemory(): void {
    this.#outOfMemory();
  }
}
