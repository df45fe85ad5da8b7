/** Readers: one function per type, made from its schema once, that turns raw JSON into an object of that type. */
import { parseQuantity, QuantityError } from '../quantity.ts';
import { formatMicroTime, formatTime } from '../meta.ts';
import { quote } from '../field-error.ts';
import { embeddedStruct, isNullTime, SCALAR_TYPES, isPointer, namedType, omittedWhenEmpty, shortName, typeName } from './go-types.ts';
import { schemaOf, type Schema } from './schema.ts';

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
  /** The path of the current value with indexes and map keys, for unknown fields. */
  readonly path: string[] = [];
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
  const source = from === 'object' ? 'map[string]interface {}' : from === 'array' ? '[]interface {}' : from;
  return `cannot convert ${source} to ${type}`;
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

const readString =
  (type: string): Reader =>
  (value, at, name) =>
    typeof value === 'string' ? value : at.mismatch(jsonType(value), name, type);

const readBoolean: Reader = (value, at, name) =>
  typeof value === 'boolean' ? value : at.mismatch(jsonType(value), name, 'bool');

const RANGES: Readonly<Record<string, number>> = { int32: 2 ** 31, int64: 2 ** 63 };

const readInteger = (type: string): Reader => {
  const limit = RANGES[type] ?? 2 ** 63;
  return (value, at, name) => {
    if (typeof value !== 'number') return at.mismatch(jsonType(value), name, type);
    if (Number.isInteger(value) && value < limit && value >= -limit) return value;
    return at.mismatch(`number ${value}`, name, type);
  };
};

const readNumber: Reader = (value, at, name) =>
  typeof value === 'number' ? value : at.mismatch(jsonType(value), name, 'float64');

const readAnything: Reader = (value) => value;

/** Base64 text; Go names the first byte that is wrong. */
const readBytes: Reader = (value, at, name) => {
  if (typeof value !== 'string') return at.mismatch(jsonType(value), name, '[]uint8');
  const text = value.replace(/[\r\n]/g, '');
  const wrong = illegalBase64(text);
  if (wrong >= 0) at.typeError ??= `illegal base64 data at input byte ${wrong}`;
  return text;
};

/** Index of the first byte that makes the text no base64, or -1. */
function illegalBase64(text: string): number {
  const digits = /^[A-Za-z0-9+/]*/.exec(text)![0].length;
  const remainder = digits % 4;
  const rest = text.slice(digits);
  if (rest === '') return remainder === 0 ? -1 : digits - remainder;
  if (!rest.startsWith('=') || remainder < 2) return digits;
  const padding = remainder === 2 ? '==' : '=';
  if (rest === padding) return -1;
  if (rest.startsWith(padding)) return digits + padding.length;
  return remainder === 2 && rest === '=' ? text.length : digits + 1;
}

const readQuantity: Reader = (value) => {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new DecodeError(
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    );
  }
  try {
    return parseQuantity(value).toString();
  } catch (error) {
    if (error instanceof QuantityError) throw new DecodeError(error.message);
    throw error;
  }
};

const readIntOrString: Reader = (value) => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  const shown = typeof value === 'number' ? `number ${value}` : jsonType(value);
  throw new DecodeError(`json: cannot unmarshal ${shown} into Go value of type int32`);
};

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Times read before: an object's times come again with each of its writes. */
const knownTimes = new Map<string, string>();

