import { fileURLToPath } from 'node:url';
import type { AstroIntegration } from 'astro';
import { generateSW } from 'workbox-build';

const REGISTER = `if ('serviceWorker' in navigator) {
  addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch(() => undefined));
}`;

/**
 * Writes the service worker after the build. The shell (styles, scripts of every page, search) is stored at the
 * first visit; pages, and the large parts of a lab, when they are first used. So what was visited works offline,
 * and nobody downloads an editor that he never opened.
 */
export function offline(): AstroIntegration {
  return {
    name: 'offline',
    hooks: {
      'astro:config:setup': ({ command, injectScript }) => {
        // A development server has no service worker.
        if (command === 'build') injectScript('page', REGISTER);
      },
      'astro:build:done': async ({ dir, logger }) => {
        const root = fileURLToPath(dir);
        const { count, size, warnings } = await generateSW({
          globDirectory: root,
          globPatterns: ['_astro/*.{css,js}', 'favicon.svg', '404.html', '{en,zh-cn}/index.html'],
          globIgnores: ['_astro/*worker*', '_astro/monaco*', '_astro/*schemas*'],
          maximumFileSizeToCacheInBytes: 150_000,
          swDest: `${root}sw.js`,
          inlineWorkboxRuntime: true,
          sourcemap: false,
          skipWaiting: true,
          clientsClaim: true,
          cleanupOutdatedCaches: true,
          directoryIndex: 'index.html',
          dontCacheBustURLsMatching: /\/_astro\//,
          runtimeCaching: [
            {
              urlPattern: ({ request }) => request.mode === 'navigate',
              handler: 'NetworkFirst',
              options: { cacheName: 'pages', networkTimeoutSeconds: 5 },
            },
            {
              urlPattern: ({ url, sameOrigin }) => sameOrigin && url.pathname.includes('/_astro/'),
              handler: 'CacheFirst',
              options: { cacheName: 'assets', expiration: { maxEntries: 400 } },
            },
            {
              urlPattern: ({ sameOrigin }) => sameOrigin,
              handler: 'StaleWhileRevalidate',
              options: { cacheName: 'rest', expiration: { maxEntries: 400 } },
            },
          ],
        });
        for (const warning of warnings) logger.warn(warning);
        logger.info(`${count} files, ${Math.round(size / 1024)} KiB stored at the first visit`);
      },
    },
  };
}
