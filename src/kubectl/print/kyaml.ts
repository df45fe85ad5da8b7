import { goNumber, goString } from '../../api/go-text.ts';
import { resolvePlain } from '../manifest/yaml-read.ts';
import { isObject, sortedKeys } from '../value.ts';

/** `-o kyaml`: YAML in flow style that is hard to get wrong; strings always quoted, keys when they must be. */
export const toKyaml = (value: unknown): string => `---\n${render(value, 0)}\n`;

const render = (value: unknown, indent: number): string => {
  const pad = ' '.repeat(indent + 2);
  const end = ' '.repeat(indent);
  if (typeof value === 'string') return quoted(value, indent);
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    if (value.every(isObject)) return `[${value.map((item) => render(item, indent)).join(', ')}]`;
    return `[\n${value.map((item) => `${pad}${render(item, indent + 2)},\n`).join('')}${end}]`;
  }
  if (isObject(value)) {
    const keys = sortedKeys(value);
    if (keys.length === 0) return '{}';
    return `{\n${keys.map((key) => `${pad}${keyText(key)}: ${render(value[key], indent + 2)},\n`).join('')}${end}}`;
  }
  return value === undefined ? 'null' : String(value);
};

const keyText = (key: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(key) && resolvePlain(key) === undefined && !/^(---|true|false|[ynYNtfTF])$/.test(key)
    ? key
    : goString(key);

/** What has lines becomes one string, broken after each `\n`; a line that begins with a space says so by a backslash. */
const quoted = (value: string, indent: number): string => {
  if (!value.includes('\n')) return quotedText(value);
  const pad = ' '.repeat(indent + 2);
  const lines = value.split('\n');
  const last = lines.pop()!;
  const written = lines.map((line) => `${margin(line, pad)}${escaped(line)}\\n\\\n`);
  if (last !== '') written.push(`${margin(last, pad)}${escaped(last)}\\\n`);
  return `"\\\n${written.join('')}${pad}"`;
};

const margin = (line: string, pad: string): string => (/^[ \t]/.test(line) ? `${pad}\\` : `${pad} `);

/** Tabs stay as they are. */
const escaped = (line: string): string => JSON.stringify(line).slice(1, -1).replaceAll('\\t', '\t');
const quotedText = (value: string): string => `"${escaped(value)}"`;
