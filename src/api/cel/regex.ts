import type { RE2JS } from 're2js';
import { re2 } from '../re2.ts';

const compiled = new Map<string, RE2JS>();

/** Enough for what one cluster's rules use. */
const KEPT = 500;

/** A regular expression of RE2. Throws an error in Go's words when it is none. */
export function regex(pattern: string): RE2JS {
  let found = compiled.get(pattern);
  if (!found) {
    found = re2.value.compile(pattern);
    if (compiled.size >= KEPT) compiled.clear();
    compiled.set(pattern, found);
  }
  return found;
}

/** What is wrong with a pattern, or undefined. */
export function regexError(pattern: string): string | undefined {
  try {
    regex(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
