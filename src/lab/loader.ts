import { readdirSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Loader } from 'astro/loaders';
import { labDefinition } from './definition.ts';
import { readLab } from './read-lab.ts';

const posix = (path: string): string => path.split(sep).join('/');

/** Astro's collection `labs`: one entry per folder with a `lab.yaml`. A mistake in one fails the build. */
export function labsLoader({ base = 'labs' }: { base?: string } = {}): Loader {
  return {
    name: 'labs',
    schema: labDefinition,
    async load({ store, parseData, config, watcher, logger, generateDigest }) {
      const root = fileURLToPath(config.root);
      const folder = fileURLToPath(new URL(`${base}/`, config.root));

      const loadOne = async (id: string): Promise<void> => {
        const filePath = `${base}/${id}/lab.yaml`;
        const lab = readLab(`${folder}${id}`, id, posix(relative(root, `${folder}${id}`)));
        const data = await parseData({ id, data: { ...lab }, filePath });
        store.set({ id, data, filePath, digest: generateDigest(data) });
      };
      const ids = (): string[] =>
        readdirSync(folder, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name);

      const present = ids();
      for (const old of store.keys()) if (!present.includes(old)) store.delete(old);
      for (const id of present) await loadOne(id);

      watcher?.add(folder);
      watcher?.on('all', (_event, changed) => {
        const [id] = posix(relative(folder, changed)).split('/');
        if (id === undefined || id === '..' || !ids().includes(id)) return;
        loadOne(id).then(
          () => logger.info(`reloaded lab ${id}`),
          (error: unknown) => logger.error(error instanceof Error ? error.message : String(error)),
        );
      });
    },
  };
}
