import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { workerGraph } from '../../scripts/checks/static-graph.ts';
import { DESKTOP, openSite, PHONE, type Site } from './browser.ts';

let site: Site;
beforeAll(async () => void (site = await openSite()));
afterAll(() => site.close());

const PARTS = ['resources', 'components', 'networking', 'extension'];

describe('the site', () => {
  test.each(['/en/', '/zh-cn/'])('%s: a live cluster at once, and nothing from elsewhere', async (path) => {
    const { page, problems } = await site.open(path);
    const pods = page
      .getByRole('table', { name: /^(Pods|Pod 列表)$/ })
      .getByRole('row')
      .filter({ hasText: /1\/1\s*Running/ });
    await expect.poll(() => pods.count(), { timeout: 30_000 }).toBe(3);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('the start page sends readers to their language', async () => {
    for (const [locale, path] of [
      ['zh-CN', '/zh-cn/'],
      ['fr-FR', '/en/'],
    ] as const) {
      const { page } = await site.open('/', { ...DESKTOP, locale });
      await page.waitForURL(site.origin + path);
      await page.context().close();
    }
  });

  test.each(['en', 'zh-cn'])('every part of %s has a page, and links lead somewhere', async (locale) => {
    const { page, problems } = await site.open(`/${locale}/`);
    const links = new Set<string>();
    for (const part of PARTS) {
      await page.goto(`${site.origin}/${locale}/${part}/`);
      expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
      for (const href of await page
        .locator('main a[href^="/"]')
        .evaluateAll((all) => all.map((a) => a.getAttribute('href')!))) {
        links.add(href);
      }
    }
    for (const link of links) expect((await page.request.get(site.origin + link)).status(), link).toBe(200);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test.each(['/en/', '/zh-cn/', '/en/architecture/create-deployment/', '/zh-cn/architecture/create-deployment/'])(
    '%s: no mark of Markdown is left in the text',
    async (path) => {
      // Next to Chinese punctuation, Markdown does not take every pair of asterisks for emphasis.
      const { page } = await site.open(path, { ...DESKTOP, javaScriptEnabled: false });
      for (const text of await page.locator('main :is(p, li, td, h2, h3)').allInnerTexts())
        expect(text).not.toMatch(/\*\*|\]\(/);
      await page.context().close();
    },
  );

  test('the language menu keeps the chapter', async () => {
    const { page } = await site.open('/en/architecture/create-deployment/');
    await page.getByLabel('Select language').first().selectOption({ label: '简体中文' });
    await page.waitForURL(`${site.origin}/zh-cn/architecture/create-deployment/`);
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    await page.context().close();
  });

  test.each([
    ['/en/', 'Search', 'ReplicaSet'],
    ['/zh-cn/', '搜索', '调度器'],
    ['/zh-cn/', '搜索', '网络'],
  ])('%s: search for %s %s', async (path, button, words) => {
    const { page } = await site.open(path);
    await page.getByRole('button', { name: button }).first().click();
    await page.getByRole('dialog').getByRole('textbox').fill(words);
    await expect.poll(() => page.getByRole('dialog').getByRole('link').count(), { timeout: 15_000 }).toBeGreaterThan(0);
    await page.context().close();
  });

  test('a chapter reads without JavaScript, its manifests included', async () => {
    const { page } = await site.open('/en/architecture/create-deployment/', { ...DESKTOP, javaScriptEnabled: false });
    const text = await page.locator('main').innerText();
    expect(text).toContain('kind: Deployment');
    expect(text).toContain('It needs JavaScript');
    expect(await page.getByRole('button', { name: 'Apply' }).isVisible()).toBe(false);
    await page.context().close();
  });

  test('what was visited works offline', async () => {
    const { page } = await site.open('/en/architecture/create-deployment/');
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    const region = page.getByRole('region', { name: /^Lab: / }).first();
    await region.scrollIntoViewIfNeeded();
    const apply = region.getByRole('button', { name: 'Apply' });
    await apply.click();
    const running = page.getByRole('row').filter({ hasText: /1\/1\s*Running/ });
    await expect.poll(() => running.count(), { timeout: 30_000 }).toBe(3);
    await page.context().setOffline(true);
    await page.reload();
    await region.scrollIntoViewIfNeeded();
    await apply.click();
    await expect.poll(() => running.count(), { timeout: 30_000 }).toBe(3);
    await page.context().close();
  });

  test('an untouched lab costs at most 60 KiB of JavaScript', async () => {
    const { page } = await site.open('/en/');
    await page.context().close();
    const fresh = await site.open('/en/architecture/create-deployment/', { ...DESKTOP, serviceWorkers: 'block' });
    await fresh.page.waitForLoadState('networkidle');
    const loaded = await fresh.page.evaluate(() =>
      performance.getEntriesByType('resource').map((entry) => {
        const { name, encodedBodySize } = entry as PerformanceResourceTiming;
        return { file: new URL(name).pathname.slice(1), encodedBodySize };
      }),
    );
    const workers = workerGraph();
    const scripts = loaded.flatMap(({ file, encodedBodySize }) =>
      file.endsWith('.js') && !workers.has(file) ? [encodedBodySize] : [],
    );
    expect(scripts.length).toBeGreaterThan(0);
    expect(scripts.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(60 * 1024);
    await fresh.page.context().close();
  });

  test.each([
    ['/en/', 'light', DESKTOP],
    ['/en/architecture/create-deployment/', 'light', DESKTOP],
    ['/en/architecture/create-deployment/', 'dark', DESKTOP],
    ['/zh-cn/architecture/create-deployment/', 'dark', PHONE],
  ] as const)('%s, %s: axe finds nothing to object to', async (path, colorScheme, options) => {
    const { page } = await site.open(path, { ...options, colorScheme });
    const apply = page.getByRole('button', { name: /^(Apply|应用)$/ }).first();
    await apply.scrollIntoViewIfNeeded();
    await apply.click();
    await expect
      .poll(
        () =>
          page
            .getByRole('row')
            .filter({ hasText: /1\/1\s*Running/ })
            .count(),
        { timeout: 30_000 },
      )
      .toBe(3);
    const { violations } = await new AxeBuilder({ page: page as never }).analyze();
    expect(
      violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
    ).toEqual([]);
    await page.context().close();
  });
});
