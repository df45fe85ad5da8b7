import { globSync, readFileSync } from 'node:fs';

/** What the lab's worker is made of. */
const SOURCES =
  'src/{kernel,api,etcd,apiserver,client,controllers,scheduler,kubelet,network,storage,addons,cluster,kubectl,lab}/**/*.ts';

const IMPORT = /^(?:import|export)\s(?!type\s)[^;]*?\sfrom\s+'([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm;

/** Made by the site itself, or only used when it is built. */
const OURS = /^(?:node:|astro|virtual:)/;

/**
 * The packages that a lab's worker imports, now or when something needs them. The development server prepares them
 * before anybody asks: one that it found late would make it reload the page, and with it the reader's cluster.
 */
export function workerPackages(): string[] {
  const found = globSync(SOURCES).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(IMPORT)].map(([, eager, lazy]) => (eager ?? lazy)!),
  );
  return [...new Set(found)].filter((name) => !OURS.test(name)).sort();
}
