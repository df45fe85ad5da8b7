/** What calls cost when they run (cel-go's interpreter/runtimecost.go; Kubernetes' cel/library/cost.go). */
import { codePoints } from './text.ts';
import { ListValue, MapValue, Opaque, type CelValue, type Result } from './values.ts';

/** Reading text costs a tenth of a unit per character. */
export const TRAVERSAL = 0.1;
/** A regular expression is guessed to have a part for every four characters. */
export const REGEX_LENGTH = 0.25;
export const LIST_COST = 10;
export const MAP_COST = 30;
export const STRUCT_COST = 40;
/** So that an expression can check the authorizer but twice. */
export const CHECK_COST = 350_000;

/** The size of a value; 1 for what has none. */
export function actualSize(value: Result): number {
  if (typeof value === 'string') return codePoints(value);
  if (value instanceof ListValue || value instanceof MapValue) return value.size;
  if (value instanceof Uint8Array) return value.length;
  return value instanceof Opaque ? value.costSize : 1;
}

const traversal = (value: Result, times = 1): number => Math.ceil(actualSize(value) * times * TRAVERSAL);

function wholeTraversal(value: Result): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return Math.floor(value.length * TRAVERSAL);
  let cost = 0;
  if (value instanceof ListValue) for (const element of value) cost += wholeTraversal(element);
  else if (value instanceof MapValue)
    for (const key of value.keys()) cost += wholeTraversal(key) + wholeTraversal(value.find(key)!);
  else return 1;
  return cost;
}

type Args = readonly CelValue[];
type Cost = (args: Args, overload: string, result: Result) => number;

const searching: Cost = ([text, pattern]) =>
  Math.ceil((1 + actualSize(text!)) * TRAVERSAL) * Math.ceil(actualSize(pattern!) * REGEX_LENGTH);
const ofFirst: Cost = ([first]) => traversal(first!);
const ofFirstTwice: Cost = ([first]) => traversal(first!, 2);
const listed: Cost = ([first]) => (first === undefined ? 0 : wholeTraversal(first));

/** Comparing the bytes of an address with those of a network, and reading it where it is text. */
const containing =
  (masked: boolean): Cost =>
  ([cidr, other], overload) =>
    traversal(cidr!, 2) + (masked ? traversal(cidr!) + 1 : 0) + (overload.endsWith('_string') ? traversal(other!) : 0);

/** A list is made, of so many elements worth so much each. */
const made = (size: number, each = 1): number => Math.floor(size * each) + 1 + LIST_COST;
const madeAnew: Cost = (_, __, result) => made(actualSize(result));

/** Every element is compared with every other. */
function compared(list: CelValue): number {
  const size = actualSize(list);
  const first = list instanceof ListValue && size > 0 ? list.at(0) : undefined;
  return made(size * size, 2 + (typeof first === 'string' || first instanceof Uint8Array ? TRAVERSAL : 0));
}

const BY_FUNCTION: Readonly<Record<string, Cost>> = {
  check: () => CHECK_COST,
  isSorted: listed,
  sum: listed,
  max: listed,
  min: listed,
  indexOf: listed,
  lastIndexOf: listed,
  slice: madeAnew,
  reverse: madeAnew,
  'lists.range': madeAnew,
  flatten: ([list, depth]) => made(actualSize(list!), typeof depth === 'bigint' ? Number(depth) : 1),
  distinct: ([list]) => compared(list!),
  sort: ([list]) => compared(list!),
  '@sortByAssociatedKeys': ([, keys]) => compared(keys!),
  url: ofFirst,
  lowerAscii: ofFirst,
  upperAscii: ofFirst,
  substring: ofFirst,
  trim: ofFirst,
  replace: ofFirstTwice,
  split: ofFirstTwice,
  join: (_, __, result) => traversal(result, 2),
  find: searching,
  findAll: searching,
  cidr: ofFirst,
  isIP: ofFirst,
  isCIDR: ofFirst,
  ip: (args, overload, result) => (overload === 'cidr_ip' ? 1 : ofFirst(args, overload, result)),
  'ip.isCanonical': ofFirstTwice,
  containsIP: containing(false),
  containsCIDR: containing(true),
  quantity: ofFirst,
  isQuantity: ofFirst,
  semver: ofFirst,
  isSemver: ofFirst,
  validate: ofFirst,
};

const smaller: Cost = ([a, b]) => Math.ceil(Math.min(actualSize(a!), actualSize(b!)) * TRAVERSAL);
const BY_OVERLOAD: Readonly<Record<string, Cost>> = {
  starts_with_string: ofFirst,
  ends_with_string: ofFirst,
  string_to_bytes: ofFirst,
  bytes_to_string: ofFirst,
  in_list: ([, list]) => actualSize(list!),
  equals: smaller,
  not_equals: smaller,
  less_string: smaller,
  greater_string: smaller,
  less_equals_string: smaller,
  greater_equals_string: smaller,
  less_bytes: smaller,
  greater_bytes: smaller,
  less_equals_bytes: smaller,
  greater_equals_bytes: smaller,
  add_string: ([a, b]) => Math.ceil((actualSize(a!) + actualSize(b!)) * TRAVERSAL),
  add_bytes: ([a, b]) => Math.ceil((actualSize(a!) + actualSize(b!)) * TRAVERSAL),
  matches_string: searching,
  contains_string: ([text, part]) => traversal(text!) * traversal(part!),
};

/** The cost of a call that gave this result; 1 where nothing else is known. */
export function callCost(name: string, overload: string, args: Args, result: Result): number {
  const cost = Object.hasOwn(BY_FUNCTION, name) ? BY_FUNCTION[name] : BY_OVERLOAD[overload];
  return cost ? cost(args, overload, result) : 1;
}
