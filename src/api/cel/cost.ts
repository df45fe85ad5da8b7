/** How much an expression may cost at most, before it ever runs (cel-go's checker/cost.go). */
import { ACCUMULATOR, type Call, type Comprehension, type Expr } from './ast.ts';
import { either, estimateCall, searchCost, sizeOf, type CallEstimate, type EstimatedNode } from './call-estimate.ts';
import type { CheckedExpr } from './checker.ts';
import { EMPTY, fixed, NOTHING, plus, scaled, times, union, UNKNOWN, type Range } from './estimate.ts';
import { LIST_COST, MAP_COST, STRUCT_COST, TRAVERSAL } from './runtime-cost.ts';
import type { SizedType } from './schema-type.ts';
import { codePoints } from './text.ts';
import { optionalElement, type CelType } from './types.ts';

/** The way from a variable to a value: names of fields, @items, @keys, @values, @indices. */
type Path = readonly string[];

/** The sizes of what a list or map holds. */
interface Entries {
  readonly list: boolean;
  readonly key: Range;
  readonly value: Range;
}

interface Local {
  readonly path: Path;
  readonly size: Range | undefined;
  readonly entries: Entries | undefined;
}

const SCALARS: ReadonlySet<CelType['kind']> = new Set(['bool', 'double', 'duration', 'int', 'timestamp', 'uint']);

function typeSize(type: CelType): Range | undefined {
  if (SCALARS.has(type.kind)) return fixed(1);
  const held = optionalElement(type);
  return held && typeSize(held);
}

function literalSize(expr: Expr): Range | undefined {
  switch (expr.kind) {
    case 'literal':
      if (typeof expr.value === 'string') return fixed(codePoints(expr.value));
      return fixed(expr.value instanceof Uint8Array ? expr.value.length : 1);
    case 'list':
      return fixed(expr.elements.length);
    case 'map':
      return fixed(expr.entries.length);
    default:
      return undefined;
  }
}

const unionOfEntries = (a: Entries | undefined, b: Entries | undefined): Entries | undefined =>
  a && b && { list: a.list, key: union(a.key, b.key), value: union(a.value, b.value) };

class Estimator {
  readonly #checked: CheckedExpr;
  readonly #sizeAt: (path: Path) => Range | undefined;
  readonly #paths = new Map<number, Path>();
  readonly #sizes = new Map<number, Range>();
  readonly #entries = new Map<number, Entries>();
  readonly #locals = new Map<string, Local[]>();

  constructor(checked: CheckedExpr, sizeAt: (path: Path) => Range | undefined) {
    this.#checked = checked;
    this.#sizeAt = sizeAt;
  }

