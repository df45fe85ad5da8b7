import type { Call, Comprehension, Expr, ListExpr, MapExpr, Select, StructExpr } from './ast.ts';
import { qualifiedName } from './ast.ts';
import type { Functions, Overload } from './functions.ts';
import { CelSyntaxError, type Issue } from './source.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  ERROR,
  formatType,
  INT,
  listType,
  mapType,
  NULL,
  optionalElement,
  optionalType,
  paramType,
  sameType,
  STRING,
  UINT,
  type CelType,
  type ObjectType,
} from './types.ts';
import { isAssignable, mostGeneral, substitute, type Bindings } from './unify.ts';
import { Uint, type CelValue } from './values.ts';

/** What an expression may refer to. */
export interface Declarations {
  readonly variables: ReadonlyMap<string, CelType>;
  readonly functions: Functions;
  /** The type of objects with this name, which an expression may make. */
  structType(name: string): ObjectType | undefined;
}

/** An expression whose types are known. */
export interface CheckedExpr {
  readonly expr: Expr;
  readonly type: CelType;
  /** The type of every node, by its id. */
  readonly types: ReadonlyMap<number, CelType>;
  /** The signatures that each call may turn out to be, by its id. */
  readonly overloads: ReadonlyMap<number, readonly Overload[]>;
  /** Calls and selections that are a name with dots: `sets.contains(a, b)`, `authorizer.requestResource`; by id. */
  readonly qualified: ReadonlyMap<number, string>;
}

interface Scope {
  readonly names: ReadonlyMap<string, CelType>;
  readonly parent: Scope | undefined;
}

function literalType(value: CelValue): CelType {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
  }
  if (value === null) return NULL;
  return value instanceof Uint ? UINT : BYTES;
}

const isDynOrError = ({ kind }: CelType): boolean => kind === 'dyn' || kind === 'error';

/** The type parameters that a type mentions. */
function parametersIn(type: CelType): string[] {
  switch (type.kind) {
    case 'param':
      return [type.name];
    case 'list':
      return parametersIn(type.element);
    case 'map':
      return [...parametersIn(type.key), ...parametersIn(type.value)];
    case 'opaque':
      return type.parameters.flatMap(parametersIn);
    case 'type':
      return type.of ? parametersIn(type.of) : [];
    default:
      return [];
  }
}

