import type { Kernel } from '../kernel/index.ts';
import type { ContainerRuntime } from './runtime/cri.ts';

/** Counters of something that runs. */
export interface Counters {
  /** CPU time since its start, milliseconds of one core. */
  readonly cpuMs: number;
  /** The working set. */
  readonly memoryBytes: number;
}

export interface ContainerUsage extends Counters {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startedAtMs: number;
}

export interface PodUsage {
  readonly name: string;
  readonly namespace: string;
  readonly containers: readonly ContainerUsage[];
}

/** What a kubelet's /metrics/resource tells of its machine at one moment. */
export interface NodeStats {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly node: Counters;
  readonly pods: readonly PodUsage[];
}

/** What the system's own processes take: so many cores at rest, and more for every Pod that they look after. */
const SYSTEM_CORES = 0.05;
const SYSTEM_CORES_PER_POD = 0.002;
const SYSTEM_MEMORY_BYTES = 480 * 1024 ** 2;
const SYSTEM_MEMORY_PER_POD_BYTES = 3 * 1024 ** 2;

/**
 * Counts what the containers of a machine have used. What ended containers used stays with the machine, as in the
 * cgroup above theirs.
 */
export class StatsCounter {
  readonly #kernel: Kernel;
  readonly #runtime: ContainerRuntime;
  readonly #startedAtMs: number;
  #systemMs = 0;
  #countedAtMs: number;
  /** CPU time of containers when they were last seen, by id. */
  #seen = new Map<string, number>();
  #endedMs = 0;

  constructor(kernel: Kernel, runtime: ContainerRuntime) {
    this.#kernel = kernel;
    this.#runtime = runtime;
    this.#startedAtMs = this.#countedAtMs = kernel.now;
  }

  read(): NodeStats {
    const { now } = this.#kernel;
    const pods: PodUsage[] = [];
    const seen = new Map<string, number>();
    let cpuMs = 0;
    let memoryBytes = SYSTEM_MEMORY_BYTES;
    for (const { sandboxes, containers } of this.#runtime.pods()) {
      const used: ContainerUsage[] = [];
      for (const { id, config, startedAt } of containers) {
        const stats = this.#runtime.containerStats(id);
        if (!stats) continue;
        used.push({ name: config.name, startedAtMs: startedAt, ...stats });
        seen.set(id, stats.cpuMs);
        cpuMs += stats.cpuMs;
        memoryBytes += stats.memoryBytes;
      }
      const { name, namespace } = sandboxes[0]?.config ?? { name: '', namespace: '' };
      if (used.length === 0) continue;
      pods.push({ name, namespace, containers: used });
      memoryBytes += SYSTEM_MEMORY_PER_POD_BYTES;
    }
    for (const [id, before] of this.#seen) if (!seen.has(id)) this.#endedMs += before;
    this.#seen = seen;
    this.#systemMs += (SYSTEM_CORES + SYSTEM_CORES_PER_POD * pods.length) * (now - this.#countedAtMs);
    this.#countedAtMs = now;
    const node = { cpuMs: cpuMs + this.#endedMs + this.#systemMs, memoryBytes };
    return { atMs: now, startedAtMs: this.#startedAtMs, node, pods };
  }
}
