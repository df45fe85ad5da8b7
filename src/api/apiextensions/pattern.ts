import type { RE2JS } from 're2js';
import { re2 } from '../re2.ts';

const compiled = new Map<string, RE2JS | undefined>();
const LARGEST = 512;

/** What Go says of a text that is no regular expression; undefined when it is one. */
export function patternProblem(text: string): string | undefined {
  try {
    re2.value.compile(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A regular expression in Go's syntax (RE2); undefined when it is none. */
export function patternOf(text: string): RE2JS | undefined {
  if (compiled.has(text)) return compiled.get(text);
  let pattern: RE2JS | undefined;
  try {
    pattern = re2.value.compile(text);
  } catch {
    pattern = undefined;
  }
  if (compiled.size >= LARGEST) compiled.clear();
  compiled.set(text, pattern);
  return pattern;
}
