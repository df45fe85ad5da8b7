/** A real Chromium on the built site, for the end-to-end tests. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { serve } from '../../scripts/serve.ts';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Site {
  readonly origin: string;
  readonly browser: Browser;
  /**
   * A page in a profile of its own. What goes wrong in it (exceptions, refused scripts, requests to other hosts)
   * collects in `problems`.
   */
  open(path: string, options?: BrowserContextOptions): Promise<{ page: Page; problems: string[] }>;
  close(): Promise<void>;
}

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1360, height: 900 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Serves the built site and starts the browser. */
export async function openSite(folder = 'dist'): Promise<Site> {
  if (!existsSync(resolve(folder, 'index.html'))) throw new Error(`${folder} holds no site: run npm run build first`);
  const { server, port } = await serve(resolve(folder), 0, '127.0.0.1');
  const origin = `http://localhost:${port}`;
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  return {
    origin,
    browser,
    open: async (path, options = DESKTOP) => {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
      const page = await context.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(origin) && !/^(blob|data):/.test(url)) problems.push(`a request to ${url}`);
      });
      await page.goto(origin + path);
      return { page, problems };
    },
    close: async () => {
      await browser.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