  cost(expr: Expr): Range {
    switch (expr.kind) {
      case 'literal':
        return NOTHING;
      case 'ident':
        this.#paths.set(expr.id, this.#local(expr.name)?.path ?? [expr.name.replace(/^\./, '')]);
        return fixed(1);
      case 'select':
        return this.#select(expr);
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return plus(fixed(STRUCT_COST), ...expr.fields.map(({ value }) => this.cost(value)));
      case 'comprehension':
        return isBinding(expr) ? this.#binding(expr) : this.#comprehension(expr);
    }
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), local]);
  }

  #pop(name: string): void {
    this.#locals.set(name, this.#locals.get(name)!.slice(0, -1));
  }

  #type({ id }: Expr): CelType {
    return this.#checked.types.get(id)!;
  }

  #path(expr: Expr): Path {
    const local = expr.kind === 'ident' ? this.#local(expr.name) : undefined;
    return local?.path ?? this.#paths.get(expr.id) ?? [];
  }

  #size(expr: Expr): Range | undefined {
    const known = this.#sizes.get(expr.id) ?? literalSize(expr);
    if (known) return known;
    const path = this.#path(expr);
    const declared = path.length > 0 ? this.#sizeAt(path) : undefined;
    if (declared) {
      this.#sizes.set(expr.id, declared);
      return declared;
    }
    return typeSize(this.#type(expr)) ?? (expr.kind === 'ident' ? this.#local(expr.name)?.size : undefined);
  }

  #setSize({ id }: Expr, size: Range | undefined): void {
    if (size) this.#sizes.set(id, size);
  }

  #entriesOf(expr: Expr): Entries | undefined {
    return this.#entries.get(expr.id) ?? (expr.kind === 'ident' ? this.#local(expr.name)?.entries : undefined);
  }

  #setEntries({ id }: Expr, entries: Entries | undefined): void {
    if (entries) this.#entries.set(id, entries);
  }

  #node(expr: Expr): EstimatedNode {
    const found = this.#path(expr);
    // Paths lead from variables; what is accumulated has none.
    const path = found[0] === ACCUMULATOR ? [] : found;
    return {
      type: this.#type(expr),
      size: this.#size(expr),
      literal: expr.kind === 'literal' ? expr.value : undefined,
      elementSize: () => (path.length > 0 ? this.#sizeAt([...path, '@items']) : undefined),
    };
  }

  #select({ id, operand, field, testOnly }: Expr & { kind: 'select' }): Range {
    const cost = this.cost(operand);
    // Kubernetes has presence tests cost nothing of their own.
    if (testOnly) return cost;
    const { kind } = this.#type(operand);
    this.#paths.set(id, [...this.#path(operand), field]);
    return kind === 'map' || kind === 'object' || kind === 'param' ? plus(cost, fixed(1)) : cost;
  }

  #list(expr: Expr & { kind: 'list' }): Range {
    const costs = expr.elements.map((element) => this.cost(element));
    const sizes = expr.elements.map((element) => this.#size(element) ?? UNKNOWN);
    const value = sizes.length === 0 ? NOTHING : sizes.reduce(union, EMPTY);
    this.#setEntries(expr, { list: true, key: fixed(1), value });
    return plus(fixed(LIST_COST), ...costs);
  }

  #map(expr: Expr & { kind: 'map' }): Range {
    const costs = expr.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    const all = (pick: 'key' | 'value'): Range =>
      expr.entries.length === 0
        ? NOTHING
        : expr.entries.map((entry) => this.#size(entry[pick]) ?? UNKNOWN).reduce(union, EMPTY);
    this.#setEntries(expr, { list: false, key: all('key'), value: all('value') });
    return plus(fixed(MAP_COST), ...costs);
  }

  #call(call: Call): Range {
    const costs = call.args.map((arg) => this.cost(arg));
    if (call.name === 'dyn') {
      this.#setSize(call, this.#size(call.args[0]!));
      this.#setEntries(call, this.#entriesOf(call.args[0]!));
      return plus(fixed(1), costs[0]!);
    }
    const overloads = this.#checked.overloads.get(call.id) ?? [];
    if (overloads.length === 0) return NOTHING;
    const nodes = call.args.map((arg) => this.#node(arg));
    const qualified = this.#checked.qualified.get(call.id);
    const isMember = call.target !== undefined && qualified === undefined;
    const targetCost = isMember ? this.cost(call.target!) : NOTHING;
    const target = isMember ? this.#node(call.target!) : undefined;
    let cost = EMPTY;
    let size: Range | undefined;
    for (const { id } of overloads) {
      const estimate = this.#function(call, qualified ?? call.name, id, target, nodes, costs);
      cost = union(cost, estimate.cost);
      if (estimate.size) size = size ? union(size, estimate.size) : estimate.size;
      if (id === 'index_list' || id === 'index_map') {
        size = this.#entriesOf(call.args[0]!)?.value;
        this.#paths.set(call.id, [...this.#path(call.args[0]!), id === 'index_list' ? '@items' : '@values']);
      }
      size ??= this.#size(call);
    }
    this.#setSize(call, size);
    return plus(targetCost, cost);
  }

  #function(
    call: Call,
    name: string,
    overload: string,
    target: EstimatedNode | undefined,
    args: readonly EstimatedNode[],
    costs: readonly Range[],
  ): CallEstimate {
    const known = estimateCall(name, overload, target, args);
    if (known) return { ...known, cost: plus(known.cost, ...costs) };
    const [a, b, c] = args;
    switch (overload) {
      case 'logical_or':
      case 'logical_and':
        return { cost: { min: costs[0]!.min, max: plus(...costs).max } };
      case 'conditional':
        this.#setEntries(call, unionOfEntries(this.#entriesOf(call.args[1]!), this.#entriesOf(call.args[2]!)));
        return { cost: plus(costs[0]!, union(costs[1]!, costs[2]!)), size: either(b, c) };
      case 'add_string':
      case 'add_bytes':
      case 'add_list': {
        const size = plus(sizeOf(a), sizeOf(b));
        this.#setEntries(call, unionOfEntries(this.#entriesOf(call.args[0]!), this.#entriesOf(call.args[1]!)));
        return { cost: plus(overload === 'add_list' ? fixed(1) : scaled(size, TRAVERSAL), ...costs), size };
      }
      default: {
        const estimate = standardEstimate(overload, target, args);
        return { ...estimate, cost: plus(estimate.cost, ...costs) };
      }
    }
  }

  /** What the variables of a fold stand for. */
  #pushVariables(expr: Comprehension): void {
    const entries = this.#entriesOf(expr.range);
    const isList = entries ? entries.list : this.#type(expr.range).kind === 'list';
    const path = this.#path(expr.range);
    const keys = { path: [...path, isList ? '@indices' : '@keys'], size: entries?.key, entries: undefined };
    const values = { path: [...path, isList ? '@items' : '@values'], size: entries?.value, entries: undefined };
    this.#push(expr.variable, expr.variable2 === undefined && isList ? values : keys);
    if (expr.variable2 !== undefined) this.#push(expr.variable2, values);
  }

  #comprehension(expr: Comprehension): Range {
    const rangeCost = this.cost(expr.range);
    const initCost = this.cost(expr.init);
    this.#pushLocal(expr.accumulator, expr.init);
    this.#pushVariables(expr);
    const loop = plus(this.cost(expr.condition), this.cost(expr.step));
    this.#pop(expr.variable);
    if (expr.variable2 !== undefined) this.#pop(expr.variable2);
    const resultCost = this.cost(expr.result);
    this.#pop(expr.accumulator);
    const count = this.#size(expr.range) ?? UNKNOWN;
    if (expr.init.kind === 'literal') this.#setSize(expr, this.#size(expr.init));
    else if (expr.init.kind === 'list' || expr.init.kind === 'map') {
      this.#setSize(expr, count);
      this.#setEntries(expr, this.#entriesOf(expr.step));
    }
    return plus(rangeCost, initCost, resultCost, times(count, loop));
  }

  #pushLocal(name: string, expr: Expr): void {
    this.#push(name, { path: this.#path(expr), size: this.#size(expr), entries: this.#entriesOf(expr) });
  }

  #binding(expr: Comprehension): Range {
    const costs = plus(this.cost(expr.range), this.cost(expr.init));
    this.#pushLocal(expr.accumulator, expr.init);
    const resultCost = this.cost(expr.result);
    this.#pop(expr.accumulator);
    this.#setSize(expr, this.#size(expr.result));
    this.#setEntries(expr, this.#entriesOf(expr.result));
    return plus(costs, resultCost);
  }
}

