import type { Difference } from './play.ts';

/** A difference as lines: what was recorded, and what came instead. */
export function reportDifference({ step, what, expected, actual }: Difference): string[] {
  const wanted = expected.split('\n');
  const got = actual.split('\n');
  const lines = [`  step ${step}: ${what}`];
  for (let i = 0; i < Math.max(wanted.length, got.length); i++) {
    if (wanted[i] === got[i]) continue;
    if (wanted[i] !== undefined) lines.push(`    - ${wanted[i]!.slice(0, 400)}`);
    if (got[i] !== undefined) lines.push(`    + ${got[i]!.slice(0, 400)}`);
  }
  return lines;
}
