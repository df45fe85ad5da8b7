/** Declarations of functions. */
import { formatType, optionalElement, type CelType } from './types.ts';
import {
  Duration,
  Failure,
  ListValue,
  MapValue,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  typeNameOf,
  Uint,
  type CelValue,
  type Result,
} from './values.ts';

/** One of the signatures of a function. */
export interface Overload {
  readonly id: string;
  /** Called on its first argument: `a.f(b)`. */
  readonly member: boolean;
  readonly args: readonly CelType[];
  readonly result: CelType;
  call(args: readonly CelValue[]): Result;
}

/** Functions by their names. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;

/** A library: name, then signatures. */
export type Library = readonly (readonly [name: string, ...overloads: Overload[]])[];

/* The implementation sees values of the types that it declares, and nothing else: the evaluator checks. */
type Implementation = (...args: never[]) => Result;

const overload = (
  member: boolean,
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
): Overload => ({
  id,
  member,
  args,
  result,
  call: (values) => (implementation as (...values: readonly CelValue[]) => Result)(...values),
});

/** `f(a, b)`. */
export const global = (
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
): Overload => overload(false, id, args, result, implementation);

/** `a.f(b)`. */
export const member = (
  id: string,
  args: readonly CelType[],
  result: CelType,
  implementation: Implementation,
): Overload => overload(true, id, args, result, implementation);

/** All functions of some libraries. */
export function functionsOf(libraries: readonly Library[]): Functions {
  const functions = new Map<string, Overload[]>();
  for (const [name, ...overloads] of libraries.flat())
    functions.set(name, [...(functions.get(name) ?? []), ...overloads]);
  return functions;
}

/** Whether a value is of a declared type, as far as that shows at run time. */
export function accepts(type: CelType, value: CelValue): boolean {
  switch (type.kind) {
    case 'dyn':
    case 'error':
    case 'param':
      return true;
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'uint':
      return value instanceof Uint;
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null':
      return value === null;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof ListValue;
    case 'map':
    case 'object':
      return value instanceof MapValue;
    case 'type':
      return value instanceof TypeValue;
    case 'opaque':
      if (optionalElement(type)) return value instanceof Optional;
      return value instanceof Opaque && value.typeName === type.name;
  }
}

/** The types whose values operators know what to do with. */
const ORDERED = [
  'bool',
  'int',
  'uint',
  'double',
  'string',
  'bytes',
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
];
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  '_+_': [...ORDERED.slice(1), 'list'],
  '_-_': ['int', 'uint', 'double', 'google.protobuf.Timestamp', 'google.protobuf.Duration'],
  '_*_': ['int', 'uint', 'double'],
  '_/_': ['int', 'uint', 'double'],
  '_%_': ['int', 'uint'],
  '_<_': ORDERED,
  '_<=_': ORDERED,
  '_>_': ORDERED,
  '_>=_': ORDERED,
};

/** What a call gives that no signature is for. */
export function noSuchOverload(name: string, args: readonly CelValue[]): Failure {
  const types = args.map(typeNameOf);
  if (Object.hasOwn(OPERANDS, name))
    return new Failure(OPERANDS[name]!.includes(types[0]!) ? 'no such overload' : `no such overload: ${name}`);
  return new Failure(/^[_!@-]/.test(name) ? 'no such overload' : `no such overload: ${name}(${types.join(', ')})`);
}

/** Signatures that are the same for several types. */
export const forTypes = <T>(types: readonly CelType[], make: (type: CelType, name: string) => T): T[] =>
  types.map((type) => make(type, formatType(type)));
