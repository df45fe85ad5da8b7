/** Starts the cluster that the suite is about, in a process of its own, as `npm run cluster` starts it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the API server answers: `http://127.0.0.1:8001`. */
    readonly server: string;
  }
}

/** Virtual seconds per second: waiting for controllers costs little, and what is to be observed on the way can be. */
const SPEED = 30;

/** CLUSTER_SERVER=http://… asks a server that runs already. */
export default async function start(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const running = process.env['CLUSTER_SERVER'];
  if (running) {
    project.provide('server', running);
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const flags = { port: 0, nodes: 3, speed: SPEED, runtime: 'images', seed: 1, kubeconfig };
  const child = spawn(
    process.execPath,
    ['src/server/cluster.ts', ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = once(child, 'exit');
  const refused = ended.then(([code]) => {
    throw new Error(`the cluster ended with code ${code} before it answered`);
  });
  await Promise.race([once(child.stdout, 'data'), refused]);
  child.stdout.resume();
  const [, server] = /"server": "([^"]+)"/.exec(readFileSync(kubeconfig, 'utf8')) ?? [];
  project.provide('server', server ?? '');
  return async () => {
    refused.catch(() => undefined);
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  };
}
