import {
  defineMappingTag,
  defineScalarTag,
  load,
  mergeTag,
  NOT_RESOLVED,
  Schema,
  seqTag,
  strTag,
  YAMLException,
} from 'js-yaml';
import { goNumber } from '../../api/go-text.ts';
import type { Obj } from '../value.ts';

/**
 * YAML as Kubernetes reads it: YAML 1.1 scalars (`y`, `on`, `0644`), keys always strings, dates and base-60 numbers
 * strings, the last of duplicate keys wins; errors in the words of Go's parser.
 */
const bools: Record<string, boolean> = {};
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) bools[word] = true;
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) bools[word] = false;
const nulls = new Set(['', '~', 'null', 'Null', 'NULL']);

/** The value of a plain scalar that is not a string; undefined when it is one. */
export const resolvePlain = (source: string): { value: boolean | number | null } | undefined => {
  if (nulls.has(source)) return { value: null };
  if (Object.hasOwn(bools, source)) return { value: bools[source]! };
  const number = parseNumber(source);
  return number === undefined ? undefined : { value: number };
};

const parseNumber = (source: string): number | undefined => {
  if (!/^[-+.0-9]/.test(source)) return undefined;
  if (/^[-+]?\.(inf|Inf|INF)$/.test(source)) return source.startsWith('-') ? -Infinity : Infinity;
  if (/^\.(nan|NaN|NAN)$/.test(source)) return NaN;
  const plain = source.replaceAll('_', '');
  const sign = plain.startsWith('-') ? -1 : 1;
  const digits = plain.replace(/^[-+]/, '');
  if (/^0[xX][0-9a-fA-F]+$/.test(digits) || /^0[bB][01]+$/.test(digits) || /^0o[0-7]+$/.test(digits))
    return sign * Number(digits);
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8);
  if (/^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/.test(plain)) return Number(plain);
  return undefined;
};

const plainTag = defineScalarTag('tag:yaml.org,2002:null', {
  implicit: true,
  resolve: (source) => {
    const found = resolvePlain(source);
    return found ? found.value : NOT_RESOLVED;
  },
  identify: () => false,
});
const explicit = (name: string, convert: (source: string) => unknown) =>
  defineScalarTag<unknown>(`tag:yaml.org,2002:${name}`, { resolve: convert, identify: () => false });
const orSource = (source: string): unknown => resolvePlain(source)?.value ?? source;
const keyText = (key: unknown): string => (typeof key === 'number' ? goNumber(key) : String(key));
const mapTag = defineMappingTag<Obj>('tag:yaml.org,2002:map', {
  create: () => ({}),
  addPair: (carrier, key, value) => {
    if (typeof key === 'object' && key !== null) return 'Unsupported map key';
    Object.defineProperty(carrier, keyText(key), { value, enumerable: true, configurable: true, writable: true });
    return '';
  },
  has: () => false,
  keys: (result) => Object.keys(result),
  get: (result, key) => result[keyText(key)],
  identify: () => false,
});
const schema = new Schema([
  plainTag,
  strTag,
  seqTag,
  mapTag,
  mergeTag,
  explicit('int', orSource),
  explicit('float', orSource),
  explicit('bool', orSource),
  explicit('binary', (source) => atob(source.replace(/\s/g, ''))),
]);

/** Text of one YAML document to its JSON value. Throws an Error worded as Go's YAML parser words it. */
export const readYaml = (source: string): unknown => {
  try {
    return load(source, { schema });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    if (
      /expected a document, but the input is empty|empty/i.test(error.reason) &&
      source.replace(/#.*/g, '').trim() === ''
    )
      return null;
    throw new Error(`yaml: ${goReason(error.reason, source, error.mark?.line ?? 0, error.mark?.column ?? 0)}`, {
      cause: error,
    });
  }
};

/** Go's scanner counts lines from one, its parser from zero; nothing is said about line zero. */
const goReason = (reason: string, source: string, line: number, column: number): string => {
  const lines = source.split('\n');
  const scanner = (message: string, atLine = line): string => (atLine > 0 ? `line ${atLine + 1}: ${message}` : message);
  const parser = (message: string, atLine = line): string => (atLine > 0 ? `line ${atLine}: ${message}` : message);
  const rest = (lines[line] ?? '').slice(column);
  const alias = /unidentified alias "(.*)"/.exec(reason);
  if (alias) return `unknown anchor '${alias[1]!}' referenced`;
  if (reason.includes('tab characters')) {
    const before = lines.slice(0, line).findLast((text) => text.trim() !== '') ?? '';
    return scanner(
      /:\s*$/.test(before) || before === ''
        ? 'found character that cannot start any token'
        : 'found a tab character that violates indentation',
    );
  }
  if (/^\s*[@`%]/.test(rest)) return scanner('found character that cannot start any token');
  if (reason.startsWith('bad indentation of a')) {
    if (rest.trimStart().startsWith(':') || /^\S*:(\s|$)/.test(rest) === false)
      return scanner('mapping values are not allowed in this context');
    return parser('did not find expected key');
  }
  if (reason.includes('multiline key') || reason.includes('implicit mapping pair') || reason.includes('implicit key'))
    return scanner("could not find expected ':'");
  if (
    reason.includes('deficient indentation') ||
    reason.includes('flow collection') ||
    reason.includes('flow sequence') ||
    reason.includes('missed comma')
  ) {
    const text = lines
      .slice(0, line + 1)
      .join('\n')
      .slice(0, -(rest.length || 1));
    const quote = openQuote(lines.slice(0, line).join('\n'));
    if (quote) return scanner('found unexpected end of stream', lines.length - 1);
    return parser(`did not find expected ',' or '${text.lastIndexOf('{') > text.lastIndexOf('[') ? '}' : ']'}'`);
  }
  if (reason.includes('unexpected end of the stream'))
    return scanner('found unexpected end of stream', lines.length - 1);
  if (reason.includes('document separator is expected') || reason.includes('end of the stream'))
    return parser('did not find expected key');
  return scanner(reason);
};

const openQuote = (text: string): boolean => {
  const last = text.split('\n').at(-1) ?? '';
  return (
    (last.replace(/\\"/g, '').match(/"/g)?.length ?? 0) % 2 === 1 ||
    (/:\s*'/.test(last) && (last.match(/'/g)?.length ?? 0) % 2 === 1)
  );
};
