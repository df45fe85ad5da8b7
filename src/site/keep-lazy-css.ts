import type { Plugin } from 'vite';

/**
 * Astro (5.15 to 7.3) deletes stylesheets that are reachable only through a dynamic import() inside an island, as
 * orphans. Marked as referenced assets they survive, and Vite loads them with their chunk.
 */
export function keepLazyCss(): Plugin {
  return {
    name: 'keep-lazy-css',
    applyToEnvironment: (environment) => environment.name === 'client',
    generateBundle: {
      order: 'pre',
      handler(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk' || chunk.isEntry) continue;
          for (const css of chunk.viteMetadata?.importedCss ?? []) chunk.viteMetadata?.importedAssets.add(css);
        }
      },
    },
  };
}
