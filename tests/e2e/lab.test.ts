import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSite, PHONE, type Site } from './browser.ts';
import { edit, firstLab, manifestBox, openChapter, podsWith, READY, runCommand } from './lab-page.ts';

let site: Site;
beforeAll(async () => void (site = await openSite()));
afterAll(() => site.close());

describe('the lab of the first chapter', () => {
  test('Apply brings a Deployment to three ready Pods; nothing goes wrong on the way', async () => {
    const { page, lab, apply, problems } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  test('replicas and image: scaling, an image that does not exist, and back by Reset', async () => {
    const { page, lab, apply } = await openChapter(site);
    await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: 5'));
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 5);
    await edit(lab, (text) => text.replace(/image: \S+/, 'image: nginx:no-such-tag'));
    await manifestBox(lab).press('ControlOrMeta+Enter');
    await podsWith(lab, /ErrImagePull|ImagePullBackOff/, 3);
    await lab.getByRole('button', { name: 'Reset' }).click();
    await podsWith(lab, /./, 1);
    await lab.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => manifestBox(lab).inputValue()).toContain('no-such-tag');
    await page.context().close();
  });

  test('what the API server refuses is said in its words, at its line', async () => {
    const { page, lab, apply } = await openChapter(site);
    await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: many'));
    await apply.click();
    const output = lab.getByRole('status').or(lab.locator('output'));
    await expect
      .poll(async () => (await output.allInnerTexts()).join('\n'), { timeout: READY })
      .toMatch(/replicas|many/);
    await expect.poll(() => lab.getByRole('button', { name: /:\d+$/ }).count()).toBeGreaterThan(0);
    await page.context().close();
  });

  test('a manifest is kept across a reload, and travels in a link', async () => {
    const { page, lab } = await openChapter(site);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicas: 4'));
    await page.waitForTimeout(800);
    await page.reload();
    const manifest = firstLab(page).getByRole('textbox', { name: /^Manifest: / });
    await expect.poll(() => manifest.inputValue(), { timeout: READY }).toContain('replicas: 4');
    await firstLab(page).getByRole('button', { name: 'Copy link' }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('#lab=');
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.context().close();

    const other = await site.open(link.slice(site.origin.length));
    const there = firstLab(other.page).getByRole('textbox', { name: /^Manifest: / });
    await expect.poll(() => there.inputValue(), { timeout: READY }).toContain('replicas: 4');
    await other.page.context().close();
  });

  test('the timeline shows who caused what, as a picture and as a list', async () => {
    const { page, lab, apply } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await lab.getByRole('tab', { name: 'Timeline' }).click();
    await lab.getByText('What happened, as a list').click();
    const list = lab.getByRole('table', { name: 'What happened, as a list' });
    const components = await list.getByRole('row').allInnerTexts();
    for (const component of ['kube-apiserver', 'etcd', 'kube-scheduler', 'kubelet']) {
      expect(
        components.some((row) => row.includes(component)),
        component,
      ).toBe(true);
    }
    await list.getByRole('button').first().click();
    await expect.poll(() => lab.getByRole('navigation', { name: 'Causes, first one first' }).count()).toBe(1);
    const chart = lab.getByRole('application', { name: 'Timeline of requests, by component' });
    await chart.focus();
    await chart.press('ArrowLeft');
    await chart.press('+');
    await page.context().close();
  });

  test('objects by owner, with what changed; events in words', async () => {
    const { page, lab, apply } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await lab.getByRole('tab', { name: 'Objects' }).click();
    await lab.getByRole('treeitem', { name: /^Deployment/ }).click();
    await expect.poll(() => lab.getByRole('region', { name: 'YAML' }).innerText()).toContain('kind: Deployment');
    await lab.getByRole('treeitem', { name: /^Deployment/ }).press('ArrowDown');
    await expect.poll(() => lab.getByRole('region', { name: 'YAML' }).innerText()).toContain('kind: ReplicaSet');
    await lab.getByRole('tab', { name: 'Events' }).click();
    await expect.poll(() => lab.getByRole('table', { name: 'Events' }).innerText()).toContain('ScalingReplicaSet');
    await page.context().close();
  });

  test('time: pause, step, and the past as it was', async () => {
    const { page, lab, apply } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await lab.getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => lab.getByRole('button', { name: 'Resume' }).count()).toBe(1);
    await lab.getByRole('button', { name: 'Step', exact: true }).click();
    const time = lab.getByRole('slider', { name: 'Time' });
    await time.focus();
    await time.press('Home');
    await podsWith(lab, /Running/, 0);
    await time.press('End');
    await podsWith(lab, /1\/1\s*Running/, 3);
    await page.context().close();
  });

  test('the terminal runs kubectl', async () => {
    const { page, lab, apply } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await lab.getByRole('tab', { name: 'Terminal' }).click();
    await runCommand(page, lab, 'kubectl scale deployment web --replicas=1');
    await lab.getByRole('tab', { name: 'Cluster' }).click();
    await podsWith(lab, /1\/1\s*Running/, 1);
    await page.context().close();
  });

  test('the editor: completion and explanations from the API, and no trap for the Tab key', async () => {
    const { page, lab } = await openChapter(site);
    await edit(lab, (text) => text.replace(/replicas: \d+/, 'replicaz: 3'));
    await expect.poll(() => lab.locator('.squiggly-error').count(), { timeout: READY }).toBeGreaterThan(0);
    const box = manifestBox(lab);
    await box.press('Tab');
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(true);
    await box.press('Escape');
    await box.press('Tab');
    expect(await box.evaluate((element) => element === document.activeElement)).toBe(false);
    await page.context().close();
  });

  test('tabs have one place in the Tab order; arrow keys move within', async () => {
    const { page, lab } = await openChapter(site);
    await lab.getByRole('tab', { name: 'Cluster' }).click();
    await page.keyboard.press('ArrowRight');
    expect(await lab.getByRole('tab', { name: 'Timeline' }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('End');
    expect(await lab.getByRole('tab', { name: 'Steps' }).getAttribute('aria-selected')).toBe('true');
    expect(await lab.locator('[role=tab][tabindex="0"]').count()).toBe(1);
    await page.context().close();
  });

  test('Solution passes the checks of the last step', async () => {
    const { page, lab, apply } = await openChapter(site);
    await apply.click();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await lab.getByRole('button', { name: 'Solution' }).click();
    await apply.click();
    await lab.getByRole('tab', { name: 'Steps' }).click();
    await expect.poll(() => lab.getByRole('tabpanel').innerText(), { timeout: READY }).toMatch(/[1-9] of \d done/);
    await page.context().close();
  });

  test('on a phone: one above the other, a plain text area, no sideways scrolling of the page', async () => {
    const { page, lab, apply } = await openChapter(site, PHONE);
    await apply.tap();
    await podsWith(lab, /1\/1\s*Running/, 3);
    await manifestBox(lab).tap();
    expect(await lab.locator('.monaco-editor').count()).toBe(0);
    const overflow = (await page.evaluate(() => document.documentElement.scrollWidth)) - 390;
    expect(overflow).toBeLessThanOrEqual(0);
    await page.context().close();
  });
});
