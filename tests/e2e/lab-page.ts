/** The lab of a page as a reader has it. */
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { DESKTOP, type Site } from './browser.ts';

export const CHAPTER = '/en/architecture/create-deployment/';

/** Longest wait for what a cluster does, ms. */
export const READY = 30_000;

export const firstLab = (page: Page): Locator => page.getByRole('region', { name: /^Lab: / }).first();

/** Waits until as many Pods have a status, in the table that is the Cluster view in words. */
export async function podsWith(lab: Locator, status: string | RegExp, count: number): Promise<void> {
  const rows = lab.getByRole('table', { name: 'Pods' }).getByRole('row').filter({ hasText: status });
  await expect.poll(() => rows.count(), { timeout: READY }).toBe(count);
}

export const manifestBox = (lab: Locator): Locator => lab.getByRole('textbox', { name: /^Manifest: / });

export async function edit(lab: Locator, change: (manifest: string) => string): Promise<void> {
  const box = manifestBox(lab);
  await box.focus();
  await expect.poll(() => lab.locator('.monaco-editor').count(), { timeout: READY }).toBeGreaterThan(0);
  await box.fill(change(await box.inputValue()));
}

export async function openChapter(site: Site, options = DESKTOP) {
  const { page, problems } = await site.open(CHAPTER, options);
  const lab = firstLab(page);
  await lab.scrollIntoViewIfNeeded();
  return { page, lab, problems, apply: lab.getByRole('button', { name: 'Apply', exact: true }) };
}

/** Pastes a command into the terminal, which must be in front, and presses Enter. */
export async function runCommand(page: Page, lab: Locator, line: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await lab.locator('.xterm').click();
  await page.evaluate((text) => navigator.clipboard.writeText(text), line);
  await page.keyboard.press('ControlOrMeta+V');
  await page.keyboard.press('Enter');
}
