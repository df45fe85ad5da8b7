import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import * as pagefind from 'pagefind';

/**
 * Writes the search index once more, by way of Node. Starlight has Pagefind's service write it and closes the service
 * at once; on a busy machine that leaves empty files behind (seen with Pagefind 1.5.2), and a site without search.
 */
export function searchIndex(): AstroIntegration {
  return {
    name: 'search-index',
    hooks: {
      'astro:build:done': async ({ dir }) => {
        const root = fileURLToPath(dir);
        const { index, errors } = await pagefind.createIndex();
        if (!index) throw new Error(`The search index cannot be made: ${errors.join(', ')}`);
        const indexed = await index.addDirectory({ path: root });
        const { files, errors: problems } = await index.getFiles();
        await pagefind.close();
        const all = [...indexed.errors, ...problems];
        if (all.length > 0) throw new Error(`The search index cannot be made: ${all.join(', ')}`);
        for (const { path, content } of files) {
          const file = join(root, 'pagefind', path);
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, content);
        }
      },
    },
  };
}
