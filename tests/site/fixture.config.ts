// The site with a hand-made stream of frames in the place of a cluster: `astro dev --config tests/site/fixture.config.ts`.
import config from '../../astro.config.ts';

const fixture = new URL('./fixture.worker.ts', import.meta.url).pathname;
const replaceWorker = () => ({
  name: 'fixture-worker',
  enforce: 'pre' as const,
  load: (id: string) =>
    id.split('?')[0]?.endsWith('/src/lab/lab.worker.ts') ? `import ${JSON.stringify(fixture)};` : undefined,
});

export default {
  ...config,
  vite: {
    ...config.vite,
    plugins: [...(config.vite?.plugins ?? []), replaceWorker()],
    worker: { ...config.vite?.worker, plugins: () => [replaceWorker()] },
  },
};