/** Comparing goes as far as the shorter of the two. */
function comparison(a: EstimatedNode | undefined, b: EstimatedNode | undefined): Range {
  const max = Math.min(sizeOf(a).max, sizeOf(b).max);
  return scaled({ min: max > 0 ? 1 : 0, max }, TRAVERSAL);
}

/** What CEL's own functions cost, their arguments not counted. */
function standardEstimate(
  overload: string,
  target: EstimatedNode | undefined,
  args: readonly EstimatedNode[],
): CallEstimate {
  const [a, b] = args;
  switch (overload) {
    case 'string_format':
      return { cost: scaled(sizeOf(target), TRAVERSAL) };
    case 'string_to_bytes':
      return { cost: scaled(sizeOf(a), TRAVERSAL), size: { min: sizeOf(a).min, max: sizeOf(a).max * 4 } };
    case 'bytes_to_string':
      return { cost: scaled(sizeOf(a), TRAVERSAL), size: { min: Math.floor(sizeOf(a).min / 4), max: sizeOf(a).max } };
    case 'strings_quote':
      return { cost: scaled(sizeOf(a), TRAVERSAL), size: { min: sizeOf(a).min + 2, max: sizeOf(a).max * 2 + 2 } };
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: scaled(sizeOf(a), TRAVERSAL) };
    case 'in_list':
      return { cost: sizeOf(b) };
    case 'matches_string':
      return target ? { cost: searchCost(target, a) } : { cost: fixed(1) };
    case 'contains_string':
      return { cost: times(scaled(sizeOf(target), TRAVERSAL), scaled(sizeOf(a), TRAVERSAL)) };
    case 'equals':
    case 'not_equals':
      return { cost: comparison(a, b) };
  }
  return { cost: /^(?:less|greater)(?:_equals)?_(?:string|bytes)$/.test(overload) ? comparison(a, b) : fixed(1) };
}

/** Whether a fold over nothing only gives a value a name. */
const isBinding = ({ range, condition, accumulator }: Comprehension): boolean =>
  range.kind === 'list' &&
  range.elements.length === 0 &&
  condition.kind === 'literal' &&
  condition.value === false &&
  accumulator !== ACCUMULATOR;

/** The largest size of what is at the end of a path; its first step, the variable, does not matter. */
function sizeFrom(root: SizedType, path: Path): Range | undefined {
  let at: SizedType | undefined = root;
  for (const name of path.slice(1)) {
    if (name === '@items' || name === '@values') at = at.element;
    else if (name === '@keys') at = at.key;
    else at = at.field?.(name);
    if (!at) return undefined;
  }
  return { min: 0, max: at.maxElements };
}

/** The least and the most that an expression may cost whose variables (`self`, `oldSelf`) are of a type. */
export function estimateCost(checked: CheckedExpr, root: SizedType): Range {
  return new Estimator(checked, (path) => sizeFrom(root, path)).cost(checked.expr);
}
