/**
 * `node tests/recording-runner/main.ts [pattern] [--all] [--write]`: plays the recordings whose names fit, and says which
 * hold; of those that do not, the first step that differs (`--all`: every one). `--write` renews holding.json.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { play } from './play.ts';
import { loadRecording, recordingNames } from './recordings.ts';
import { reportDifference } from './report.ts';

const HOLDING = join(import.meta.dirname, 'holding.json');
const args = process.argv.slice(2);
const pattern = new RegExp(args.find((arg) => !arg.startsWith('--')) ?? '');
const names = recordingNames().filter((name) => pattern.test(name));

const holding: string[] = [];
let agreed = 0;
let steps = 0;
for (const name of names) {
  const result = await play(loadRecording(name));
  agreed += result.agreed;
  steps += result.steps;
  if (result.differences.length === 0) holding.push(name);
  console.log(`${result.differences.length === 0 ? 'holds' : 'FAILS'} ${name} ${result.agreed}/${result.steps}`);
  const shown = args.includes('--all')
    ? result.differences
    : result.differences.slice(0, args.includes('--quiet') ? 0 : 1);
  for (const difference of shown) console.log(reportDifference(difference).join('\n'));
}
console.log(`${holding.length} of ${names.length} recordings hold, ${agreed} of ${steps} steps agree`);
if (args.includes('--write')) {
  const before = JSON.parse(readFileSync(HOLDING, 'utf8')) as string[];
  const kept = before.filter((name) => !pattern.test(name));
  writeFileSync(HOLDING, `${JSON.stringify([...kept, ...holding].sort(), null, 2)}\n`);
}