/** Finds the type of every part of an expression (cel-go's checker). */
class Checker {
  readonly types = new Map<number, CelType>();
  readonly overloads = new Map<number, readonly Overload[]>();
  readonly qualified = new Map<number, string>();
  readonly issues: Issue[] = [];
  readonly #declarations: Declarations;
  readonly #bindings: Bindings = new Map();
  #scope: Scope;
  #freeTypes = 0;

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
    this.#scope = { names: declarations.variables, parent: undefined };
  }

  finish(expr: Expr): CheckedExpr {
    this.#check(expr);
    for (const [id, type] of this.types) this.types.set(id, substitute(this.#bindings, type, true));
    const { types, overloads, qualified } = this;
    return { expr, type: types.get(expr.id)!, types, overloads, qualified };
  }

  #check(expr: Expr): CelType {
    const type = this.#typeOf(expr);
    this.types.set(expr.id, type);
    return type;
  }

  #typeOf(expr: Expr): CelType {
    switch (expr.kind) {
      case 'literal':
        return literalType(expr.value);
      case 'ident':
        return this.#lookUp(expr.name) ?? this.#undeclared(expr, expr.name);
      case 'select': {
        const path = expr.testOnly ? undefined : qualifiedName(expr);
        const declared = path === undefined ? undefined : this.#declarations.variables.get(path);
        if (declared) {
          this.qualified.set(expr.id, path!);
          return declared;
        }
        const type = this.#select(expr, expr.operand, expr.field, false);
        return expr.testOnly ? BOOL : substitute(this.#bindings, type, false);
      }
      case 'call':
        return this.#call(expr);
      case 'list':
        return this.#list(expr);
      case 'map':
        return this.#map(expr);
      case 'struct':
        return this.#struct(expr);
      case 'comprehension':
        return this.#comprehension(expr);
    }
  }

  #lookUp(name: string): CelType | undefined {
    const plain = name.replace(/^\./, '');
    for (let scope: Scope | undefined = this.#scope; scope; scope = scope.parent) {
      const type = scope.names.get(plain);
      if (type) return type;
    }
    return undefined;
  }

  #issue({ offset }: { readonly offset: number }, message: string): void {
    this.issues.push({ offset, message });
  }

  #undeclared(at: { readonly offset: number }, name: string): CelType {
    this.#issue(at, `undeclared reference to '${name}' (in container '')`);
    return ERROR;
  }

  #fits(from: CelType, to: CelType): boolean {
    return isAssignable(this.#bindings, [from], [to]);
  }

  #free(): CelType {
    return paramType(`_var${this.#freeTypes++}`);
  }

  #fieldType(at: { readonly offset: number }, type: ObjectType, name: string): CelType {
    const found = type.field(name);
    if (!found) this.#issue(at, `undefined field '${name}'`);
    return found ?? ERROR;
  }

  #select(at: Select | Call, operand: Expr, field: string, optional: boolean): CelType {
    const operandType = substitute(this.#bindings, this.#check(operand), false);
    const held = optionalElement(operandType);
    const target = held ?? operandType;
    const wrap = held || optional ? optionalType : (type: CelType) => type;
    switch (target.kind) {
      case 'map':
        return wrap(target.value);
      case 'object':
        return wrap(this.#fieldType(at, target, field));
      case 'param':
        this.#fits(DYN, target);
        return wrap(DYN);
      default:
        if (!isDynOrError(target)) this.#issue(at, `type '${formatType(target)}' does not support field selection`);
        return wrap(DYN);
    }
  }

  #call(call: Call): CelType {
    const { functions } = this.#declarations;
    if (call.name === '_?._') {
      const [operand, field] = call.args;
      this.#check(field!);
      const name = field!.kind === 'literal' ? String(field!.value) : '';
      return substitute(this.#bindings, this.#select(call, operand!, name, true), false);
    }
    for (const arg of call.args) this.#check(arg);
    if (!call.target) {
      const name = call.name.replace(/^\./, '');
      const overloads = functions.get(name);
      return overloads ? this.#resolve(call, name, overloads, undefined) : this.#undeclared(call, call.name);
    }
    const path = qualifiedName(call.target);
    if (path !== undefined) {
      const name = `${path}.${call.name}`.replace(/^\./, '');
      const overloads = functions.get(name);
      if (overloads) {
        this.qualified.set(call.id, name);
        return this.#resolve(call, name, overloads, undefined);
      }
    }
    this.#check(call.target);
    const overloads = functions.get(call.name);
    return overloads ? this.#resolve(call, call.name, overloads, call.target) : this.#undeclared(call, call.name);
  }

  #resolve(call: Call, name: string, overloads: readonly Overload[], target: Expr | undefined): CelType {
    const given = [...(target ? [target] : []), ...call.args].map(({ id }) => this.types.get(id)!);
    const matching: Overload[] = [];
    let result: CelType | undefined;
    for (const overload of overloads) {
      if (overload.member !== (target !== undefined)) continue;
      const fresh: Bindings = new Map();
      for (const parameter of new Set([...overload.args, overload.result].flatMap(parametersIn)))
        fresh.set(parameter, this.#free());
      const wanted = overload.args.map((type) => substitute(fresh, type, false));
      if (!isAssignable(this.#bindings, given, wanted)) continue;
      matching.push(overload);
      const type = substitute(this.#bindings, substitute(fresh, overload.result, false), false);
      if (!result) result = type;
      else if (result.kind !== 'dyn' && !sameType(result, type)) result = DYN;
    }
    if (result) {
      this.overloads.set(call.id, matching);
      return result;
    }
    const types = given.map((type) => formatType(substitute(this.#bindings, type, true)));
    const receiver = target ? `${types.shift()}.` : '';
    this.#issue(call, `found no matching overload for '${name}' applied to '${receiver}(${types.join(', ')})'`);
    return ERROR;
  }

  /** The type of elements that have so far had one type and now have another. */
  #join(at: Expr, before: CelType | undefined, now: CelType): CelType {
    if (!before) return now;
    if (this.#fits(before, now)) return mostGeneral(before, now);
    this.#mismatch(at, before, now);
    return ERROR;
  }

  #mismatch(at: { readonly offset: number }, expected: CelType, found: CelType): void {
    const [want, have] = [expected, found].map((type) => formatType(substitute(this.#bindings, type, false)));
    this.#issue(at, `expected type '${want}' but found '${have}'`);
  }

  /** What an entry holds that is there only if it has a value. */
  #unwrapped(value: Expr, type: CelType, optional: boolean): CelType {
    if (!optional) return type;
    const held = optionalElement(type);
    if (!held && !isDynOrError(type)) this.#mismatch(value, optionalType(type), type);
    return held ?? type;
  }

  #list({ elements, optional }: ListExpr): CelType {
    let element: CelType | undefined;
    elements.forEach((expr, i) => {
      element = this.#join(expr, element, this.#unwrapped(expr, this.#check(expr), optional.has(i)));
    });
    return listType(element ?? this.#free());
  }

  #map({ entries }: MapExpr): CelType {
    let keyType: CelType | undefined;
    let valueType: CelType | undefined;
    for (const { key, value, optional } of entries) {
      keyType = this.#join(key, keyType, this.#check(key));
      valueType = this.#join(value, valueType, this.#unwrapped(value, this.#check(value), optional));
    }
    return mapType(keyType ?? this.#free(), valueType ?? this.#free());
  }

  #struct(expr: StructExpr): CelType {
    const type = this.#declarations.structType(expr.name);
    if (!type) {
      this.#undeclared(expr, expr.name);
      for (const { value } of expr.fields) this.#check(value);
      return ERROR;
    }
    for (const field of expr.fields) {
      const given = this.#check(field.value);
      const wanted = this.#fieldType(field, type, field.name);
      const value = this.#unwrapped(field.value, given, field.optional);
      if (this.#fits(wanted, value)) continue;
      const [want, have] = [wanted, value].map((of) => formatType(substitute(this.#bindings, of, false)));
      this.#issue(field, `expected type of field '${field.name}' is '${want}' but provided type is '${have}'`);
    }
    return type;
  }

  /** The types of the variables of a fold over such a range. */
  #variableTypes(expr: Comprehension, range: CelType): readonly [CelType, CelType] {
    switch (range.kind) {
      case 'list':
        return expr.variable2 === undefined ? [range.element, DYN] : [INT, range.element];
      case 'map':
        return [range.key, range.value];
      case 'dyn':
      case 'error':
      case 'param':
        this.#fits(DYN, range);
        return [DYN, DYN];
      default:
        this.#issue(
          expr.range,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }

  #comprehension(expr: Comprehension): CelType {
    const range = substitute(this.#bindings, this.#check(expr.range), false);
    const accumulated = this.#check(expr.init);
    const outer = this.#scope;
    const folding: Scope = { names: new Map([[expr.accumulator, accumulated]]), parent: outer };
    const [first, second] = this.#variableTypes(expr, range);
    const names = new Map([[expr.variable, first]]);
    if (expr.variable2 !== undefined) names.set(expr.variable2, second);
    this.#scope = { names, parent: folding };
    const condition = this.#check(expr.condition);
    if (!this.#fits(BOOL, condition)) this.#mismatch(expr.condition, BOOL, condition);
    const step = this.#check(expr.step);
    if (!this.#fits(accumulated, step)) this.#mismatch(expr.step, accumulated, step);
    this.#scope = folding;
    const result = this.#check(expr.result);
    this.#scope = outer;
    return substitute(this.#bindings, result, false);
  }
}

/** Checks a parsed expression. Throws CelSyntaxError when its types do not fit. */
export function check(source: string, expr: Expr, declarations: Declarations): CheckedExpr {
  const checker = new Checker(declarations);
  const checked = checker.finish(expr);
  if (checker.issues.length > 0) throw new CelSyntaxError(source, checker.issues);
  return checked;
}
