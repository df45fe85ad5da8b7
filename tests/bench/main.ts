// npm run bench [-- --only NAME] [--json FILE]
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { api } from './api.ts';
import { applyToDrawn } from './apply-to-drawn.ts';
import { boot } from './boot.ts';
import { deploy } from './deploy.ts';
import type { Result } from './result.ts';
import { schedulingBenchmarks } from './scheduling.ts';

const benchmarks = [deploy(3), deploy(100), deploy(1_000), ...schedulingBenchmarks, api, boot, applyToDrawn];

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'string' } } });
const chosen = benchmarks.filter(({ name }) => values.only === undefined || values.only === name);
if (chosen.length === 0) {
  console.error(`There is no benchmark "${values.only}"; there are: ${benchmarks.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}

const number = (value: number | undefined): string => {
  if (value === undefined) return '';
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
};

const WIDTHS = [46, 10, 12, 12, 9, 22] as const;
const row = (cells: readonly string[]): string =>
  cells
    .map((cell, i) => (i < 2 || i > 4 ? cell.padEnd(WIDTHS[i]!) : cell.padStart(WIDTHS[i]!)))
    .join(' ')
    .trimEnd();

const all: Result[] = [];
console.log(row(['benchmark', 'unit', 'ours', 'peer', 'ratio', ' peer is']));
for (const benchmark of chosen) {
  const { results, remarks = [] } = await benchmark.run();
  for (const result of results) {
    const { name, unit, ours, peer, ratio, peerName = '' } = result;
    console.log(row([name, unit, number(ours), number(peer), ratio ? `${number(ratio)}×` : '', ` ${peerName}`]));
    all.push(result);
  }
  for (const remark of remarks) console.log(remark);
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(all, undefined, 2)}\n`);
