import type { Expr } from './ast.ts';
import type { CheckedExpr } from './checker.ts';
import { regexError } from './regex.ts';
import type { Issue } from './source.ts';
import { parseGoDuration, parseTimestamp } from './text.ts';

const GOOD: Readonly<Record<string, (text: string) => boolean>> = {
  duration: (text) => parseGoDuration(text) !== undefined,
  timestamp: (text) => parseTimestamp(text) !== undefined,
  matches: (text) => regexError(text) === undefined,
};

function* calls(node: unknown): Iterable<Expr & { kind: 'call' }> {
  if (typeof node !== 'object' || node === null) return;
  if ('kind' in node && node.kind === 'call') yield node as Expr & { kind: 'call' };
  for (const part of Object.values(node)) yield* calls(part);
}

/** Literals that can never be the duration, time or pattern that they should be (cel-go's AST validators). */
export function checkLiteralArguments({ expr }: CheckedExpr): Issue[] {
  const issues: Issue[] = [];
  for (const { name, args } of calls(expr)) {
    const arg = args.at(-1);
    if (!Object.hasOwn(GOOD, name) || arg?.kind !== 'literal' || typeof arg.value !== 'string') continue;
    if (!GOOD[name]!(arg.value)) issues.push({ offset: arg.offset, message: `invalid ${name} argument` });
  }
  return issues;
}
