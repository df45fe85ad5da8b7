// Runs dependency-cruiser and makes sure that it really saw the house: it passes silently where it can read no file.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';

const { stdout, stderr, status } = spawnSync(
  'depcruise',
  ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src'],
  { encoding: 'utf8', maxBuffer: 1 << 30 },
);
if (status === null || !stdout.startsWith('{')) {
  console.error(`dependency-cruiser did not run:\n${stderr}`);
  process.exit(1);
}
interface Result {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}
const result = JSON.parse(stdout) as Result;
const errors = result.summary.violations.filter(({ rule }) => rule.severity === 'error');
for (const { from, to, rule } of errors) console.error(`${from} → ${to}: ${rule.name}`);

const seen = new Set(result.modules.map(({ source }) => source));
const unseen = globSync('src/**/*.{ts,tsx}').filter((file) => !file.endsWith('.d.ts') && !seen.has(file));
for (const file of unseen) console.error(`${file}: dependency-cruiser did not see this file`);
if (errors.length > 0 || unseen.length > 0) process.exit(1);
