/** The rest of CEL's standard functions. */
import { compare, equals } from '../compare.ts';
import { global, member, type Library } from '../functions.ts';
import { regex, regexError } from '../regex.ts';
import { codePoints } from '../text.ts';
import { BOOL, BYTES, INT, listType, mapType, paramType, STRING } from '../types.ts';
import { EntryMap, Failure, type CelValue, type ListValue, type MapValue, type Result } from '../values.ts';

const A = paramType('A');
const K = paramType('K');
const V = paramType('V');

function contains(value: CelValue, list: ListValue): boolean {
  for (let i = 0; i < list.size; i++) if (equals(value, list.at(i))) return true;
  return false;
}

function matches(text: string, pattern: string): Result {
  const wrong = regexError(pattern);
  return wrong === undefined ? regex(pattern).matcher(text).find() : new Failure(wrong);
}

/** `map[key]`. */
export function atKey(map: MapValue, key: CelValue): Result {
  const found = map.find(key);
  return found === undefined ? new Failure(`no such key: ${showKey(key)}`) : found;
}

/** `list[index]`. */
export function atIndex(list: ListValue, index: CelValue): Result {
  const whole = compare(index, 0n) === undefined ? undefined : Number(typeof index === 'object' ? 0 : index);
  if (whole === undefined || !Number.isInteger(whole))
    return new Failure(`unsupported index type '${typeof index === 'string' ? 'string' : 'dyn'}' in list`);
  return whole >= 0 && whole < list.size ? list.at(whole) : new Failure(`index out of bounds: ${whole}`);
}

const showKey = (key: CelValue): string => (typeof key === 'object' ? '' : String(key));

const size = [
  [STRING, 'string', codePoints],
  [BYTES, 'bytes', (value: Uint8Array) => value.length],
  [listType(A), 'list', (value: ListValue) => value.size],
  [mapType(K, V), 'map', (value: MapValue) => value.size],
] as const;

const sizeOf =
  (count: (value: never) => number) =>
  (value: CelValue): Result =>
    BigInt(count(value as never));

/** Equality, membership, logic, sizes and text. */
export const standard: Library = [
  ['_==_', global('equals', [A, A], BOOL, equals)],
  ['_!=_', global('not_equals', [A, A], BOOL, (a: CelValue, b: CelValue) => !equals(a, b))],
  [
    '@in',
    global('in_list', [A, listType(A)], BOOL, contains),
    global('in_map', [A, mapType(A, V)], BOOL, (key: CelValue, map: MapValue) => {
      const found = map.find(key);
      return found instanceof Failure ? found : found !== undefined;
    }),
  ],
  ['_&&_', global('logical_and', [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a && b)],
  ['_||_', global('logical_or', [BOOL, BOOL], BOOL, (a: boolean, b: boolean) => a || b)],
  ['!_', global('logical_not', [BOOL], BOOL, (a: boolean) => !a)],
  ['_?_:_', global('conditional', [BOOL, A, A], A, (test: boolean, a: CelValue, b: CelValue) => (test ? a : b))],
  ['@not_strictly_false', global('not_strictly_false', [BOOL], BOOL, (a: boolean) => a)],
  ['_[_]', global('index_list', [listType(A), INT], A, atIndex), global('index_map', [mapType(K, V), K], V, atKey)],
  [
    'size',
    ...size.flatMap(([type, name, count]) => [
      global(`size_${name}`, [type], INT, sizeOf(count)),
      member(`${name}_size`, [type], INT, sizeOf(count)),
    ]),
  ],
  ['contains', member('contains_string', [STRING, STRING], BOOL, (a: string, b: string) => a.includes(b))],
  ['startsWith', member('starts_with_string', [STRING, STRING], BOOL, (a: string, b: string) => a.startsWith(b))],
  ['endsWith', member('ends_with_string', [STRING, STRING], BOOL, (a: string, b: string) => a.endsWith(b))],
  [
    'matches',
    global('matches', [STRING, STRING], BOOL, matches),
    member('matches_string', [STRING, STRING], BOOL, matches),
  ],
  [
    'cel.@mapInsert',
    global('@mapInsert_map_map', [mapType(K, V), mapType(K, V)], mapType(K, V), (a: MapValue, b: MapValue) =>
      inserted(a, b.keys(), (key) => b.find(key) as CelValue),
    ),
    global(
      '@mapInsert_map_key_value',
      [mapType(K, V), K, V],
      mapType(K, V),
      (a: MapValue, key: CelValue, value: CelValue) => inserted(a, [key], () => value),
    ),
  ],
];

function inserted(map: MapValue, keys: Iterable<CelValue>, value: (key: CelValue) => CelValue): Result {
  const entries: [CelValue, CelValue][] = [];
  for (const key of map.keys()) entries.push([key, map.find(key) as CelValue]);
  for (const key of keys) {
    if (map.find(key) !== undefined) return new Failure(`insert failed: key ${showKey(key)} already exists`);
    entries.push([key, value(key)]);
  }
  return new EntryMap(entries);
}
