import { goNumber } from '../api/go-text.ts';
import { isObject, sortedKeys } from './value.ts';

/** A value as Go's `%#v` prints unstructured content. */
export const goSyntax = (value: unknown): string => {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (isObject(value))
    return `map[string]interface {}{${sortedKeys(value)
      .map((key) => `${goQuote(key)}:${goSyntax(value[key])}`)
      .join(', ')}}`;
  if (typeof value === 'string') return goQuote(value);
  return typeof value === 'number' ? goNumber(value) : String(value);
};

const escapes: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
};

/** A string as Go's `%q` prints it. */
export const goQuote = (value: string): string =>
  `"${value.replace(/[\x00-\x1f"\\\x7f]/g, (c) => escapes[c] ?? `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)}"`;
