/** Counters of something that runs, as a kubelet tells them. */
interface Counters {
  /** CPU time since its start, milliseconds of one core. */
  readonly cpuMs: number;
  readonly memoryBytes: number;
}

/** What a machine and its containers have used by one moment. */
export interface NodeSample {
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly node: Counters;
  readonly pods: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly containers: readonly (Counters & { readonly name: string; readonly startedAtMs: number })[];
  }[];
}

/** What was used on average between two moments. */
export interface Usage {
  readonly atMs: number;
  readonly windowMs: number;
  readonly cores: number;
  readonly memoryBytes: number;
}

interface Point extends Counters {
  readonly atMs: number;
  readonly startedAtMs: number;
}

/** The two newest counts of one thing. */
interface Pair {
  readonly last: Point;
  readonly previous?: Point;
}

/** A container that was counted only once is good for a metric if it has run for this long. */
const FRESH_MS = 10_000;

function next(pair: Pair | undefined, point: Point, resolutionMs: number): Pair {
  const { last, previous } = pair ?? {};
  // The counters begin anew with every start.
  if (last && last.startedAtMs === point.startedAtMs)
    return point.atMs > last.atMs ? { last: point, previous: last } : { last, ...(previous ? { previous } : {}) };
  const age = point.atMs - point.startedAtMs;
  if (age < FRESH_MS || age >= resolutionMs) return { last: point };
  const { startedAtMs } = point;
  return { last: point, previous: { atMs: startedAtMs, startedAtMs, cpuMs: 0, memoryBytes: 0 } };
}

function usage({ last, previous }: Pair): Usage | undefined {
  if (!previous) return undefined;
  const windowMs = last.atMs - previous.atMs;
  const cores = Math.max(0, last.cpuMs - previous.cpuMs) / windowMs;
  return { atMs: last.atMs, windowMs, cores, memoryBytes: last.memoryBytes };
}

/**
 * The newest two counts of every machine and container: rates come from their difference. Of what has not been told in
 * a round nothing is kept.
 */
export class Samples {
  readonly #resolutionMs: number;
  #nodes = new Map<string, Pair>();
  /** Containers of Pods, by `namespace/name`. */
  #pods = new Map<string, ReadonlyMap<string, Pair>>();

  constructor(resolutionMs: number) {
    this.#resolutionMs = resolutionMs;
  }

  /** Takes in what all machines told in one round. */
  store(round: ReadonlyMap<string, NodeSample>): void {
    const nodes = new Map<string, Pair>();
    const pods = new Map<string, ReadonlyMap<string, Pair>>();
    for (const [name, { atMs, startedAtMs, node, pods: told }] of round) {
      nodes.set(name, next(this.#nodes.get(name), { ...node, atMs, startedAtMs }, this.#resolutionMs));
      for (const pod of told) {
        const key = `${pod.namespace}/${pod.name}`;
        const before = this.#pods.get(key);
        const containers = new Map<string, Pair>();
        for (const { name: container, ...counters } of pod.containers)
          containers.set(container, next(before?.get(container), { ...counters, atMs }, this.#resolutionMs));
        pods.set(key, containers);
      }
    }
    this.#nodes = nodes;
    this.#pods = pods;
  }

  node(name: string): Usage | undefined {
    const pair = this.#nodes.get(name);
    return pair && usage(pair);
  }

  /** Its containers; undefined unless all of them can be told of. */
  pod(namespace: string, name: string): ReadonlyMap<string, Usage> | undefined {
    const containers = this.#pods.get(`${namespace}/${name}`);
    if (!containers || containers.size === 0) return undefined;
    const used = new Map<string, Usage>();
    for (const [container, pair] of containers) {
      const found = usage(pair);
      if (!found) return undefined;
      used.set(container, found);
    }
    return used;
  }
}
