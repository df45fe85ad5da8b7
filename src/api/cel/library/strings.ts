/** More functions on text (cel-go's ext.Strings, version 2). */
import { member, global, type Library } from '../functions.ts';
import { codePoints } from '../text.ts';
import { DYN, INT, listType, STRING } from '../types.ts';
import { ArrayList, Failure, type CelValue, type ListValue, type Result } from '../values.ts';
import { formatString } from './format-string.ts';

const outOfRange = (index: bigint | number): Failure => new Failure(`index out of range: ${index}`);

function charAt(text: string, index: bigint): Result {
  const characters = [...text];
  const at = Number(index);
  if (at < 0 || at > characters.length) return outOfRange(index);
  return characters[at] ?? '';
}

/** Where text is in text, from an index on, in code points. */
function indexOf(text: string, part: string, from = 0n): Result {
  const characters = [...text];
  const start = Number(from);
  if (part === '') return from;
  if (start < 0 || start > characters.length) return outOfRange(from);
  const skipped = characters.slice(0, start).join('').length;
  const at = text.indexOf(part, skipped);
  return at < 0 ? -1n : BigInt(codePoints(text.slice(0, at)));
}

function lastIndexOf(text: string, part: string, to?: bigint): Result {
  const characters = [...text];
  const end = to === undefined ? characters.length : Number(to);
  if (part === '') return BigInt(end);
  if (end < 0 || end > characters.length) return outOfRange(to ?? 0n);
  const before = characters.slice(0, end).join('').length;
  const at = text.lastIndexOf(part, before);
  return at < 0 ? -1n : BigInt(codePoints(text.slice(0, at)));
}

function substring(text: string, from: bigint, to?: bigint): Result {
  const characters = [...text];
  const [start, end] = [Number(from), to === undefined ? characters.length : Number(to)];
  if (to !== undefined && start > end) return new Failure(`invalid substring range. start: ${start}, end: ${end}`);
  if (start < 0 || start > characters.length) return outOfRange(start);
  if (end < 0 || end > characters.length) return outOfRange(end);
  return characters.slice(start, end).join('');
}

/** Replaces so many occurrences; all when the number is negative. Nothing is found before each character and at the end. */
function replace(text: string, from: string, to: string, limit = -1n): Result {
  if (limit < 0n) return from === '' ? [...text].map((c) => to + c).join('') + to : text.replaceAll(from, to);
  const parts = from === '' ? ['', ...text] : text.split(from);
  const count = Math.min(Number(limit), parts.length - 1);
  const rest = parts.slice(count).join(from);
  return from === '' && Number(limit) > count
    ? [...text].map((c) => to + c).join('') + to
    : [...parts.slice(0, count), rest].join(from === '' ? to : to);
}

function split(text: string, separator: string, limit = -1n): Result {
  if (limit === 0n) return new ArrayList([]);
  const parts = separator === '' ? [...text] : text.split(separator);
  const most = Number(limit);
  if (most < 0 || parts.length <= most) return new ArrayList(parts);
  return new ArrayList([...parts.slice(0, most - 1), parts.slice(most - 1).join(separator)]);
}

function join(list: ListValue, separator = ''): Result {
  const parts: CelValue[] = [...list];
  if (!parts.every((part) => typeof part === 'string')) return new Failure('no such overload');
  return parts.join(separator);
}

const QUOTED: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

const ascii = (text: string, from: RegExp, change: (part: string) => string): string => text.replace(from, change);

/** What Go's unicode.IsSpace takes for space. */
const SPACE = String.raw`[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]`;
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');

export const strings: Library = [
  ['charAt', member('string_char_at_int', [STRING, INT], STRING, charAt)],
  ['format', member('string_format', [STRING, listType(DYN)], STRING, formatString)],
  [
    'indexOf',
    member('string_index_of_string', [STRING, STRING], INT, indexOf),
    member('string_index_of_string_int', [STRING, STRING, INT], INT, indexOf),
  ],
  [
    'join',
    member('list_join', [listType(STRING)], STRING, join),
    member('list_join_string', [listType(STRING), STRING], STRING, join),
  ],
  [
    'lastIndexOf',
    member('string_last_index_of_string', [STRING, STRING], INT, lastIndexOf),
    member('string_last_index_of_string_int', [STRING, STRING, INT], INT, lastIndexOf),
  ],
  [
    'lowerAscii',
    member('string_lower_ascii', [STRING], STRING, (text: string) =>
      ascii(text, /[A-Z]+/g, (part) => part.toLowerCase()),
    ),
  ],
  [
    'upperAscii',
    member('string_upper_ascii', [STRING], STRING, (text: string) =>
      ascii(text, /[a-z]+/g, (part) => part.toUpperCase()),
    ),
  ],
  [
    'replace',
    member('string_replace_string_string', [STRING, STRING, STRING], STRING, replace),
    member('string_replace_string_string_int', [STRING, STRING, STRING, INT], STRING, replace),
  ],
  [
    'split',
    member('string_split_string', [STRING, STRING], listType(STRING), split),
    member('string_split_string_int', [STRING, STRING, INT], listType(STRING), split),
  ],
  [
    'substring',
    member('string_substring_int', [STRING, INT], STRING, substring),
    member('string_substring_int_int', [STRING, INT, INT], STRING, substring),
  ],
  ['trim', member('string_trim', [STRING], STRING, (text: string) => text.replace(OUTER_SPACE, ''))],
  [
    'strings.quote',
    global(
      'strings_quote',
      [STRING],
      STRING,
      (text: string) => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (character) => QUOTED[character]!)}"`,
    ),
  ],
];
