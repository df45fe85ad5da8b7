import { SCALAR_TYPES } from './go-types.ts';

/** Raw JSON that is not an object of its type; the message is Kubernetes'. */
export class DecodeError extends Error {
  /** Unknown and duplicate fields, in document order, when these are the only fault. */
  readonly strict: readonly string[];

  constructor(message: string, strict: readonly string[] = []) {
    super(message);
    this.strict = strict;
  }
}

/** Where reading stands, and what it found. */
export class Reading {
  /** Names of the fields around the current one, as type errors print them: no indexes, no map keys. */
  readonly fields: string[] = [];
  /** The path of the current value, fields, map keys and indexes of lists, for unknown fields. */
  readonly path: (string | number)[] = [];
  /** Short name of the struct whose fields are being read. */
  struct = '';
  /** The first value of a wrong type: reading goes on after it, because a worse error may follow. */
  typeError: string | undefined;
  readonly unknown: string[] = [];
  /** What stood here in an object read before: parts of it that come again need no second reading. */
  base: unknown;
  readonly #converting: boolean;

  constructor(converting = false, base?: unknown) {
    this.#converting = converting;
    this.base = base;
  }

  /** Notes a field that the type does not have. */
  unknownField(key: string): void {
    let path = '';
    for (const part of this.path) path += typeof part === 'number' ? `[${part}]` : path ? `.${part}` : part;
    this.unknown.push(path ? `${path}.${key}` : key);
  }

  /** Notes a value of the wrong type at the field `name` of the current struct. */
  mismatch(value: string, name: string, type: string): undefined {
    if (this.typeError !== undefined) return;
    if (this.#converting) {
      this.typeError = conversionError(value, type);
      return;
    }
    const path = name ? [...this.fields, name] : this.fields;
    this.typeError = this.struct
      ? `json: cannot unmarshal ${value} into Go struct field ${this.struct}.${path.join('.')} of type ${type}`
      : `json: cannot unmarshal ${value} into Go value of type ${type}`;
  }
}

/** The words of runtime.DefaultUnstructuredConverter. */
function conversionError(value: string, type: string): string {
  const isNumber = value.startsWith('number');
  const from = isNumber ? (value.includes('.') ? 'float64' : 'int64') : value;
  const kind = from === 'object' ? 'map' : from === 'array' ? 'slice' : from;
  if (type.startsWith('[]')) return `cannot restore slice from ${kind}`;
  if (type.startsWith('map[') || type === 'v1.ResourceList') return `cannot restore map from ${kind}`;
  if (/^[a-z0-9]+\.[A-Z]/.test(type) && from !== 'object' && from !== 'array' && !SCALAR_TYPES.has(type))
    return `cannot restore struct from: ${kind}`;
  // Go converts between numbers, and whole numbers to strings; where it would and JSON does not, the words differ.
  const isNumeric = /^(u?int|float)\d*$/.test(type);
  const convertible = isNumber
    ? isNumeric || (from === 'int64' && type !== 'bool')
    : from === 'string' && type === '[]uint8';
  if (convertible) return `cannot convert ${from} to ${type}`;
  return `unrecognized type: ${isNumeric || type === 'bool' ? type : 'string'}`;
}

/** Reads the value of field `name` ('' for list items and map values); undefined when nothing is to be kept. */
export type Reader = (value: unknown, at: Reading, name: string) => unknown;

/** The JSON type of a value, in Go's words. */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'object':
      return 'object';
    default:
      return typeof value;
  }
}
