import type { Call, Comprehension, Expr } from './ast.ts';
import type { CheckedExpr, Declarations } from './checker.ts';
import { accepts, noSuchOverload, type Overload } from './functions.ts';
import { atIndex, atKey } from './library/standard.ts';
import { TYPE_NAMES } from './library/conversions.ts';
import { callCost, LIST_COST, MAP_COST, STRUCT_COST } from './runtime-cost.ts';
import {
  ArrayList,
  EntryMap,
  Failure,
  ListValue,
  MapValue,
  NONE,
  Optional,
  TypeValue,
  typeNameOf,
  type CelValue,
  type Result,
} from './values.ts';

/** What the variables of an expression are; undefined for one that there is not. */
export type Activation = (name: string) => Result | undefined;

/** How an evaluation went. */
export interface Evaluation {
  readonly result: Result;
  /** In units of cel-go's accounting. */
  readonly cost: number;
  /** Whether it was given up because it cost more than it may. */
  readonly exceeded: boolean;
}

/** Thrown to leave an evaluation that costs too much. */
class CostExceeded extends Error {}

/** One evaluation under way. */
interface Frame {
  readonly activation: Activation;
  /** Variables of the comprehensions around, by slot. */
  readonly locals: Result[];
  readonly limit: number;
  cost: number;
}

type Step = (frame: Frame) => Result;

/** The slots of the variables in sight, by name. */
interface Slots {
  readonly names: ReadonlyMap<string, number>;
  readonly size: number;
}

const declare = ({ names, size }: Slots, ...added: string[]): Slots => ({
  names: new Map([...names, ...added.map((name, i) => [name, size + i] as const)]),
  size: size + added.length,
});

function charge(frame: Frame, cost: number): void {
  frame.cost += cost;
  if (frame.cost > frame.limit) throw new CostExceeded();
}

/** A field of a value, when it has one. */
function fieldOf(value: CelValue, field: string): Result | undefined {
  if (value instanceof MapValue) return value.find(field);
  if (value instanceof ListValue) return new Failure("unsupported index type 'string' in list");
  return undefined;
}

const noSuchKey = (field: string): Failure => new Failure(`no such key: ${field}`);
const NO_OVERLOAD = new Failure('no such overload');

/** `a.b` where a may be an optional, and the answer then is one. */
function select(value: CelValue, field: string): Result {
  if (value instanceof Optional) return value.value === undefined ? NONE : selectOptional(value.value, field);
  const found = fieldOf(value, field);
  return found === undefined ? noSuchKey(field) : found;
}

/** `a.?b`. */
function selectOptional(value: CelValue, field: string): Result {
  if (value instanceof Optional) return value.value === undefined ? NONE : selectOptional(value.value, field);
  const found = fieldOf(value, field);
  if (found instanceof Failure) return found;
  return found === undefined ? NONE : new Optional(found);
}

function index(value: CelValue, key: CelValue): Result {
  if (value instanceof Optional) return value.value === undefined ? NONE : indexOptional(value.value, key);
  if (value instanceof ListValue) return atIndex(value, key);
  if (value instanceof MapValue) return atKey(value, key);
  return NO_OVERLOAD;
}

/** `a[?b]`. */
function indexOptional(value: CelValue, key: CelValue): Result {
  if (value instanceof Optional) return value.value === undefined ? NONE : indexOptional(value.value, key);
  const found = index(value, key);
  return found instanceof Failure ? NONE : new Optional(found);
}

/** Turns a checked expression into functions. */
class Planner {
  readonly #checked: CheckedExpr;
  readonly #declarations: Declarations;

  constructor(checked: CheckedExpr, declarations: Declarations) {
    this.#checked = checked;
    this.#declarations = declarations;
  }

  plan(expr: Expr, slots: Slots): Step {
    switch (expr.kind) {
      case 'literal': {
        const { value } = expr;
        return () => value;
      }
      case 'ident':
        return this.#ident(expr.name.replace(/^\./, ''), slots);
      case 'select': {
        const name = this.#checked.qualified.get(expr.id);
        if (name !== undefined) return this.#ident(name, slots);
        return expr.testOnly
          ? this.#has(expr.operand, expr.field, slots)
          : this.#select(expr.operand, expr.field, slots);
      }
      case 'call':
        return this.#call(expr, slots);
      case 'list':
        return this.#list(expr, slots);
      case 'map':
        return this.#map(expr, slots);
      case 'struct':
        return this.#struct(expr, slots);
      case 'comprehension':
        return this.#comprehension(expr, slots);
    }
  }

