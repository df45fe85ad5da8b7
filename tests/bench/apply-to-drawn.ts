import type { Locator } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.ts';
import { openSite } from '../e2e/browser.ts';
import { firstLab, openChapter } from '../e2e/lab-page.ts';
import type { Benchmark } from './result.ts';

const RUNS = 5;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Wall milliseconds from the click on Apply until the frame in which the table shows three ready Pods. */
const clickToDrawn = (lab: Locator): Promise<number> =>
  lab.evaluate(
    (region) =>
      new Promise<number>((resolve) => {
        const ready = (): number =>
          [...region.querySelectorAll('table.lab-pods tbody tr')].filter((row) =>
            row.textContent.includes('1/1Running'),
          ).length;
        const apply = region.querySelector<HTMLButtonElement>('button.lab-apply')!;
        const observer = new MutationObserver(() => {
          if (ready() < 3) return;
          observer.disconnect();
          // The frame that shows the change has begun when this is called.
          requestAnimationFrame(() => resolve(performance.now() - clicked));
        });
        observer.observe(region, { subtree: true, childList: true, characterData: true });
        const clicked = performance.now();
        apply.click();
      }),
  );

/** Virtual milliseconds from the command to the write that made the last Pod ready, as the timeline has them. */
async function virtualTime(lab: Locator): Promise<number> {
  const milliseconds = (text: string): number => Number.parseFloat(text) * 1000;
  await lab.getByRole('tab', { name: 'Timeline' }).click();
  await lab.getByText('What happened, as a list').click();
  const row = lab.getByRole('row').filter({ hasText: 'put /registry/pods/default/web-' }).first();
  const end = milliseconds(await row.getByRole('cell').first().innerText());
  await row.getByRole('button').click();
  await lab.getByRole('navigation', { name: 'Causes, first one first' }).getByRole('button').first().click();
  const heading = lab.getByRole('heading', { name: /^kubectl/ });
  const start = milliseconds(await heading.locator('small').innerText());
  await lab.getByRole('tab', { name: 'Cluster' }).click();
  return end - start;
}

async function reset(lab: Locator): Promise<void> {
  await lab.getByRole('button', { name: 'Reset' }).click();
  await lab.getByText('No Pods yet').waitFor();
}

/** From Apply to three ready Pods on the screen, in a real browser: how much longer than the cluster itself takes. */
export const applyToDrawn: Benchmark = {
  name: 'apply-to-drawn',
  async run() {
    process.env['CHROMIUM'] = findChromium();
    const site = await openSite();
    try {
      const { page } = await openChapter(site);
      const lab = firstLab(page);
      await lab.getByText('At rest').waitFor();
      const over: number[] = [];
      const fast: number[] = [];
      let virtual = 0;
      for (let run = 0; run < RUNS; run++) {
        const wall = await clickToDrawn(lab);
        virtual = await virtualTime(lab);
        over.push(wall - virtual);
        await reset(lab);
      }
      await lab.getByRole('slider', { name: 'Speed' }).press('End');
      for (let run = 0; run < RUNS; run++) {
        fast.push(await clickToDrawn(lab));
        await reset(lab);
      }
      return {
        results: [
          { name: this.name, unit: 'ms over', ours: median(over) },
          { name: `${this.name}, as fast as it goes`, unit: 'ms', ours: median(fast) },
        ],
        remarks: [`virtual time: ${virtual.toFixed(0)} ms; a frame of a 60 Hz screen: 17 ms; medians of ${RUNS} runs`],
      };
    } finally {
      await site.close();
    }
  },
};
