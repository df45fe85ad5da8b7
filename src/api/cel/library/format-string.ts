/** 'text with %s'.format([values]) (cel-go's ext/formatting.go). */
import { goFloat } from '../text.ts';
import {
  Duration,
  Failure,
  ListValue,
  MapValue,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelValue,
  type Result,
} from '../values.ts';

const utf8 = new TextDecoder();

/** A value as %s shows it. */
function show(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goFloat(value);
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return utf8.decode(value);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof ListValue) return `[${[...value].map(show).join(', ')}]`;
  if (value instanceof MapValue) {
    const entries = [...value.keys()].map((key) => [show(key), value.find(key)] as const);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, of]) => `${key}: ${show(of as CelValue)}`).join(', ')}}`;
  }
  if (value === null || typeof value === 'boolean' || value instanceof Timestamp || value instanceof Duration)
    return String(value);
  return String(value);
}

const whole = (value: CelValue): bigint | undefined =>
  typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined;

const wrongType = (clause: string, kinds: string, value: CelValue): Failure =>
  new Failure(`error during formatting: ${clause} clause can only be used on ${kinds}, was given ${typeNameOf(value)}`);

const DEFAULT_PRECISION = 6;

function decimal(value: CelValue): string | Failure {
  const number = whole(value);
  if (number !== undefined) return String(number);
  if (typeof value === 'number' && !Number.isFinite(value))
    return goFloat(value).replace('Inf', 'Infinity').replace('+', '');
  return wrongType('decimal', 'integers', value);
}

function inBase(clause: string, base: number, value: CelValue): string | Failure {
  const number = value === true ? 1n : value === false ? 0n : whole(value);
  return number === undefined ? wrongType(clause, 'integers and bools', value) : number.toString(base);
}

function hex(value: CelValue): string | Failure {
  if (typeof value === 'string') return hex(new TextEncoder().encode(value));
  if (value instanceof Uint8Array) return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const number = whole(value);
  return number === undefined ? wrongType('hex', 'integers, byte buffers, and strings', value) : number.toString(16);
}

function floating(clause: string, value: CelValue, write: (number: number) => string): string | Failure {
  const number = typeof value === 'number' ? value : whole(value) === undefined ? undefined : Number(whole(value));
  if (number === undefined) return wrongType(clause, 'doubles', value);
  return Number.isFinite(number) ? write(number) : goFloat(number).replace('Inf', 'Infinity').replace('+', '');
}

const scientific = (number: number, precision: number): string =>
  number.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');

function formatOne(verb: string, precision: number, value: CelValue): string | Failure {
  switch (verb) {
    case 's':
      return show(value);
    case 'd':
      return decimal(value);
    case 'f':
      return floating('fixed-point', value, (number) => number.toFixed(precision));
    case 'e':
      return floating('scientific', value, (number) => scientific(number, precision));
    case 'b':
      return inBase('binary', 2, value);
    case 'o':
      return inBase('octal', 8, value);
    case 'x':
      return hex(value);
    case 'X': {
      const text = hex(value);
      return text instanceof Failure ? text : text.toUpperCase();
    }
    default:
      return new Failure(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

/** The text with its clauses replaced by the values, in order. */
export function formatString(text: string, values: ListValue): Result {
  let used = 0;
  let wrong: Failure | undefined;
  const formatted = text.replace(/%(?:%|(?:\.(\d+))?([^]?))/gu, (whole_, precision: string | undefined, verb = '') => {
    if (whole_ === '%%') return '%';
    if (wrong) return '';
    if (used >= values.size) {
      wrong = new Failure(`index ${used} out of range`);
      return '';
    }
    const result = formatOne(verb, precision === undefined ? DEFAULT_PRECISION : Number(precision), values.at(used++));
    if (result instanceof Failure) wrong = result;
    return result instanceof Failure ? '' : result;
  });
  if (wrong) return wrong;
  if (used < values.size)
    return new Failure(`too many arguments supplied to string.format (expected ${used}, got ${values.size})`);
  return formatted;
}
