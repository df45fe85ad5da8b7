import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import type { Benchmark } from './result.ts';
import { runChild } from './run-child.ts';

const RUNS = 5;

/** The CPU from loading the bundled cluster to its first Ready node. */
export const boot: Benchmark = {
  name: 'worker-boot',
  async run() {
    const folder = await mkdtemp(join(tmpdir(), 'bench-'));
    try {
      const file = join(folder, 'boot.mjs');
      const bundle = await rolldown({
        input: fileURLToPath(new URL('measure/boot-entry.ts', import.meta.url)),
        platform: 'node',
      });
      await bundle.write({ file, format: 'esm', minify: true, codeSplitting: false });
      await bundle.close();
      let best = Infinity;
      for (let i = 0; i < RUNS; i++)
        best = Math.min(best, (await runChild<{ cpuMs: number }>('boot.ts', [file])).cpuMs);
      return { results: [{ name: this.name, unit: 'ms CPU', ours: best }] };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};
