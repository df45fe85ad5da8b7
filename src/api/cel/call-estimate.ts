/** What calls may cost at most, by what is known of their arguments (Kubernetes' cel/library/cost.go). */
import { fixed, plus, scaled, times, UNKNOWN, union, type Range } from './estimate.ts';
import { CHECK_COST, LIST_COST, REGEX_LENGTH, TRAVERSAL } from './runtime-cost.ts';
import type { CelType } from './types.ts';

/** An argument: its type and size, and how to find the size of its elements. */
export interface EstimatedNode {
  readonly type: CelType;
  readonly size: Range | undefined;
  /** Of a list. */
  elementSize(): Range | undefined;
  /** Its value, when it is a literal. */
  readonly literal: unknown;
}

export interface CallEstimate {
  readonly cost: Range;
  /** Of what the call gives. */
  readonly size?: Range;
}

const sizeOf = (node: EstimatedNode | undefined): Range => node?.size ?? UNKNOWN;
const read = (node: EstimatedNode | undefined, factor = 1): Range => scaled(sizeOf(node), factor * TRAVERSAL);

type Target = EstimatedNode | undefined;
type Estimate = (target: Target, args: readonly EstimatedNode[], overload: string) => CallEstimate | undefined;

const nominal: Estimate = () => ({ cost: fixed(1) });

const listed: Estimate = (target) => {
  if (!target) return undefined;
  if (target.type.kind !== 'list') return { cost: read(target) };
  const { element } = target.type;
  const text = element.kind === 'string' || element.kind === 'bytes';
  const each = text ? plus(fixed(1), scaled(target.elementSize() ?? UNKNOWN, TRAVERSAL)) : fixed(1);
  return { cost: times(sizeOf(target), each) };
};

const reading: Estimate = (target) => target && { cost: read(target), size: sizeOf(target) };
/* As in Kubernetes: functions that have no target get no estimate of their own here. */
const readingArgument: Estimate = (target, [arg]) => target && { cost: read(arg) };

const replacing: Estimate = (target, [wanted, replacement]) => {
  if (!target || !wanted || !replacement) return undefined;
  const [text, from, to] = [sizeOf(target), sizeOf(wanted), sizeOf(replacement)];
  let max = { count: Math.ceil(text.max / from.min), kept: 0 };
  if (from.min === 0) max = { count: text.max + 1, kept: text.max };
  else if (to.max <= from.min) max = { count: 0, kept: text.max };
  let min = { count: Math.ceil(text.min / from.max), kept: 0 };
  if (from.max === 0) min = { count: text.min + 1, kept: text.min };
  else if (from.max <= to.min) min = { count: 0, kept: text.min };
  const size = plus(times({ min: min.count, max: max.count }, to), { min: min.kept, max: max.kept });
  return { cost: read(target, 2), size };
};

const splitting: Estimate = (target, [, limit]) => {
  if (!target) return undefined;
  const max = typeof limit?.literal === 'bigint' ? Number(limit.literal) : sizeOf(target).max;
  return { cost: read(target, 2), size: { min: 0, max } };
};

const joining: Estimate = (target, [separator]) => {
  if (!target) return undefined;
  const count = sizeOf(target);
  let size = times(count, target.elementSize() ?? UNKNOWN);
  if (separator) {
    const between = { min: Math.max(0, count.min - 1), max: Math.max(0, count.max - 1) };
    size = plus(size, times(sizeOf(separator), between));
  }
  return { cost: scaled(size, TRAVERSAL), size };
};

/** A regular expression over text; an empty text costs something, too. */
export const searchCost = (text: EstimatedNode | undefined, pattern: EstimatedNode | undefined): Range =>
  times(scaled(plus(sizeOf(text), fixed(1)), TRAVERSAL), scaled(sizeOf(pattern), REGEX_LENGTH));

const searching: Estimate = (target, [pattern]) =>
  target && pattern && { cost: searchCost(target, pattern), size: { min: 0, max: sizeOf(target).max } };

/** The bytes of an address. */
const ADDRESS: Range = { min: 4, max: 16 };

const containing =
  (masked: boolean): Estimate =>
  (target, [other], overload) => {
    if (!target || !other) return undefined;
    let cost = scaled(plus(ADDRESS, ADDRESS), TRAVERSAL);
    if (masked) cost = plus(cost, scaled(ADDRESS, TRAVERSAL), fixed(1));
    return { cost: overload.endsWith('_string') ? plus(cost, read(other)) : cost };
  };

/** The value of a whole number that is written out. */
const numberOr = (node: EstimatedNode | undefined, other: number): number =>
  typeof node?.literal === 'bigint' && node.literal >= 0n ? Number(node.literal) : other;

/** A list that is made anew of elements, each worth so much. */
const making = (size: Range, each: number): CallEstimate => ({
  cost: plus(scaled(size, each), fixed(1), fixed(LIST_COST)),
  size,
});

/** Elements compared with all others. */
const comparing = (node: EstimatedNode | undefined, overload: string): CallEstimate | undefined =>
  node && making(times(sizeOf(node), sizeOf(node)), 2 + (/^list_(?:string|bytes)_/.test(overload) ? TRAVERSAL : 0));

const slicing: Estimate = (target, [start, end]) =>
  target && making(fixed(numberOr(end, sizeOf(target).max) - numberOr(start, 0)), 1);

const named = (names: string, estimate: Estimate): [string, Estimate][] =>
  names.split(' ').map((name) => [name, estimate]);

const ESTIMATES: ReadonlyMap<string, Estimate> = new Map([
  ...named('check', () => ({ cost: fixed(CHECK_COST) })),
  ...named('serviceAccount path group resource subresource namespace name allowed reason error errored', nominal),
  ...named('fieldSelector labelSelector', nominal),
  ...named('isSorted sum max min indexOf lastIndexOf', listed),
  ...named('slice', slicing),
  ...named('flatten', (target, [depth]) => target && making(sizeOf(target), depth ? numberOr(depth, UNKNOWN.max) : 1)),
  ...named('sort distinct', (target, _, overload) => comparing(target, overload)),
  ...named('@sortByAssociatedKeys', (_, [keys], overload) => comparing(keys, overload)),
  ...named('lists.range', (_, [size]) => making(fixed(numberOr(size, UNKNOWN.max)), 1)),
  ...named('reverse', (target) => target && making(sizeOf(target), 1)),
  ...named('url', (_, [text]) => text && { cost: read(text) }),
  ...named('lowerAscii upperAscii substring trim', reading),
  ...named('replace', replacing),
  ...named('split', splitting),
  ...named('join', joining),
  ...named('find findAll', searching),
  ...named('cidr isIP isCIDR quantity isQuantity semver isSemver', readingArgument),
  ...named('ip.isCanonical', (target, [text]) => target && { cost: read(text, 2) }),
  ...named('ip', (target, [text]) => target && (text ? { cost: read(text) } : { cost: fixed(1) })),
  ...named('masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast', nominal),
  ...named('containsIP', containing(false)),
  ...named('containsCIDR', containing(true)),
  ...named('sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub', nominal),
]);

/** What Kubernetes says of a call of this function; undefined where CEL's own estimate stands. */
export const estimateCall = (
  name: string,
  overload: string,
  target: Target,
  args: readonly EstimatedNode[],
): CallEstimate | undefined => ESTIMATES.get(name)?.(target, args, overload);

/** Sizes of either of two values. */
export const either = (a: EstimatedNode | undefined, b: EstimatedNode | undefined): Range =>
  union(sizeOf(a), sizeOf(b));
export { sizeOf };
