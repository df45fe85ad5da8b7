import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown, type Plugin } from 'rolldown';
import type { Benchmark } from './result.ts';
import { runChild } from './run-child.ts';

const RUNS = 5;

/** Data becomes text that is parsed when it is needed, as the site's bundler has it. */
const jsonAsText: Plugin = {
  name: 'json-as-text',
  async load(id) {
    if (!id.endsWith('.json')) return null;
    const text = JSON.stringify(JSON.parse(await readFile(id, 'utf8')));
    return { code: `export default JSON.parse(${JSON.stringify(text)})`, moduleType: 'js' };
  },
};

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
        plugins: [jsonAsText],
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
