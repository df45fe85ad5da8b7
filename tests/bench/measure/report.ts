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

/**
 * Before it is measured, each implementation deploys as much once in a cluster of its own, and no less than this: code
 * that was compiled on first use, and the heap that it takes, belong to no Pod in particular.
 */
export const WARM_UP_REPLICAS = 100;
