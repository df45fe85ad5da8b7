import { fileURLToPath } from 'node:url';
import { satteri } from '@astrojs/markdown-satteri';
import preact from '@astrojs/preact';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import { csp } from './src/site/csp.ts';
import { keepLazyCss } from './src/site/keep-lazy-css.ts';
import { kubernetesSchemas } from './src/site/kubernetes-schemas.ts';
import { offline } from './src/site/offline.ts';
import { scrollingTables } from './src/site/scrolling-tables.ts';
import { searchIndex } from './src/site/search-index.ts';
import { searchOnDemand } from './src/site/search-on-demand.ts';
import { servedSchemas } from './src/site/served-schemas.ts';
import { startPage } from './src/site/start-page.ts';
import { workerPackages } from './src/site/worker-packages.ts';

const part = (directory: string, english: string, chinese: string) => ({
  label: english,
  translations: { 'zh-CN': chinese },
  items: [{ autogenerate: { directory } }],
});

export default defineConfig({
  site: process.env['SITE'],
  // Starlight reads `<srcDir>/content/docs`, and the handbook's text belongs at the top.
  srcDir: './',
  devToolbar: { enabled: false },
  markdown: { processor: satteri({ hastPlugins: [scrollingTables] }) },
  integrations: [
    starlight({
      title: { en: 'Kubernetes Cookbook', 'zh-CN': 'Kubernetes 实践手册' },
      favicon: '/favicon.svg',
      defaultLocale: 'en',
      locales: { en: { label: 'English', lang: 'en' }, 'zh-cn': { label: '简体中文', lang: 'zh-CN' } },
      components: { Search: './src/components/Search.astro' },
      customCss: ['./src/styles/site.css', './src/styles/chinese.css'],
      head: [{ tag: 'meta', attrs: { name: 'theme-color', content: '#2f5fd0' } }],
      // Code wraps: a phone scrolls one way only, and a block that scrolls sideways would become a landmark.
      expressiveCode: {
        defaultProps: { wrap: true },
        themes: ['github-dark', 'github-light'],
        styleOverrides: { borderRadius: '6px' },
      },
      sidebar: [
        part('architecture', 'Architecture', '架构'),
        part('resources', 'Resources', '资源类型'),
        part('components', 'Components', '核心组件'),
        part('networking', 'Networking', '网络'),
        part('extension', 'Extension', '扩展'),
      ],
      disable404Route: false,
    }),
    preact(),
    searchIndex(),
    startPage(),
    csp(),
    offline(),
  ],
  vite: {
    plugins: [keepLazyCss(), kubernetesSchemas(), searchOnDemand()],
    worker: { format: 'es', plugins: () => [servedSchemas()] },
    // Astro's own js-yaml is older than ours: bundled with Astro, each finds its own.
    environments: { prerender: { resolve: { noExternal: ['js-yaml'] } } },
    build: {
      chunkSizeWarningLimit: 4000,
      rolldownOptions: {
        onLog: (level, log, next) => {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log);
        },
      },
    },
    // Known beforehand, so that the development server does not reload the page when it finds them.
    optimizeDeps: {
      include: [
        ...workerPackages(),
        '@xterm/addon-fit',
        '@xterm/xterm',
        'fflate',
        'idb',
        'monaco-editor/editor/editor.worker.js',
        'monaco-yaml',
        'monaco-yaml/yaml.worker.js',
      ],
    },
    resolve: {
      alias: [
        // monaco-worker-manager still imports a path that monaco-editor 0.56 and later do not export.
        { find: /^monaco-editor\/esm\/vs\//, replacement: 'monaco-editor/' },
        // monaco-yaml brings Prettier for "format document", which we do not offer: 130 KB less.
        {
          find: /^prettier\/(standalone|plugins\/.*)$/,
          replacement: fileURLToPath(new URL('./src/components/lab/editor/no-prettier.ts', import.meta.url)),
        },
      ],
    },
  },
});
