/** The conversions between types (CEL specification, "Standard Definitions"). */
import { global, type Library } from '../functions.ts';
import { isInt, isUint } from '../literals.ts';
import { goFloat, parseGoDuration, parseTimestamp } from '../text.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  NULL,
  paramType,
  STRING,
  TIMESTAMP,
  typeType,
  UINT,
  type CelType,
} from '../types.ts';
import { Duration, Failure, Timestamp, TypeValue, typeNameOf, Uint, type CelValue, type Result } from '../values.ts';

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const wrong = (from: string, to: string): Failure => new Failure(`type conversion error from '${from}' to '${to}'`);

function toInt(value: bigint | number): Result {
  if (typeof value === 'number') {
    if (!Number.isFinite(value) || Math.abs(value) >= 2 ** 63) return new Failure('integer overflow');
    return BigInt(Math.trunc(value));
  }
  return isInt(value) ? value : new Failure('integer overflow');
}

function toUint(value: bigint | number): Result {
  if (typeof value === 'number' && !Number.isFinite(value)) return new Failure('unsigned integer overflow');
  const whole = BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  return isUint(whole) ? new Uint(whole) : new Failure('unsigned integer overflow');
}

const parseInt64 = (text: string): Result =>
  /^[+-]?\d+$/.test(text) && isInt(BigInt(text.replace(/^\+/, '')))
    ? BigInt(text.replace(/^\+/, ''))
    : wrong('string', 'int');

const parseUint64 = (text: string): Result =>
  /^\d+$/.test(text) && isUint(BigInt(text)) ? new Uint(BigInt(text)) : wrong('string', 'uint');

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const parseDouble = (text: string): Result => {
  if (DECIMAL.test(text)) return Number(text);
  if (/^[+-]?(inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^nan$/i.test(text) ? Number.NaN : wrong('string', 'double');
};

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);
const parseBool = (text: string): Result => (TRUE.has(text) ? true : FALSE.has(text) ? false : wrong('string', 'bool'));

function parseDuration(text: string): Result {
  const nanoseconds = parseGoDuration(text);
  return nanoseconds === undefined ? wrong('string', 'google.protobuf.Duration') : new Duration(nanoseconds);
}

function parseMoment(text: string): Result {
  const nanoseconds = parseTimestamp(text);
  return nanoseconds === undefined ? wrong('string', 'google.protobuf.Timestamp') : new Timestamp(nanoseconds);
}

function decode(bytes: Uint8Array): Result {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return new Failure('invalid UTF-8 in bytes, cannot convert to string');
  }
}

const same = <T extends CelValue>(value: T): T => value;
const any = paramType('A');

/** Functions named after types. */
export const conversions: Library = [
  ['bool', global('bool_to_bool', [BOOL], BOOL, same), global('string_to_bool', [STRING], BOOL, parseBool)],
  [
    'int',
    global('int64_to_int64', [INT], INT, same),
    global('double_to_int64', [DOUBLE], INT, toInt),
    global('duration_to_int64', [DURATION], INT, (value: Duration) => value.nanoseconds),
    global('string_to_int64', [STRING], INT, parseInt64),
    global('timestamp_to_int64', [TIMESTAMP], INT, (value: Timestamp) => BigInt(Math.floor(value.milliseconds / 1000))),
    global('uint64_to_int64', [UINT], INT, ({ value }: Uint) => toInt(value)),
  ],
  [
    'uint',
    global('uint64_to_uint64', [UINT], UINT, same),
    global('double_to_uint64', [DOUBLE], UINT, toUint),
    global('int64_to_uint64', [INT], UINT, toUint),
    global('string_to_uint64', [STRING], UINT, parseUint64),
  ],
  [
    'double',
    global('double_to_double', [DOUBLE], DOUBLE, same),
    global('int64_to_double', [INT], DOUBLE, Number),
    global('string_to_double', [STRING], DOUBLE, parseDouble),
    global('uint64_to_double', [UINT], DOUBLE, ({ value }: Uint) => Number(value)),
  ],
  [
    'string',
    global('string_to_string', [STRING], STRING, same),
    global('bool_to_string', [BOOL], STRING, String),
    global('bytes_to_string', [BYTES], STRING, decode),
    global('double_to_string', [DOUBLE], STRING, goFloat),
    global('duration_to_string', [DURATION], STRING, String),
    global('int64_to_string', [INT], STRING, String),
    global('timestamp_to_string', [TIMESTAMP], STRING, String),
    global('uint64_to_string', [UINT], STRING, ({ value }: Uint) => String(value)),
  ],
  [
    'bytes',
    global('bytes_to_bytes', [BYTES], BYTES, same),
    global('string_to_bytes', [STRING], BYTES, (text: string) => utf8.encode(text)),
  ],
  [
    'duration',
    global('duration_to_duration', [DURATION], DURATION, same),
    global('int64_to_duration', [INT], DURATION, (value: bigint) => new Duration(value)),
    global('string_to_duration', [STRING], DURATION, parseDuration),
  ],
  [
    'timestamp',
    global('timestamp_to_timestamp', [TIMESTAMP], TIMESTAMP, same),
    global('int64_to_timestamp', [INT], TIMESTAMP, (seconds: bigint) => new Timestamp(seconds * 1_000_000_000n)),
    global('string_to_timestamp', [STRING], TIMESTAMP, parseMoment),
  ],
  ['dyn', global('to_dyn', [any], DYN, same)],
  ['type', global('type', [any], typeType(any), (value: CelValue) => new TypeValue(typeNameOf(value)))],
];

/** The types that have names in expressions. */
export const TYPE_NAMES: Readonly<Record<string, CelType>> = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  null_type: NULL,
  list: listType(DYN),
  map: mapType(DYN, DYN),
  type: typeType(DYN),
};
