import type { Plugin } from 'vite';

const SCRIPT = /\/Search\.astro\?astro&type=script/;
/** When Starlight (0.42) loads Pagefind's user interface: as soon as the browser has nothing to do. */
const WHEN_IDLE = 'const onIdle = window.requestIdleCallback || ((cb) => setTimeout(cb, 1));';
/** Its names: `openBtn`, `dialog`. The field to type in is there once `load` is done, too late for Starlight to focus it. */
const WHEN_WANTED = `
const onIdle = (load) => {
  let loading;
  const once = () => (loading ??= load());
  for (const sign of ['pointerenter', 'focus']) openBtn.addEventListener(sign, once, { once: true });
  const opened = new MutationObserver(async () => {
    if (!dialog.open) return;
    opened.disconnect();
    await once();
    if (dialog.open) dialog.querySelector('input')?.focus();
  });
  opened.observe(dialog, { attributeFilter: ['open'] });
};`;

/** Loads the search's user interface when a reader reaches for it, and not with every page: it is half as large as all else. */
export function searchOnDemand(): Plugin {
  return {
    name: 'search-on-demand',
    enforce: 'pre',
    transform(code, id) {
      if (!SCRIPT.test(id) || !code.includes('pagefind')) return null;
      if (!code.includes(WHEN_IDLE)) this.error('Starlight loads its search in another way than it did: look again');
      return { code: code.replace(WHEN_IDLE, WHEN_WANTED), map: null };
    },
  };
}