  #ident(name: string, { names }: Slots): Step {
    const slot = names.get(name);
    if (slot !== undefined)
      return (frame) => {
        charge(frame, 1);
        return frame.locals[slot]!;
      };
    const type = Object.hasOwn(TYPE_NAMES, name) ? new TypeValue(name) : undefined;
    return (frame) => {
      charge(frame, 1);
      const value = frame.activation(name);
      if (value !== undefined) return value;
      return type ?? new Failure(`no such attribute(s): ${name}`);
    };
  }

  #select(operand: Expr, field: string, slots: Slots): Step {
    const of = this.plan(operand, slots);
    return (frame) => {
      const value = of(frame);
      if (value instanceof Failure) return value;
      charge(frame, 1);
      return select(value, field);
    };
  }

  #has(operand: Expr, field: string, slots: Slots): Step {
    const of = this.plan(operand, slots);
    return (frame) => {
      const value = of(frame);
      if (value instanceof Failure) return value;
      const inner = value instanceof Optional ? value.value : value;
      const found = inner === undefined ? undefined : fieldOf(inner, field);
      return found instanceof Failure ? found : found !== undefined;
    };
  }

  #call(call: Call, slots: Slots): Step {
    const [first, second, third] = call.args.map((arg) => this.plan(arg, slots));
    switch (call.name) {
      case '_&&_':
        return this.#logical(first!, second!, false);
      case '_||_':
        return this.#logical(first!, second!, true);
      case '_?_:_':
        return (frame) => {
          const test = first!(frame);
          if (test instanceof Failure) return test;
          if (typeof test !== 'boolean') return NO_OVERLOAD;
          return test ? second!(frame) : third!(frame);
        };
      case '@not_strictly_false':
        return (frame) => first!(frame) !== false;
      case '_?._': {
        const field = (call.args[1] as Expr & { kind: 'literal' }).value as string;
        return this.#access(
          first!,
          () => field,
          (value) => selectOptional(value, field),
        );
      }
      case '_[_]':
        return this.#access(first!, second!, index);
      case '_[?_]':
        return this.#access(first!, second!, indexOptional);
      case 'or':
      case 'orValue':
        return this.#otherwise(call, slots);
      default:
        return this.#function(call, slots);
    }
  }

  #access(of: Step, key: Step, get: (value: CelValue, key: CelValue) => Result): Step {
    return (frame) => {
      const value = of(frame);
      if (value instanceof Failure) return value;
      const at = key(frame);
      if (at instanceof Failure) return at;
      charge(frame, 1);
      return get(value, at);
    };
  }

  /** && or ||: an operand that decides it does so even when the other fails. */
  #logical(left: Step, right: Step, decisive: boolean): Step {
    return (frame) => {
      const a = left(frame);
      if (a === decisive) return decisive;
      const b = right(frame);
      if (b === decisive) return decisive;
      if (typeof a === 'boolean' && typeof b === 'boolean') return !decisive;
      if (a instanceof Failure) return a;
      return b instanceof Failure ? b : NO_OVERLOAD;
    };
  }

  /** Optionals' or() and orValue(), which look at their argument only when they need it. */
  #otherwise(call: Call, slots: Slots): Step {
    const target = this.plan(call.target!, slots);
    const other = this.plan(call.args[0]!, slots);
    return (frame) => {
      const value = target(frame);
      if (value instanceof Failure) return value;
      if (!(value instanceof Optional)) return noSuchOverload(call.name, [value]);
      if (value.value === undefined) return other(frame);
      return call.name === 'or' ? value : value.value;
    };
  }

  #function(call: Call, slots: Slots): Step {
    const qualified = this.#checked.qualified.get(call.id);
    const name = qualified ?? call.name.replace(/^\./, '');
    const parts = call.target && qualified === undefined ? [call.target, ...call.args] : call.args;
    const steps = parts.map((part) => this.plan(part, slots));
    const resolved = this.#checked.overloads.get(call.id) ?? [];
    const isMember = parts.length > call.args.length;
    const overloads =
      resolved.length === 1
        ? resolved
        : (this.#declarations.functions.get(name) ?? []).filter(({ member }) => member === isMember);
    return (frame) => {
      const args: CelValue[] = [];
      for (const step of steps) {
        const value = step(frame);
        if (value instanceof Failure) return value;
        args.push(value);
      }
      const overload = overloadFor(overloads, args);
      const result = overload ? overload.call(args) : noSuchOverload(name, args);
      charge(frame, callCost(name, overload?.id ?? '', args, result));
      return result;
    };
  }

  #list({ elements, optional }: Expr & { kind: 'list' }, slots: Slots): Step {
    const steps = elements.map((element) => this.plan(element, slots));
    return (frame) => {
      const values: CelValue[] = [];
      for (const [i, step] of steps.entries()) {
        const value = step(frame);
        if (value instanceof Failure) return value;
        if (!optional.has(i)) values.push(value);
        else if (!(value instanceof Optional)) return notOptional(value);
        else if (value.value !== undefined) values.push(value.value);
      }
      charge(frame, LIST_COST);
      return new ArrayList(values);
    };
  }

  #map({ entries }: Expr & { kind: 'map' }, slots: Slots): Step {
    const steps = entries.map(({ key, value, optional }) => ({
      key: this.plan(key, slots),
      value: this.plan(value, slots),
      optional,
    }));
    return (frame) => {
      const made: [CelValue, CelValue][] = [];
      for (const step of steps) {
        const key = step.key(frame);
        if (key instanceof Failure) return key;
        if (key === null || (typeof key === 'object' && typeNameOf(key) !== 'uint'))
          return new Failure(`unsupported key type: ${typeNameOf(key)}`);
        const value = present(step.value(frame), step.optional);
        if (value instanceof Failure) return value;
        if (value !== undefined) made.push([key, value]);
      }
      charge(frame, MAP_COST);
      return new EntryMap(made);
    };
  }

  #struct({ name, fields }: Expr & { kind: 'struct' }, slots: Slots): Step {
    const steps = fields.map((field) => ({ ...field, value: this.plan(field.value, slots) }));
    return (frame) => {
      const made: [CelValue, CelValue][] = [];
      for (const step of steps) {
        const value = present(step.value(frame), step.optional);
        if (value instanceof Failure) return value;
        if (value !== undefined) made.push([step.name, value]);
      }
      charge(frame, STRUCT_COST);
      return new EntryMap(made, name);
    };
  }

  #comprehension(expr: Comprehension, slots: Slots): Step {
    const range = this.plan(expr.range, slots);
    const init = this.plan(expr.init, slots);
    const folding = declare(slots, expr.accumulator);
    const accumulator = slots.size;
    const variable = slots.size + 1;
    const inner = declare(folding, expr.variable, ...(expr.variable2 === undefined ? [] : [expr.variable2]));
    const condition = this.plan(expr.condition, inner);
    const step = this.plan(expr.step, inner);
    const result = this.plan(expr.result, folding);
    const pairs = expr.variable2 !== undefined;
    return (frame) => {
      const over = range(frame);
      if (over instanceof Failure) return over;
      const values = iterate(over, pairs);
      if (values instanceof Failure) return values;
      let accumulated = init(frame);
      for (const [first, second] of values) {
        // What is nested uses the same slots: they are set anew before each use.
        frame.locals[accumulator] = accumulated;
        frame.locals[variable] = first;
        if (second !== undefined) frame.locals[variable + 1] = second;
        if (condition(frame) !== true) break;
        accumulated = step(frame);
      }
      frame.locals[accumulator] = accumulated;
      return result(frame);
    };
  }
}

