import type { AstroIntegration } from 'astro';

/** Adds `/`, which sends readers to their language. (`srcDir` is the top of the repository, so a page under src/ needs injecting.) */
export function startPage(): AstroIntegration {
  return {
    name: 'start-page',
    hooks: {
      'astro:config:setup': ({ injectRoute }) => {
        injectRoute({ pattern: '/', entrypoint: './src/pages/start.astro', prerender: true });
      },
    },
  };
}
