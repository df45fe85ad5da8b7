/** Functions on lists and sets (Kubernetes' cel/library/lists.go; cel-go's ext.Sets). */
import { compare, equals } from '../compare.ts';
import { global, member, type Library } from '../functions.ts';
import { isInt, isUint } from '../literals.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  formatType,
  INT,
  listType,
  paramType,
  STRING,
  TIMESTAMP,
  UINT,
  type CelType,
} from '../types.ts';
import { Duration, Failure, Uint, type CelValue, type ListValue, type Result } from '../values.ts';

/** Types whose values have an order. */
export const COMPARABLE: readonly CelType[] = [INT, UINT, DOUBLE, BOOL, DURATION, TIMESTAMP, STRING, BYTES];
const A = paramType('A');
const LIST_A = listType(A);

function isSorted(list: ListValue): Result {
  for (let i = 1; i < list.size; i++) if ((compare(list.at(i - 1), list.at(i)) ?? 0) > 0) return false;
  return true;
}

const extreme =
  (name: string, sign: number) =>
  (list: ListValue): Result => {
    if (list.size === 0) return new Failure(`${name} called on empty list`);
    let best = list.at(0);
    for (let i = 1; i < list.size; i++) if ((compare(list.at(i), best) ?? 0) * sign > 0) best = list.at(i);
    return best;
  };

function whole(list: ListValue, read: (value: CelValue) => bigint): bigint {
  let sum = 0n;
  for (const value of list) sum += read(value);
  return sum;
}

function numberSum(list: ListValue): number {
  let sum = 0;
  for (const value of list) sum += value as number;
  return sum;
}

const OVERFLOW = new Failure('integer overflow');
const SUMS: readonly (readonly [CelType, (list: ListValue) => Result])[] = [
  [INT, (list) => ((sum) => (isInt(sum) ? sum : OVERFLOW))(whole(list, (value) => value as bigint))],
  [
    UINT,
    (list) =>
      ((sum) => (isUint(sum) ? new Uint(sum) : new Failure('unsigned integer overflow')))(
        whole(list, (value) => (value as Uint).value),
      ),
  ],
  [DOUBLE, numberSum],
  [DURATION, (list) => new Duration(whole(list, (value) => (value as Duration).nanoseconds))],
];

function indexOf(list: ListValue, item: CelValue): Result {
  for (let i = 0; i < list.size; i++) if (equals(list.at(i), item)) return BigInt(i);
  return -1n;
}

function lastIndexOf(list: ListValue, item: CelValue): Result {
  for (let i = list.size - 1; i >= 0; i--) if (equals(list.at(i), item)) return BigInt(i);
  return -1n;
}

const has = (list: ListValue, item: CelValue): boolean => indexOf(list, item) !== -1n;
const containsAll = (list: ListValue, other: ListValue): boolean => [...other].every((item) => has(list, item));

const listName = (type: CelType): string => formatType(type);

export const collections: Library = [
  [
    'isSorted',
    ...COMPARABLE.map((type) => member(`list_${listName(type)}_is_sorted_bool`, [listType(type)], BOOL, isSorted)),
  ],
  [
    'sum',
    ...SUMS.map(([type, sum]) => member(`list_${listName(type)}_sum_${listName(type)}`, [listType(type)], type, sum)),
  ],
  [
    'max',
    ...COMPARABLE.map((type) =>
      member(`list_${listName(type)}_max_${listName(type)}`, [listType(type)], type, extreme('max', 1)),
    ),
  ],
  [
    'min',
    ...COMPARABLE.map((type) =>
      member(`list_${listName(type)}_min_${listName(type)}`, [listType(type)], type, extreme('min', -1)),
    ),
  ],
  ['indexOf', member('list_a_index_of_int', [LIST_A, A], INT, indexOf)],
  ['lastIndexOf', member('list_a_last_index_of_int', [LIST_A, A], INT, lastIndexOf)],
  ['sets.contains', global('list_sets_contains_list', [LIST_A, LIST_A], BOOL, containsAll)],
  [
    'sets.equivalent',
    global(
      'list_sets_equivalent_list',
      [LIST_A, LIST_A],
      BOOL,
      (a: ListValue, b: ListValue) => containsAll(a, b) && containsAll(b, a),
    ),
  ],
  [
    'sets.intersects',
    global('list_sets_intersects_list', [LIST_A, LIST_A], BOOL, (a: ListValue, b: ListValue) =>
      [...b].some((item) => has(a, item)),
    ),
  ],
];
