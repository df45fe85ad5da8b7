/** What a lab does when something goes wrong, or when it is not looked at. */
import type { Locator, Page, Worker } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESKTOP, openSite, type Site } from './browser.ts';
import { CHAPTER, edit, firstLab, manifestBox, openChapter, podsWith, READY, runCommand } from './lab-page.ts';

let site: Site;
beforeAll(async () => void (site = await openSite()));
afterAll(() => site.close());

/** The threads of the page in which clusters run, in the order in which they were started. */
const clusters = (page: Page): Worker[] => page.workers().filter((worker) => worker.url().includes('lab.worker'));

const statusOf = async (lab: Locator): Promise<string> => (await lab.getByRole('status').allInnerTexts()).join('\n');

const says = (lab: Locator, text: string | RegExp) =>
  expect.poll(() => statusOf(lab), { timeout: READY }).toMatch(text);

/** A lab with a Deployment of three, and a text that is not the lab's own. */
async function livedIn() {
  const opened = await openChapter(site);
  await edit(opened.lab, (text) => `# mine\n${text}`);
  await opened.apply.click();
  await podsWith(opened.lab, /1\/1\s*Running/, 3);
  return opened;
}

/** The cluster is back as it was, paused, the reader's text is untouched, and things go on. */
async function isBack(lab: Locator): Promise<void> {
  await says(lab, /was started again\. Your manifests are untouched/);
  await podsWith(lab, /1\/1\s*Running/, 3);
  expect(await manifestBox(lab).inputValue()).toMatch(/^# mine\n/);
  await lab.getByRole('button', { name: 'Resume' }).click();
  await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: 4'));
  await lab.getByRole('button', { name: 'Apply' }).click();
  await podsWith(lab, /1\/1\s*Running/, 4);
}

describe('a worker in trouble', () => {
  test('an exception that nobody catches: noticed, said, and started again where it was', async () => {
    const { page, lab } = await livedIn();
    const [cluster] = clusters(page);
    await cluster!.evaluate(
      () =>
        void setTimeout(() => {
          throw new Error('out of luck');
        }),
    );
    await isBack(lab);
    await page.context().close();
  });

  test('an endless loop: noticed, said, and started again where it was', async () => {
    const { page, lab } = await livedIn();
    const [cluster] = clusters(page);
    await cluster!.evaluate('void setTimeout(() => { for (;;); })');
    await isBack(lab);
    // The browser takes a while to end a thread that does not listen.
    await expect.poll(() => clusters(page).length, { timeout: READY }).toBe(1);
    await page.context().close();
  });

  test('one that cannot be loaded says so, and offers to try again', async () => {
    const context = await site.browser.newContext({ ...DESKTOP, serviceWorkers: 'block' });
    const page = await context.newPage();
    await context.route(/lab\.worker/, (route) => route.abort());
    await page.goto(site.origin + CHAPTER);
    const lab = firstLab(page);
    await lab.scrollIntoViewIfNeeded();
    await says(lab, /could not start/);
    await context.unroute(/lab\.worker/);
    await lab.getByRole('button', { name: 'Try again' }).click();
    await says(lab, /At rest/);
    await lab.getByRole('button', { name: 'Apply' }).click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await context.close();
  });
});

test('YAML that does not parse: kubectl’s words with the line, and a way to it', async () => {
  const { page, lab, apply } = await openChapter(site);
  await edit(lab, () => 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n bad: [1, 2\n');
  await apply.click();
  const answer = lab.locator('output');
  await expect.poll(() => answer.first().innerText(), { timeout: READY }).toMatch(/error parsing web\.yaml.*line \d+/);
  const finding = lab.getByRole('button', { name: /^web\.yaml:\d+$/ });
  await finding.first().click();
  expect(await manifestBox(lab).evaluate((box) => box === document.activeElement)).toBe(true);
  await page.context().close();
});

test('several labs on one page share nothing', async () => {
  const { page } = await openChapter(site);
  const labs = await page.getByRole('region', { name: /^Lab: / }).all();
  expect(labs.length).toBeGreaterThan(2);
  const [first, second] = labs as [Locator, Locator];
  await edit(first, (text) => text.replace(/replicas: \d+/, 'replicas: 2'));
  await first.getByRole('button', { name: 'Apply' }).click();
  await podsWith(first, /1\/1\s*Running/, 2);
  await first.getByRole('button', { name: 'Pause' }).click();

  await second.scrollIntoViewIfNeeded();
  await says(second, /At rest|Running/);
  expect(await second.getByRole('button', { name: 'Pause' }).count()).toBe(1);
  // This one starts with three Pods of its own.
  await podsWith(second, /1\/1\s*Running/, 3);
  expect(clusters(page)).toHaveLength(2);

  // Trouble in one is no trouble of the other.
  await clusters(page)[1]!.evaluate(
    () =>
      void setTimeout(() => {
        throw new Error('out of luck');
      }),
  );
  await says(second, /was started again/);
  await first.scrollIntoViewIfNeeded();
  expect(await statusOf(first)).not.toMatch(/started again/);
  await podsWith(first, /1\/1\s*Running/, 2);
  await page.context().close();
});

test('a lab out of view does nothing at all, and goes on where it was', async () => {
  const { page, lab, apply } = await openChapter(site);
  await apply.click();
  await podsWith(lab, /1\/1\s*Running/, 3);
  const [cluster] = clusters(page);
  // All that a thread does of itself begins with a timer, a frame or a message.
  await cluster!.evaluate(() => {
    const counted = globalThis as unknown as { begun: number };
    counted.begun = 0;
    for (const name of ['setTimeout', 'requestAnimationFrame', 'postMessage'] as const) {
      const original = (globalThis[name] as (...args: unknown[]) => unknown).bind(globalThis);
      Object.assign(globalThis, { [name]: (...args: unknown[]) => (counted.begun++, original(...args)) });
    }
  });
  const begun = (): Promise<number> => cluster!.evaluate(() => (globalThis as unknown as { begun: number }).begun);
  await expect.poll(begun).toBeGreaterThan(2);
  const time = lab.locator('.lab-time-scrub output');
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  // What was under way when it left ends.
  await page.waitForTimeout(1000);
  const [count, shown] = [await begun(), await time.innerText()];
  await page.waitForTimeout(2000);
  expect(await begun()).toBe(count);
  expect(await time.innerText()).toBe(shown);
  await lab.scrollIntoViewIfNeeded();
  await expect.poll(() => time.innerText()).not.toBe(shown);
  await page.context().close();
});

describe('a browser that keeps nothing', () => {
  const denied = (): void => {
    const refuse = (): never => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    };
    IDBFactory.prototype.open = refuse;
    Storage.prototype.setItem = refuse;
    Storage.prototype.getItem = refuse;
    Storage.prototype.removeItem = refuse;
  };
  const full = (): void => {
    const refuse = (): never => {
      throw new DOMException('The quota has been exceeded.', 'QuotaExceededError');
    };
    IDBObjectStore.prototype.put = refuse;
    Storage.prototype.setItem = refuse;
  };

  test.each([
    ['storage is denied', denied],
    ['storage is full', full],
  ])('%s: the lab works, and says that the text ends with the page', async (_what, script) => {
    const context = await site.browser.newContext(DESKTOP);
    await context.addInitScript(script);
    const page = await context.newPage();
    await page.goto(site.origin + CHAPTER);
    const lab = firstLab(page);
    await lab.scrollIntoViewIfNeeded();
    await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: 2'));
    await says(lab, /This browser keeps nothing/);
    await lab.getByRole('button', { name: 'Apply' }).click();
    await podsWith(lab, /1\/1\s*Running/, 2);
    await lab.getByRole('tab', { name: 'Terminal' }).click();
    await runCommand(page, lab, 'kubectl scale deployment web --replicas=1');
    await lab.getByRole('tab', { name: 'Cluster' }).click();
    await podsWith(lab, /1\/1\s*Running/, 1);
    await context.close();
  });
});
