/** The past, what is kept from one visit to the next, the scheduler's view, and the keyboard. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESKTOP, openSite, PHONE, type Site } from './browser.ts';
import { edit, firstLab, manifestBox, openChapter, podsWith, READY } from './lab-page.ts';

let site: Site;
beforeAll(async () => void (site = await openSite()));
afterAll(() => site.close());

test('in the past: Apply says why it cannot, what wrote the revision leads to its causes, and time goes on from there', async () => {
  const { page, lab, apply } = await openChapter(site);
  await apply.click();
  await podsWith(lab, /1\/1\s*Running/, 3);
  const time = lab.getByRole('slider', { name: 'Time' });
  await time.focus();
  for (let i = 0; i < 12; i++) await time.press('ArrowLeft');
  await expect.poll(() => apply.isDisabled()).toBe(true);
  expect((await lab.getByRole('status').allInnerTexts()).join('\n')).toMatch(/This is the past/);
  await lab.getByRole('button', { name: /^put \/registry\// }).click();
  await expect.poll(() => lab.getByRole('navigation', { name: 'Causes, first one first' }).count()).toBe(1);
  await lab.getByRole('tab', { name: 'Cluster' }).click();

  await time.focus();
  await time.press('Home');
  await podsWith(lab, /Running/, 0);
  await lab.getByRole('button', { name: 'Continue from here' }).click();
  await expect.poll(() => apply.isEnabled(), { timeout: READY }).toBe(true);
  await podsWith(lab, /Running/, 0);
  await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: 2'));
  await apply.click();
  await podsWith(lab, /1\/1\s*Running/, 2);
  await page.context().close();
});

test('steps that were done stay done across a reload, and are forgotten by Reset', async () => {
  const { page, apply, lab } = await openChapter(site);
  await apply.click();
  await podsWith(lab, /1\/1\s*Running/, 3);
  const steps = (): Promise<string> => firstLab(page).getByRole('tabpanel').innerText();
  await lab.getByRole('tab', { name: 'Steps' }).click();
  await expect.poll(steps, { timeout: READY }).toMatch(/1 of \d done/);
  await page.reload();
  await firstLab(page).scrollIntoViewIfNeeded();
  await firstLab(page).getByRole('tab', { name: 'Steps' }).click();
  await expect.poll(steps, { timeout: READY }).toMatch(/1 of \d done/);
  await firstLab(page).getByRole('button', { name: 'Reset' }).click();
  await expect.poll(steps).toMatch(/0 of \d done/);
  await page.context().close();
});

test('what Reset replaced comes back, also after a reload', async () => {
  const { page, lab } = await openChapter(site);
  await edit(lab, (text) => `# mine\n${text}`);
  await lab.getByRole('button', { name: 'Reset' }).click();
  await expect.poll(() => manifestBox(lab).inputValue()).not.toContain('# mine');
  await page.waitForTimeout(800);
  await page.reload();
  await firstLab(page).getByRole('button', { name: 'Undo' }).click({ timeout: READY });
  await expect.poll(() => manifestBox(firstLab(page)).inputValue()).toContain('# mine');
  await page.context().close();
});

test('the scheduler: every decision as a matrix, in words, and against another', async () => {
  const { page, lab, apply } = await openChapter(site);
  await apply.click();
  await podsWith(lab, /1\/1\s*Running/, 3);
  await lab.getByRole('tab', { name: 'Scheduler' }).click();
  const decisions = lab.getByRole('table', { name: 'Scheduling decisions' });
  expect(await decisions.getByRole('row').count()).toBe(4);
  const matrix = lab.getByRole('table', { name: 'Filters and scores by node' });
  expect(await matrix.getByRole('columnheader').allInnerTexts()).toEqual([
    'Plugin',
    ...['node-1', 'node-2', 'node-3'].map((name) => expect.stringContaining(name)),
  ]);
  expect(await matrix.getByRole('row', { name: /^NodeResourcesFit ✓/ }).count()).toBe(1);
  expect(await matrix.getByRole('row', { name: /^Total/ }).innerText()).toMatch(/highest/);
  expect(await lab.getByRole('region', { name: 'Decision' }).innerText()).toMatch(/3 of 3 nodes looked at/);

  const compare = lab.getByRole('combobox', { name: 'Compare with' });
  await compare.selectOption({ index: 1 });
  const differences = lab.getByRole('table', { name: 'Differences' });
  expect(await differences.getByRole('row').filter({ hasText: /^Node/ }).count()).toBe(1);

  await edit(lab, (text) => text.replace(/cpu: \S+/, 'cpu: "64"'));
  await apply.click();
  await expect
    .poll(() => lab.getByRole('region', { name: 'Decision' }).innerText(), { timeout: READY })
    .toMatch(/Insufficient cpu/);
  await lab.getByRole('button', { name: 'In the timeline' }).click();
  await lab.getByRole('button', { name: 'As a matrix' }).click();
  expect(await matrix.getByText('✗').count()).toBe(3);
  await page.context().close();
});

test('the keyboard: what keys do, and a full window that Escape leaves', async () => {
  const { page, lab } = await openChapter(site);
  await lab.getByRole('button', { name: 'Keyboard' }).click();
  const keys = page.getByRole('dialog', { name: 'Keyboard in this lab' });
  expect(await keys.isVisible()).toBe(true);
  await page.keyboard.press('Escape');
  expect(await keys.isVisible()).toBe(false);

  const full = lab.getByRole('button', { name: 'Full window' });
  await full.click();
  // By role it cannot be found: that is the point.
  const outside = page.locator('a.site-title');
  expect(await outside.evaluate((link) => link.closest('[inert]') !== null)).toBe(true);
  const box = await lab.locator('.lab-app').boundingBox();
  expect(box).toMatchObject({ x: 0, y: 0, width: DESKTOP.viewport!.width, height: DESKTOP.viewport!.height });
  await lab.getByRole('tab', { name: 'Cluster' }).press('Escape');
  await expect.poll(() => outside.evaluate((link) => link.closest('[inert]') !== null)).toBe(false);
  await page.context().close();
});

test('on a phone the Pods table shows all its columns', async () => {
  const { page, lab, apply } = await openChapter(site, PHONE);
  await apply.tap();
  await podsWith(lab, /1\/1\s*Running/, 3);
  const table = lab.getByRole('table', { name: 'Pods' });
  for (const header of await table.getByRole('columnheader').all()) {
    const { x, width } = (await header.boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(390);
  }
  await page.context().close();
});
