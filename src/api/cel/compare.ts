/** Equality and order of values, across the types of numbers (cel.CrossTypeNumericComparisons). */
import {
  Duration,
  Failure,
  ListValue,
  MapValue,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type CelValue,
} from './values.ts';

/** The number in a value, in a form that JavaScript compares exactly across types. */
const numberOf = (value: CelValue): bigint | number | undefined =>
  typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof Uint ? value.value : undefined;

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

function sameLists(a: ListValue, b: ListValue): boolean {
  if (a.size !== b.size) return false;
  for (let i = 0; i < a.size; i++) if (!equals(a.at(i), b.at(i))) return false;
  return true;
}

function sameMaps(a: MapValue, b: MapValue): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) {
    const [left, right] = [a.find(key), b.find(key)];
    if (left === undefined || right === undefined || left instanceof Failure || right instanceof Failure) return false;
    if (!equals(left, right)) return false;
  }
  return true;
}

/** A list that has a say in what it equals: sets and maps by keys do not mind order. */
export interface SelfComparing {
  equalsList(other: ListValue): boolean;
}

const comparesItself = (value: object): value is SelfComparing => 'equalsList' in value;

/** CEL's `==`: values of types that cannot be compared are not equal. */
export function equals(a: CelValue, b: CelValue): boolean {
  if (a === b) return !Number.isNaN(a);
  const [left, right] = [numberOf(a), numberOf(b)];
  // Loose equality compares a bigint with a number exactly.
  // oxlint-disable-next-line eslint/eqeqeq
  if (left !== undefined) return right !== undefined && left == right;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof ListValue) {
    if (!(b instanceof ListValue)) return false;
    return comparesItself(a) ? a.equalsList(b) : sameLists(a, b);
  }
  if (a instanceof MapValue) return b instanceof MapValue && sameMaps(a, b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && sameBytes(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanoseconds === b.nanoseconds;
  if (a instanceof Duration) return b instanceof Duration && a.nanoseconds === b.nanoseconds;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof Optional) {
    if (!(b instanceof Optional)) return false;
    if (a.value === undefined || b.value === undefined) return a.value === b.value;
    return equals(a.value, b.value);
  }
  return a instanceof Opaque && a.equals(b);
}

const order = <T extends string | bigint | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** Order of text by code points, as Go orders bytes of UTF-8. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++)
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return order(a.codePointAt(i)!, b.codePointAt(i)!);
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at < 0 || at >= b.length ? a.length - b.length : a[at]! - b[at]!;
}

/** Negative, zero or positive; undefined where there is no order. NaN is in no order with anything. */
export function compare(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== undefined && right !== undefined) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Timestamp && b instanceof Timestamp) return order(a.nanoseconds, b.nanoseconds);
  if (a instanceof Duration && b instanceof Duration) return order(a.nanoseconds, b.nanoseconds);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  return undefined;
}
