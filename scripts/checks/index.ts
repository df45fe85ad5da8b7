import { execute } from '../execute.ts';

/** A command that passes or fails as a whole. */
export interface Check {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
}

export const staticChecks: readonly Check[] = [
  {
    title: 'formatting',
    command: 'prettier',
    args: ['--check', '--log-level', 'warn', 'src', 'scripts', 'tests/**/*.{ts,tsx}', '*.{ts,mjs,json}'],
  },
  { title: 'lint', command: 'oxlint', args: ['--quiet'] },
  { title: 'floors held apart', command: 'node', args: ['scripts/checks/floors.ts'] },
  { title: 'no wall clock, no global randomness', command: 'node', args: ['scripts/checks/determinism.ts'] },
  {
    title: 'types',
    command: 'astro',
    args: ['check', '--minimumSeverity', 'error', '--minimumFailingSeverity', 'error'],
  },
];

const failures: string[] = [];
let passed = 0;

/** Counts results that a check made of several tests found. */
export function count(good: number, failed: readonly string[]): void {
  passed += good;
  failures.push(...failed);
}

/** Runs a check, says how it went and counts it. */
export async function check({ title, command, args }: Check): Promise<boolean> {
  const start = performance.now();
  const good = (await execute(command, args)) === 0;
  console.log(`${good ? '✓' : '✗'} ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  if (good) passed++;
  else failures.push(title);
  return good;
}

/** Prints what failed and the last line, and sets the exit code. */
export function report(): void {
  for (const title of failures) console.log(`✗ ${title}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}