const readTime =
  (format: (ms: number) => string, layout: string): Reader =>
  (value) => {
    const cached = typeof value === 'string' ? knownTimes.get(layout.length + value) : undefined;
    if (cached !== undefined) return cached;
    if (typeof value !== 'string')
      throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`);
    const ms = RFC3339.test(value) ? Date.parse(value) : NaN;
    if (Number.isNaN(ms))
      throw new DecodeError(`parsing time ${quote(value)} as ${quote(layout)}: cannot parse ${quote(value)} as "2006"`);
    const time = micros(value, ms, format);
    if (knownTimes.size >= 4096) knownTimes.clear();
    knownTimes.set(layout.length + value, time);
    return time;
  };

/** Dates keep milliseconds only; the digits after them are taken from the text. */
const micros = (text: string, ms: number, format: (ms: number) => string): string => {
  const fraction = /\.(\d+)/.exec(text)?.[1];
  return format(fraction && fraction.length > 3 ? ms + Number(`0.${fraction.slice(3)}`) : ms);
};

/** Types that write themselves differently from how they are built. */
const SPECIAL: Readonly<Record<string, Reader>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': readQuantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': readIntOrString,
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': readTime(formatTime, '2006-01-02T15:04:05Z07:00'),
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': readTime(formatMicroTime, '2006-01-02T15:04:05.000000Z07:00'),
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': readAnything,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': readAnything,
};

/** What becomes of a field that holds its type's zero value. */
type WhenZero = 'keep' | 'drop';

interface Field {
  readonly name: string;
  readonly read: Reader;
  readonly whenZero: WhenZero;
  /** See embeddedStruct. */
  readonly embedded: string | undefined;
}

const isZero = (value: unknown): boolean => {
  if (value === '' || value === 0 || value === false) return true;
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value) return false;
  return true;
};

const readers = new Map<string, Reader>();

/** The reader of a type by its schema's name. */
export function readerOf(ref: string): Reader {
  let reader = readers.get(ref);
  if (reader) return reader;
  const special = SPECIAL[ref];
  if (special) {
    readers.set(ref, special);
    return special;
  }
  // Types may contain themselves: what is found while one is being made goes through the map.
  readers.set(ref, (value, at, name) => readers.get(ref)!(value, at, name));
  const schema = schemaOf(ref);
  reader = schema.properties ? structReader(ref, schema) : plainReader(schema, '', '');
  readers.set(ref, reader);
  return reader;
}

/** The reader of what is not a struct with a name. */
function plainReader(schema: Schema, owner: string, field: string): Reader {
  if (schema.$ref) return readerOf(schema.$ref);
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return readIntOrString;
  switch (schema.type) {
    case 'string':
      return schema.format === 'byte' ? readBytes : readString(namedType(owner, field) ?? 'string');
    case 'boolean':
      return readBoolean;
    case 'integer':
      return readInteger(schema.format ?? 'int64');
    case 'number':
      return readNumber;
    case 'array':
      return listReader(schema, owner, field);
    case 'object':
      return schema.additionalProperties ? mapReader(schema, owner, field) : readAnything;
    default:
      return readAnything;
  }
}

/** How Go writes the type of a schema. */
function goType(schema: Schema, owner: string, field: string): string {
  if (schema.$ref) return typeName(schema.$ref);
  switch (schema.type) {
    case 'string':
      return schema.format === 'byte' ? '[]uint8' : (namedType(owner, field) ?? 'string');
    case 'boolean':
      return 'bool';
    case 'integer':
      return schema.format ?? 'int64';
    case 'number':
      return 'float64';
    case 'array':
      return `[]${goType(schema.items ?? {}, owner, field)}`;
    case 'object':
      return namedType(owner, field) ?? `map[string]${goType(schema.additionalProperties ?? {}, '', '')}`;
    default:
      return 'interface {}';
  }
}

/** The zero value that null in a list or map stands for. */
function zeroOf(schema: Schema): unknown {
  if (schema.$ref) return SPECIAL[schema.$ref] ? (schema.$ref.endsWith('Quantity') ? '0' : null) : {};
  switch (schema.type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return 0;
    default:
      return null;
  }
}

function listReader(schema: Schema, owner: string, field: string): Reader {
  const items = schema.items ?? {};
  const read = plainReader(items, owner, field);
  const type = goType(schema, owner, field);
  return (value, at, name) => {
    if (!Array.isArray(value)) return at.mismatch(jsonType(value), name, type);
    const out: unknown[] = [];
    const before = Array.isArray(at.base) ? (at.base as unknown[]) : undefined;
    if (name) at.fields.push(name);
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object') {
        at.base = before?.[i];
        if (item === at.base && item !== null) {
          out.push(item);
          continue;
        }
        at.path.push(`${name}[${i}]`);
        out.push(item === null ? zeroOf(items) : read(item, at, ''));
        at.path.pop();
      } else {
        out.push(read(item, at, ''));
      }
    }
    if (name) at.fields.pop();
    return out;
  };
}

function mapReader(schema: Schema, owner: string, field: string): Reader {
  const values = schema.additionalProperties ?? {};
  const read = plainReader(values, '', '');
  const type = goType(schema, owner, field);
  return (value, at, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return at.mismatch(jsonType(value), name, type);
    const out: Record<string, unknown> = {};
    const source = value as Record<string, unknown>;
    at.base = undefined;
    if (name) at.fields.push(name);
    for (const key in source) {
      const item = source[key];
      if (typeof item === 'object' && item !== null) {
        at.path.push(name ? `${name}.${key}` : key);
        out[key] = read(item, at, '');
        at.path.pop();
      } else {
        out[key] = item === null ? zeroOf(values) : read(item, at, '');
      }
    }
    if (name) at.fields.pop();
    return out;
  };
}

function structReader(ref: string, schema: Schema): Reader {
  const owner = shortName(ref);
  const type = typeName(ref);
  const required = new Set(schema.required);
  const fields = new Map<string, Field>();
  /** Fields that are written even when the input has none. */
  const always: { readonly name: string; readonly make: () => unknown }[] = [];
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const emptied = omittedWhenEmpty(owner, name);
    const kept = required.has(name) || (property.default !== undefined && !emptied) || isPointer(owner, name);
    const isMapOrListOrScalar = property.$ref === undefined;
    fields.set(name, {
      name,
      read: plainReader(property, owner, name),
      whenZero: kept || !isMapOrListOrScalar ? 'keep' : 'drop',
      embedded: embeddedStruct(owner, name, 'x-kubernetes-group-version-kind' in schema),
    });
    if (property.default !== undefined && !emptied) always.push({ name, make: defaultMaker(property) });
    else if (isTime(property) && isNullTime(owner, name)) always.push({ name, make: () => null });
    else if (name === 'divisor') always.push({ name, make: () => '0' });
  }
  return (value, at, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return at.mismatch(jsonType(value), name, type);
    const source = value as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    const before = typeof at.base === 'object' && at.base !== null ? (at.base as Record<string, unknown>) : undefined;
    const outer = at.struct;
    at.struct = owner;
    if (name) {
      at.fields.push(name);
      at.path.push(name);
    }
    for (const key in source) {
      const field = fields.get(key);
      if (field === undefined) {
        at.unknown.push([...at.path, key].join('.').replaceAll('.[', '['));
        continue;
      }
      const raw = source[key];
      if (raw === null || raw === undefined) continue;
      at.base = before?.[key];
      if (raw === at.base && typeof raw === 'object') {
        out[key] = raw;
        continue;
      }
      if (field.embedded !== undefined) at.fields.push(field.embedded);
      const read = field.read(raw, at, key);
      if (field.embedded !== undefined) at.fields.pop();
      if (read === undefined || (field.whenZero === 'drop' && isZero(read))) continue;
      out[key] = read;
    }
    for (const field of always) if (out[field.name] === undefined) out[field.name] = field.make();
    if (name) {
      at.fields.pop();
      at.path.pop();
    }
    at.struct = outer;
    return out;
  };
}

const isTime = (schema: Schema): boolean =>
  schema.$ref !== undefined && (schema.$ref.endsWith('.v1.Time') || schema.$ref.endsWith('.v1.MicroTime'));

/** Makes the default of a field; a struct's default is the struct with its own defaults. */
function defaultMaker(property: Schema): () => unknown {
  const value = property.default;
  if (typeof value !== 'object' || value === null) return () => value;
  const ref = property.$ref;
  if (!ref || SPECIAL[ref]) return () => ({});
  return () => readerOf(ref)({}, new Reading(), '');
}
