/** Optional values (cel.OptionalTypes). */
import { global, member, type Library } from '../functions.ts';
import { BOOL, listType, mapType, optionalType, paramType, INT } from '../types.ts';
import { ArrayList, Failure, ListValue, MapValue, NONE, Optional, type CelValue, type Result } from '../values.ts';
import { atIndex, atKey } from './standard.ts';

const V = paramType('V');
const K = paramType('K');
const OPTIONAL_V = optionalType(V);
const LIST_V = listType(V);
const MAP_KV = mapType(K, V);

const isZero = (value: CelValue): boolean =>
  value === null ||
  value === false ||
  value === 0 ||
  value === 0n ||
  value === '' ||
  ((value instanceof ListValue || value instanceof MapValue) && value.size === 0) ||
  (value instanceof Uint8Array && value.length === 0) ||
  (value instanceof Optional && value.value === undefined);

const or = (a: Optional, b: CelValue): Result => (a.value === undefined ? b : a.value);

/* The evaluator does these by itself where they may leave their argument unread; here are their types. */
const index = [
  global('optional_list_index_int', [optionalType(LIST_V), INT], OPTIONAL_V, () => NONE),
  global('optional_map_index_value', [optionalType(MAP_KV), K], OPTIONAL_V, () => NONE),
];

function unwrapped(list: ListValue): ListValue {
  const values: CelValue[] = [];
  for (const element of list)
    if (element instanceof Optional && element.value !== undefined) values.push(element.value);
  return new ArrayList(values);
}

export const optionals: Library = [
  ['optional.of', global('optional_of', [V], OPTIONAL_V, (value: CelValue) => new Optional(value))],
  [
    'optional.ofNonZeroValue',
    global('optional_ofNonZeroValue', [V], OPTIONAL_V, (value: CelValue) =>
      isZero(value) ? NONE : new Optional(value),
    ),
  ],
  ['optional.none', global('optional_none', [], OPTIONAL_V, () => NONE)],
  [
    'value',
    member('optional_value', [OPTIONAL_V], V, ({ value }: Optional) =>
      value === undefined ? new Failure('optional.none() dereference') : value,
    ),
  ],
  ['hasValue', member('optional_hasValue', [OPTIONAL_V], BOOL, ({ value }: Optional) => value !== undefined)],
  ['or', member('optional_or_optional', [OPTIONAL_V, OPTIONAL_V], OPTIONAL_V, or)],
  ['orValue', member('optional_orValue_value', [OPTIONAL_V, V], V, or)],
  ['optional.unwrap', global('optional_unwrap', [listType(OPTIONAL_V)], LIST_V, unwrapped)],
  ['unwrapOpt', member('optional_unwrapOpt', [listType(OPTIONAL_V)], LIST_V, unwrapped)],
  [
    '_[?_]',
    global('list_optindex_optional_int', [LIST_V, INT], OPTIONAL_V, atIndex),
    global('optional_list_optindex_optional_int', [optionalType(LIST_V), INT], OPTIONAL_V, () => NONE),
    global('map_optindex_optional_value', [MAP_KV, K], OPTIONAL_V, atKey),
    global('optional_map_optindex_optional_value', [optionalType(MAP_KV), K], OPTIONAL_V, () => NONE),
  ],
  ['_[_]', ...index],
];
