// Page weight of the built site, in bytes of gzip. A budget that is exceeded fails the build's check.
import { globSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { read, SITE, staticGraph, workerGraph } from './static-graph.ts';

const KIB = 1024;

const gzipSize = (text: string): number => gzipSync(text, { level: 9 }).length;

/** JavaScript of a page whose labs nobody has touched: its scripts, inline ones too, and its islands. */
function pageScripts(html: string): number {
  const files = new Set<string>();
  for (const [, url] of html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"|(?:component-url|renderer-url)="([^"]+)"/g)) {
    if (url) staticGraph(url, files);
  }
  for (const [, url] of html.matchAll(/(?:component-url|renderer-url)="([^"]+)"/g)) staticGraph(url!, files);
  let size = [...files].reduce((sum, file) => sum + gzipSize(read(file)), 0);
  for (const [, code] of html.matchAll(/<script(?![^>]*\b(?:src|type="application))[^>]*>([\s\S]*?)<\/script>/g)) {
    if (code) size += gzipSize(code);
  }
  return size;
}

const workerSize = (): number => [...workerGraph()].reduce((sum, file) => sum + gzipSize(read(file)), 0);

const budgets: readonly { readonly what: string; readonly limit: number; readonly size: number }[] = [
  ...globSync('{en,zh-cn}/**/index.html', { cwd: SITE }).map((page) => ({
    what: `JavaScript of ${page}`,
    limit: 60 * KIB,
    size: pageScripts(read(page)),
  })),
  { what: 'worker of a lab', limit: 250 * KIB, size: workerSize() },
];

const kib = (bytes: number): string => `${(bytes / KIB).toFixed(1)} KiB`;
const exceeded = budgets.filter(({ size, limit }) => size > limit);
for (const { what, size, limit } of exceeded) console.error(`${what}: ${kib(size)} gzip, more than ${kib(limit)}`);
const heaviest = budgets.toSorted((a, b) => b.size / b.limit - a.size / a.limit)[0]!;
console.log(`nearest to its limit: ${heaviest.what}, ${kib(heaviest.size)} of ${kib(heaviest.limit)}`);
if (exceeded.length > 0) process.exit(1);
