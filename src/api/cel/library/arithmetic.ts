/** The operators on numbers, text, times and lists (CEL specification, "Standard Definitions"). */
import { compare } from '../compare.ts';
import { forTypes, global, type Library, type Overload } from '../functions.ts';
import { isInt, isUint } from '../literals.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  INT,
  listType,
  paramType,
  STRING,
  TIMESTAMP,
  UINT,
  type CelType,
} from '../types.ts';
import {
  ArrayList,
  Duration,
  Failure,
  Timestamp,
  Uint,
  type CelValue,
  type ListValue,
  type Result,
} from '../values.ts';

const OVERFLOW = new Failure('integer overflow');
const UNSIGNED_OVERFLOW = new Failure('unsigned integer overflow');

const int = (value: bigint): Result => (isInt(value) ? value : OVERFLOW);
const uint = (value: bigint): Result => (isUint(value) ? new Uint(value) : UNSIGNED_OVERFLOW);
const duration = (nanoseconds: bigint): Result =>
  isInt(nanoseconds) ? new Duration(nanoseconds) : new Failure('integer overflow');

const MIN_TIMESTAMP = -62_135_596_800_000_000_000n;
const MAX_TIMESTAMP = 253_402_300_799_999_999_999n;
const timestamp = (nanoseconds: bigint): Result =>
  nanoseconds < MIN_TIMESTAMP || nanoseconds > MAX_TIMESTAMP
    ? new Failure('timestamp overflow')
    : new Timestamp(nanoseconds);

type Calculate = (a: bigint, b: bigint) => bigint;

/** An operator on numbers of one type each. */
const numeric = (name: string, exact: Calculate, double: (a: number, b: number) => number): Overload[] => [
  global(`${name}_int64`, [INT, INT], INT, (a: bigint, b: bigint) => int(exact(a, b))),
  global(`${name}_uint64`, [UINT, UINT], UINT, (a: Uint, b: Uint) => uint(exact(a.value, b.value))),
  global(`${name}_double`, [DOUBLE, DOUBLE], DOUBLE, double),
];

/** Division or remainder of whole numbers. */
const dividing = (name: string, by0: string, exact: Calculate): Overload[] => [
  global(`${name}_int64`, [INT, INT], INT, (a: bigint, b: bigint) => (b === 0n ? new Failure(by0) : int(exact(a, b)))),
  global(`${name}_uint64`, [UINT, UINT], UINT, (a: Uint, b: Uint) =>
    b.value === 0n ? new Failure(by0) : uint(exact(a.value, b.value)),
  ),
];

const element = paramType('A');

const adding: Overload[] = [
  ...numeric(
    'add',
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  global('add_string', [STRING, STRING], STRING, (a: string, b: string) => a + b),
  global('add_bytes', [BYTES, BYTES], BYTES, (a: Uint8Array, b: Uint8Array) => new Uint8Array([...a, ...b])),
  global('add_list', [listType(element), listType(element)], listType(element), (a: ListValue, b: ListValue) =>
    addLists(a, b),
  ),
  global('add_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
    timestamp(a.nanoseconds + b.nanoseconds),
  ),
  global('add_duration_timestamp', [DURATION, TIMESTAMP], TIMESTAMP, (a: Duration, b: Timestamp) =>
    timestamp(a.nanoseconds + b.nanoseconds),
  ),
  global('add_duration_duration', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
    duration(a.nanoseconds + b.nanoseconds),
  ),
];

/** A list that knows how to be added to. */
export interface SelfAdding {
  plus(other: ListValue): ListValue;
}

function addLists(a: ListValue, b: ListValue): ListValue {
  if (a instanceof ArrayList) return a.concat(b);
  return 'plus' in a ? (a as ListValue & SelfAdding).plus(b) : new ArrayList([...a, ...b]);
}

const subtracting: Overload[] = [
  ...numeric(
    'subtract',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  global('subtract_timestamp_timestamp', [TIMESTAMP, TIMESTAMP], DURATION, (a: Timestamp, b: Timestamp) =>
    duration(a.nanoseconds - b.nanoseconds),
  ),
  global('subtract_timestamp_duration', [TIMESTAMP, DURATION], TIMESTAMP, (a: Timestamp, b: Duration) =>
    timestamp(a.nanoseconds - b.nanoseconds),
  ),
  global('subtract_duration_duration', [DURATION, DURATION], DURATION, (a: Duration, b: Duration) =>
    duration(a.nanoseconds - b.nanoseconds),
  ),
];

const SUFFIXES: Readonly<Record<string, string>> = { int: 'int64', uint: 'uint64' };
const NUMBERS: readonly CelType[] = [INT, UINT, DOUBLE];

/** The signatures of a comparison, numbers of any two types included (cel.CrossTypeNumericComparisons). */
function comparing(name: string, holds: (order: number) => boolean): Overload[] {
  const test = (a: CelValue, b: CelValue): Result => {
    if (Number.isNaN(a) || Number.isNaN(b)) return new Failure('NaN values cannot be ordered');
    return holds(compare(a, b)!);
  };
  const id = (type: string): string => SUFFIXES[type] ?? type;
  const same = forTypes([BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION], (type, text) =>
    global(`${name}_${id(text)}`, [type, type], BOOL, test),
  );
  const crossed = NUMBERS.flatMap((a) =>
    NUMBERS.filter((b) => a !== b).map((b) => global(`${name}_${id(a.kind)}_${id(b.kind)}`, [a, b], BOOL, test)),
  );
  return [...same, ...crossed];
}

/** Operators on values that have an order or can be reckoned with. */
export const arithmetic: Library = [
  ['_+_', ...adding],
  ['_-_', ...subtracting],
  [
    '_*_',
    ...numeric(
      'multiply',
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  [
    '_/_',
    ...dividing('divide', 'division by zero', (a, b) => a / b),
    global('divide_double', [DOUBLE, DOUBLE], DOUBLE, (a: number, b: number) => a / b),
  ],
  ['_%_', ...dividing('modulo', 'modulus by zero', (a, b) => a % b)],
  [
    '-_',
    global('negate_int64', [INT], INT, (a: bigint) => int(-a)),
    global('negate_double', [DOUBLE], DOUBLE, (a: number) => -a),
  ],
  ['_<_', ...comparing('less', (order) => order < 0)],
  ['_<=_', ...comparing('less_equals', (order) => order <= 0)],
  ['_>_', ...comparing('greater', (order) => order > 0)],
  ['_>=_', ...comparing('greater_equals', (order) => order >= 0)],
];
