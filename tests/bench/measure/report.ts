/** How a measurement, in a process of its own, hands its numbers to the benchmark that started it. */
export function report(numbers: Readonly<Record<string, unknown>>): never {
  process.stdout.write(`\n${JSON.stringify(numbers)}\n`);
  process.exit(0);
}

/** Bytes of live objects. Needs --expose-gc. */
export function liveHeap(): number {
  const collect = globalThis.gc;
  if (!collect) throw new Error('Run this with node --expose-gc.');
  for (let i = 0; i < 3; i++) collect();
  return process.memoryUsage().heapUsed;
}

/** Deployments before the measured one are no smaller than this. */
const WARM_UP_REPLICAS = 100;
/** So long each implementation is warmed up, and so long it is measured, wall milliseconds. */
const LEAST_MS = 5_000;

/**
 * Before it is measured, each implementation deploys as much in clusters of its own, once and then until as much time
 * has gone by: code that is compiled when it has run often, and the heap that it takes, belong to no Pod in particular.
 * Returns the last of what `deploy` returned, so that it can be kept: collected halfway, it would pass for heap saved.
 */
export async function warmUp<T>(replicas: number, deploy: (replicas: number) => T | Promise<T>): Promise<T> {
  const start = performance.now();
  for (;;) {
    const last = await deploy(Math.max(replicas, WARM_UP_REPLICAS));
    if (performance.now() - start >= LEAST_MS) return last;
  }
}

/** The median of what `measure` returns, milliseconds, over as many runs as it takes; a run that takes long is one of one. */
export async function median(measure: () => number | Promise<number>): Promise<number> {
  const runs: number[] = [];
  for (let total = 0; total < LEAST_MS; total += runs.at(-1)!) runs.push(await measure());
  return runs.sort((a, b) => a - b)[runs.length >> 1]!;
}