const notOptional = (value: CelValue): Failure =>
  new Failure(`cannot initialize optional list element from non-optional value ${String(value)}`);

/** The value of an entry; undefined when it is optional and has none. */
function present(value: Result, optional: boolean): Result | undefined {
  if (!optional || value instanceof Failure) return value;
  return value instanceof Optional ? value.value : notOptional(value);
}

/** What a fold goes over: elements or keys, or both indices and elements, keys and values. */
function iterate(value: CelValue, pairs: boolean): Iterable<readonly [Result, Result?]> | Failure {
  if (value instanceof ListValue) return overList(value, pairs);
  if (value instanceof MapValue) return overMap(value, pairs);
  return new Failure(`got '${typeNameOf(value)}', expected iterable type`);
}

function* overList(list: ListValue, pairs: boolean): Iterable<readonly [Result, Result?]> {
  for (let i = 0; i < list.size; i++) yield pairs ? [BigInt(i), list.at(i)] : [list.at(i)];
}

function* overMap(map: MapValue, pairs: boolean): Iterable<readonly [Result, Result?]> {
  for (const key of map.keys()) yield pairs ? [key, map.find(key)!] : [key];
}

function overloadFor(overloads: readonly Overload[], args: readonly CelValue[]): Overload | undefined {
  return overloads.find(
    (overload) => overload.args.length === args.length && overload.args.every((type, i) => accepts(type, args[i]!)),
  );
}

/** A program for a checked expression. */
export function plan(
  checked: CheckedExpr,
  declarations: Declarations,
): (activation: Activation, limit: number) => Evaluation {
  const step = new Planner(checked, declarations).plan(checked.expr, { names: new Map(), size: 0 });
  return (activation, limit) => {
    const frame: Frame = { activation, locals: [], limit, cost: 0 };
    try {
      const result = step(frame);
      return { result, cost: frame.cost, exceeded: false };
    } catch (error) {
      if (!(error instanceof CostExceeded)) throw error;
      const result = new Failure('operation cancelled: actual cost limit exceeded');
      return { result, cost: frame.cost, exceeded: true };
    }
  };
}
