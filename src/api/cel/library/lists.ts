/** More functions on lists (cel-go's ext.Lists, version 3; the ends of lists are of its optional types). */
import { compare, equals } from '../compare.ts';
import { global, member, type Library } from '../functions.ts';
import { DYN, formatType, INT, listType, optionalType, paramType } from '../types.ts';
import { COMPARABLE } from './collections.ts';
import { ArrayList, Failure, ListValue, NONE, Optional, typeNameOf, type CelValue, type Result } from '../values.ts';

const LIST = listType(paramType('T'));
/** As many elements a range may have. */
const MAX_RANGE = 10_000_000n;

function range(size: bigint): Result {
  if (size < 0n) return new Failure(`lists.range: size must be non-negative, got ${size}`);
  if (size > MAX_RANGE) return new Failure(`lists.range: size ${size} exceeds maximum allowed (${MAX_RANGE})`);
  return new ArrayList(Array.from({ length: Number(size) }, (_, i) => BigInt(i)));
}

function slice(list: ListValue, start: bigint, end: bigint): Result {
  const fail = (why: string): Failure => new Failure(`cannot slice(${start}, ${end}), ${why}`);
  if (start < 0n || end < 0n) return fail('negative indexes not supported');
  if (start > end) return fail('start index must be less than or equal to end index');
  if (BigInt(list.size) < end) return fail(`list is length ${list.size}`);
  return new ArrayList([...list].slice(Number(start), Number(end)));
}

const flattened = (list: ListValue, depth: bigint): CelValue[] =>
  [...list].flatMap((value) => (value instanceof ListValue && depth > 0n ? flattened(value, depth - 1n) : [value]));

const flatten = (list: ListValue, depth = 1n): Result =>
  depth < 0n ? new Failure('level must be non-negative') : new ArrayList(flattened(list, depth));

function distinct(list: ListValue): Result {
  const unique: CelValue[] = [];
  for (const value of list) if (!unique.some((one) => equals(one, value))) unique.push(value);
  return new ArrayList(unique);
}

/** The elements of a list in the order of their keys. */
function sorted(list: ListValue, keys: ListValue): Result {
  if (list.size === 0) return list;
  const type = typeNameOf(keys.at(0));
  if (compare(keys.at(0), keys.at(0)) === undefined) return new Failure('list elements must be comparable');
  const order = [...keys].map((key, index) => ({ key, index }));
  if (order.some(({ key }) => typeNameOf(key) !== type)) return new Failure('list elements must have the same type');
  order.sort((a, b) => compare(a.key, b.key) ?? 0);
  return new ArrayList(order.map(({ index }) => list.at(index)));
}

const optional = (value: CelValue | undefined): Optional => (value === undefined ? NONE : new Optional(value));

export const lists: Library = [
  ['slice', member('list_slice', [LIST, INT, INT], LIST, slice)],
  [
    'flatten',
    member('list_flatten', [listType(LIST)], LIST, flatten),
    member('list_flatten_int', [listType(DYN), INT], listType(DYN), flatten),
  ],
  [
    'sort',
    ...COMPARABLE.map((type) =>
      member(`list_${formatType(type)}_sort`, [listType(type)], listType(type), (list: ListValue) =>
        sorted(list, list),
      ),
    ),
  ],
  [
    '@sortByAssociatedKeys',
    ...COMPARABLE.map((type) =>
      member(`list_${formatType(type)}_sortByAssociatedKeys`, [LIST, listType(type)], LIST, sorted),
    ),
  ],
  ['lists.range', global('lists_range', [INT], listType(INT), range)],
  ['reverse', member('list_reverse', [LIST], LIST, (list: ListValue) => new ArrayList([...list].reverse()))],
  ['distinct', member('list_distinct', [LIST], LIST, distinct)],
  [
    'first',
    member('list_first', [LIST], optionalType(paramType('T')), (list: ListValue) =>
      optional(list.size === 0 ? undefined : list.at(0)),
    ),
  ],
  [
    'last',
    member('list_last', [LIST], optionalType(paramType('T')), (list: ListValue) =>
      optional(list.size === 0 ? undefined : list.at(list.size - 1)),
    ),
  ],
];
