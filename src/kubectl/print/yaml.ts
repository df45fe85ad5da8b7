import { goNumber } from '../../api/go-text.ts';
import { resolvePlain } from '../manifest/yaml-read.ts';
import { isObject, type Obj } from '../value.ts';

/** YAML as sigs.k8s.io/yaml writes it: sorted keys, lists not indented, Go's quoting and its folding at 80 columns. */
export const toYaml = (value: unknown): string => {
  if (isObject(value) && Object.keys(value).length > 0) return mapping(value, 0);
  if (Array.isArray(value) && value.length > 0) return sequence(value, 0);
  return `${scalar(value, 0, 0)}\n`;
};

const BEST_WIDTH = 80;
const isLetter = (c: string): boolean => /\p{L}/u.test(c);
const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9';

/** The natural order in which Go's YAML sorts keys: digits as numbers, letters after other characters. */
export const compareKeys = (a: string, b: string): number => {
  const x = [...a];
  const y = [...b];
  for (let i = 0; i < x.length && i < y.length; i++) {
    if (x[i] === y[i]) continue;
    const xl = isLetter(x[i]!);
    const yl = isLetter(y[i]!);
    if (xl && yl) return x[i]! < y[i]! ? -1 : 1;
    if (xl || yl) return yl ? -1 : 1;
    let xn = 0;
    let yn = 0;
    if (x[i] === '0' || y[i] === '0')
      for (let j = i - 1; j >= 0 && isDigit(x[j]); j--)
        if (x[j] !== '0') {
          xn = 1;
          yn = 1;
          break;
        }
    let xi = i;
    let yi = i;
    for (; isDigit(x[xi]); xi++) xn = xn * 10 + Number(x[xi]);
    for (; isDigit(y[yi]); yi++) yn = yn * 10 + Number(y[yi]);
    if (xn !== yn) return xn < yn ? -1 : 1;
    if (xi !== yi) return xi < yi ? -1 : 1;
    return x[i]! < y[i]! ? -1 : 1;
  }
  return x.length - y.length;
};

const mapping = (value: Obj, indent: number): string => {
  let out = '';
  const pad = ' '.repeat(indent);
  for (const key of Object.keys(value).sort(compareKeys)) {
    if (value[key] === undefined) continue;
    out += pad + mapEntry(key, value[key], indent);
  }
  return out;
};

const mapEntry = (key: string, value: unknown, indent: number): string => {
  const name = scalar(key, indent, 0, true);
  if (isObject(value) && Object.keys(value).length > 0) return `${name}:\n${mapping(value, indent + 2)}`;
  if (Array.isArray(value) && value.length > 0) return `${name}:\n${sequence(value, indent)}`;
  return `${name}: ${scalar(value, indent, indent + name.length + 2)}\n`;
};

const sequence = (items: readonly unknown[], indent: number): string =>
  items.map((item) => `${' '.repeat(indent)}- ${element(item, indent)}`).join('');

const element = (item: unknown, indent: number): string => {
  if (isObject(item) && Object.keys(item).length > 0) return mapping(item, indent + 2).slice(indent + 2);
  if (Array.isArray(item) && item.length > 0) return sequence(item, indent + 2).slice(indent + 2);
  return `${scalar(item, indent, indent + 2)}\n`;
};

const scalar = (value: unknown, indent: number, column: number, key = false): string => {
  if (typeof value === 'string') return stringScalar(value, indent, column, key);
  if (typeof value === 'number')
    return Number.isFinite(value) ? goNumber(value) : Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  if (Array.isArray(value)) return '[]';
  if (isObject(value)) return '{}';
  return value === null || value === undefined ? 'null' : String(value);
};

const printable = /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/;
const timestamp = /^\d{4}-\d{1,2}-\d{1,2}([Tt\s]+\d{1,2}:\d{2}:\d{2}(\.\d*)?\s*(Z|[-+]\d{1,2}(:?\d{2})?)?)?$/;
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

interface Allowed {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

const analyze = (value: string): Allowed => {
  if (value === '') return { plain: true, single: true, block: false };
  if (!printable.test(value) || / \n/.test(value)) return { plain: false, single: false, block: false };
  const edge = /^[ \n]|[ \n]$/.test(value);
  const spaceAfterBreak = /\n /.test(value);
  const indicator = /^(---|\.\.\.|[#,[\]{}&*!|>'"%@`])|^[?:-](\s|$)|:(\s|$)|\s#/.test(value);
  return { plain: !edge && !indicator && !value.includes('\n'), single: !spaceAfterBreak, block: !value.endsWith(' ') };
};

const stringScalar = (value: string, indent: number, column: number, key: boolean): string => {
  const allowed = analyze(value);
  if (value.includes('\n') && !key && allowed.block) return literal(value, indent);
  if (value.includes('\n')) return doubleQuoted(value, indent, column, key);
  if (resolvePlain(value) !== undefined || timestamp.test(value) || base60.test(value))
    return doubleQuoted(value, indent, column, key);
  if (allowed.plain) return fold(value, indent, column, key, false);
  if (allowed.single) return `'${fold(value.replaceAll("'", "''"), indent, column + 1, key, true)}'`;
  return doubleQuoted(value, indent, column, key);
};

/** Breaks at single spaces once a line has passed 80 columns. */
const fold = (value: string, indent: number, start: number, key: boolean, quoted: boolean): string => {
  if (key || start + value.length <= BEST_WIDTH) return value;
  const chars = [...value];
  let out = '';
  let column = start;
  let spaces = false;
  chars.forEach((c, i) => {
    if (c !== ' ') {
      out += c;
      column++;
      spaces = false;
      return;
    }
    const inside = !quoted || (i > 0 && i < chars.length - 1);
    if (!spaces && column > BEST_WIDTH && inside && chars[i + 1] !== ' ') {
      out += `\n${' '.repeat(indent + 2)}`;
      column = indent + 2;
    } else {
      out += c;
      column++;
    }
    spaces = true;
  });
  return out;
};

const literal = (value: string, indent: number): string => {
  const hint = /^[ \n]/.test(value) ? '2' : '';
  const chomp = !value.endsWith('\n') ? '-' : value === '\n' || value.endsWith('\n\n') ? '+' : '';
  const lines = (value.endsWith('\n') ? value.slice(0, -1) : value).split('\n');
  const pad = ' '.repeat(indent + 2);
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : pad + line)).join('\n')}`;
};

const named: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\u0085': 'N',
  '\u00a0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

const escapeChar = (c: string): string => {
  if (named[c] !== undefined) return `\\${named[c]}`;
  if (printable.test(c) && c !== '\ufeff') return c;
  const code = c.codePointAt(0)!;
  const hex = (width: number): string => code.toString(16).toUpperCase().padStart(width, '0');
  return code <= 0xff ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
};

const doubleQuoted = (value: string, indent: number, start: number, key: boolean): string => {
  const chars = [...value];
  let out = '"';
  let column = start + 1;
  let spaces = false;
  chars.forEach((c, i) => {
    if (c === ' ' && !key && !spaces && column > BEST_WIDTH && i > 0 && i < chars.length - 1) {
      out += `\n${' '.repeat(indent + 2)}${chars[i + 1] === ' ' ? '\\' : ''}`;
      column = indent + 2;
      spaces = true;
      return;
    }
    const written = c === ' ' ? c : escapeChar(c);
    out += written;
    column += written.length;
    spaces = c === ' ';
  });
  return `${out}"`;
};
