/** Which types may stand for which, and what type parameters become (cel-go's checker/types.go). */
import { DYN, listType, mapType, sameType, typeType, type CelType } from './types.ts';

/** What type parameters stand for, by name. */
export type Bindings = Map<string, CelType>;

const isDynOrError = (type: CelType): boolean => type.kind === 'dyn' || type.kind === 'error';

/** The types that a type is made of. */
function partsOf(type: CelType): readonly CelType[] {
  switch (type.kind) {
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'opaque':
      return type.parameters;
    default:
      return [];
  }
}

function occursIn(bindings: Bindings, parameter: CelType, type: CelType): boolean {
  if (sameType(parameter, type)) return true;
  if (type.kind === 'param') {
    const bound = bindings.get(type.name);
    return bound !== undefined && occursIn(bindings, parameter, bound);
  }
  return partsOf(type).some((part) => occursIn(bindings, parameter, part));
}

function isLessSpecific(a: CelType, b: CelType): boolean {
  if (a.kind === 'dyn' || a.kind === 'param') return true;
  if (b.kind === 'dyn' || b.kind === 'param' || a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  const [left, right] = [partsOf(a), partsOf(b)];
  if (left.length === 0) return sameType(a, b);
  if (a.kind === 'opaque' && a.name !== (b as typeof a).name) return false;
  return left.length === right.length && left.every((part, i) => isLessSpecific(part, right[i]!));
}

/** The more general of two types that unify. */
export const mostGeneral = (a: CelType, b: CelType): CelType => (isLessSpecific(a, b) ? a : b);

function bind(bindings: Bindings, type: CelType, parameter: CelType & { kind: 'param' }): boolean | undefined {
  if (type.kind === 'param' && type.name === parameter.name) return true;
  const bound = bindings.get(parameter.name);
  if (bound) {
    if (sameType(type, bound)) return true;
    if (!assign(bindings, type, bound)) return false;
    const general = mostGeneral(type, bound);
    if (!occursIn(bindings, parameter, general)) bindings.set(parameter.name, general);
    return true;
  }
  if (occursIn(bindings, parameter, type)) return undefined;
  bindings.set(parameter.name, type);
  return true;
}

function assignAll(bindings: Bindings, from: readonly CelType[], to: readonly CelType[]): boolean {
  return from.length === to.length && from.every((type, i) => assign(bindings, type, to[i]!));
}

function assign(bindings: Bindings, from: CelType, to: CelType): boolean {
  if (to.kind === 'param') {
    const bound = bind(bindings, from, to);
    if (bound !== undefined) return bound;
  }
  if (from.kind === 'param') return bind(bindings, to, from) === true;
  if (isDynOrError(from) || isDynOrError(to)) return true;
  if (from.kind === 'null') return ['null', 'object', 'opaque', 'timestamp', 'duration'].includes(to.kind);
  if (from.kind !== to.kind) return false;
  switch (from.kind) {
    case 'object':
      return from.name === (to as typeof from).name;
    case 'opaque':
      return from.name === (to as typeof from).name && assignAll(bindings, partsOf(from), partsOf(to));
    case 'list':
    case 'map':
      return assignAll(bindings, partsOf(from), partsOf(to));
    default:
      return true;
  }
}

/** Whether values of each type may stand where the other is wanted; bindings change only when they may. */
export function isAssignable(bindings: Bindings, from: readonly CelType[], to: readonly CelType[]): boolean {
  const attempt = new Map(bindings);
  if (!assignAll(attempt, from, to)) return false;
  for (const [name, type] of attempt) bindings.set(name, type);
  return true;
}

/** The type with its parameters replaced by what they stand for; those that stand for nothing are dyn, if wanted. */
export function substitute(bindings: Bindings, type: CelType, freeToDyn: boolean): CelType {
  switch (type.kind) {
    case 'param': {
      const bound = bindings.get(type.name);
      if (bound) return substitute(bindings, bound, freeToDyn);
      return freeToDyn ? DYN : type;
    }
    case 'list':
      return listType(substitute(bindings, type.element, freeToDyn));
    case 'map':
      return mapType(substitute(bindings, type.key, freeToDyn), substitute(bindings, type.value, freeToDyn));
    case 'opaque':
      return type.parameters.length === 0
        ? type
        : { ...type, parameters: type.parameters.map((part) => substitute(bindings, part, freeToDyn)) };
    case 'type':
      return type.of ? typeType(substitute(bindings, type.of, freeToDyn)) : type;
    default:
      return type;
  }
}
