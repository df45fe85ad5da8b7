/** Readers: one function per type, made from its schema once, that turns raw JSON into an object of that type. */
import { scalarZero } from './scalar-zero.ts';
import { embeddedStruct, isNullTime, isPointer, namedType, omittedWhenEmpty, shortName, typeName } from './go-types.ts';
import { jsonType, Reading, type Reader } from './reading.ts';
import {
  readAnything,
  readBoolean,
  readBytes,
  readInteger,
  readIntOrString,
  readNumber,
  readString,
  SPECIAL,
} from './scalar-readers.ts';
import { schemaOf, type Schema } from './schema.ts';
import { unionReader } from './schema-unions.ts';

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
  const special = SPECIAL[ref] ?? unionReader(ref, readerOf);
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
  if (schema.$ref) {
    if (!SPECIAL[schema.$ref]) return readerOf(schema.$ref)({}, new Reading(), '');
    return schema.$ref.endsWith('Quantity') ? '0' : null;
  }
  return scalarZero(schema);
}

function listReader(schema: Schema, owner: string, field: string): Reader {
  const items = schema.items ?? {};
  const read = plainReader(items, owner, field);
  const type = goType(schema, owner, field);
  return (value, at, name) => {
    if (!Array.isArray(value)) return at.mismatch(jsonType(value), name, type);
    // As long as it will be: a list grown item by item keeps room for sixteen more.
    const out = new Array<unknown>(value.length);
    const before = Array.isArray(at.base) ? (at.base as unknown[]) : undefined;
    if (name) {
      at.fields.push(name);
      at.path.push(name);
    }
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object') {
        at.base = before?.[i];
        if (item === at.base && item !== null) {
          out[i] = item;
          continue;
        }
        at.path.push(i);
        out[i] = item === null ? zeroOf(items) : read(item, at, '');
        at.path.pop();
      } else {
        out[i] = read(item, at, '');
      }
    }
    if (name) {
      at.fields.pop();
      at.path.pop();
    }
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
    if (name) {
      at.fields.push(name);
      at.path.push(name);
    }
    for (const key in source) {
      const item = source[key];
      if (typeof item === 'object' && item !== null) {
        at.path.push(key);
        out[key] = read(item, at, '');
        at.path.pop();
      } else {
        out[key] = item === null ? zeroOf(values) : read(item, at, '');
      }
    }
    if (name) {
      at.fields.pop();
      at.path.pop();
    }
    return out;
  };
}

/** Makes an empty plain object. */
export type Maker = new () => Record<string, unknown>;

/**
 * A constructor of plain objects: JavaScript engines learn per constructor how many fields its objects get, and give
 * them that room and no more.
 */
export function makerOfPlainObjects(): Maker {
  const Plain = function () {} as unknown as Maker;
  Plain.prototype = Object.prototype;
  return Plain;
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
  /** By the type around it: a Pod's metadata has other fields than an Event's. */
  const makers = new Map<string, Maker>();
  return (value, at, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return at.mismatch(jsonType(value), name, type);
    const source = value as Record<string, unknown>;
    let make = makers.get(at.struct);
    if (!make) makers.set(at.struct, (make = makerOfPlainObjects()));
    const out = new make();
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
        at.unknownField(key);
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
