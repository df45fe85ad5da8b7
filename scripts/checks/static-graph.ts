import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

export const SITE = 'dist';

/** A file of the built site. */
export const read = (file: string): string => readFileSync(join(SITE, file), 'utf8');

/** A script and everything that it imports before it runs; what it imports later is not counted. */
export function staticGraph(file: string, seen = new Set<string>()): Set<string> {
  const path = normalize(file).replace(/^\//, '');
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const [, target] of read(path).matchAll(/(?:\bfrom|\bimport)\s*["'](\.{0,2}\/[^"']+\.js)["']/g)) {
    staticGraph(target!.startsWith('/') ? target! : join(dirname(path), target!), seen);
  }
  return seen;
}

/** The script of a lab's worker, with what it imports before it runs. */
export function workerGraph(): Set<string> {
  const [worker] = globSync('_astro/lab.worker-*.js', { cwd: SITE });
  if (!worker) throw new Error('The build has no lab.worker: see src/lab/client.ts.');
  return staticGraph(worker);
}
