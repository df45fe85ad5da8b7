// `npm test`: everything that must hold. Ends with the line `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check, count, report, staticChecks } from './checks/index.ts';
import { findChromium } from './chromium.ts';
import { execute } from './execute.ts';
import { findKubectl } from './kubectl.ts';

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A program that the tests drive; the tests find its path in the environment. */
function provide(variable: 'CHROMIUM' | 'KUBECTL', find: () => string): void {
  try {
    process.env[variable] = find();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    console.error(message);
    count(0, [message]);
  }
}

/** Runs a project of vitest.config.ts and counts its tests one by one. */
async function vitest(project: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'vitest-'));
  const file = join(folder, 'report.json');
  const code = await execute('vitest', [
    'run',
    '--project',
    project,
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const suites = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as VitestReport).testResults : [];
  rmSync(folder, { recursive: true });
  const failed: string[] = [];
  let passed = 0;
  for (const { name, status, assertionResults } of suites) {
    const failures = assertionResults.filter((test) => test.status === 'failed');
    passed += assertionResults.filter((test) => test.status === 'passed').length;
    failed.push(...failures.map((test) => `${name}: ${test.fullName}`));
    if (status === 'failed' && failures.length === 0) failed.push(`${name}: could not run`);
  }
  if (code !== 0 && failed.length === 0) failed.push(`the ${project} tests ended with code ${code}`);
  count(passed, failed);
}

provide('CHROMIUM', findChromium);
provide('KUBECTL', findKubectl);
for (const each of staticChecks) await check(each);
await vitest('unit');
await vitest('conformance');
if (await check({ title: 'build', command: 'astro', args: ['build'] })) {
  await check({ title: 'size budgets', command: 'node', args: ['scripts/checks/budgets.ts'] });
  await vitest('e2e');
}
report();
