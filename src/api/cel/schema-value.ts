/** JSON as a schema types it (apiserver/pkg/cel/common/values.go). */
import type { SelfComparing } from './compare.ts';
import { equals } from './compare.ts';
import { escapeName, unescapeName } from './escape.ts';
import { jsonValue } from './json-value.ts';
import type { SelfAdding } from './library/arithmetic.ts';
import { resourceSchema, type CelSchema, type Resolve } from './schema-type.ts';
import { parseGoDuration, parseTimestamp } from './text.ts';
import { ArrayList, Duration, Failure, ListValue, MapValue, Timestamp, type CelValue, type Result } from './values.ts';

const asItIs: Resolve = (schema) => schema;

const invalid = (what: string): Failure => new Failure(`invalid data, ${what}`);

/** An atomic list. */
class SchemaList extends ListValue implements SelfAdding {
  readonly json: readonly unknown[];
  readonly items: CelSchema;
  readonly resolve: Resolve;

  constructor(json: readonly unknown[], items: CelSchema, resolve: Resolve) {
    super();
    this.json = json;
    this.items = items;
    this.resolve = resolve;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): CelValue {
    const value = schemaValue(this.json[index], this.items, this.resolve);
    return value instanceof Failure ? null : value;
  }

  plus(other: ListValue): ListValue {
    return new ArrayList([...this, ...other]);
  }
}

/** What tells the elements of a set or of a list with keys apart. */
type Identity = (element: CelValue) => string;

const scalarText = (value: Result | undefined): string =>
  typeof value === 'object' || value === undefined ? '' : `${typeof value}:${String(value)}`;

/** A list whose elements have an identity: order does not matter to equality, and sums are unions. */
class IdentityList extends SchemaList implements SelfComparing, SelfAdding {
  readonly #identity: Identity;

  constructor(json: readonly unknown[], items: CelSchema, resolve: Resolve, identity: Identity) {
    super(json, items, resolve);
    this.#identity = identity;
  }

  equalsList(other: ListValue): boolean {
    if (other.size !== this.size) return false;
    const own = new Map([...this].map((element) => [this.#identity(element), element]));
    for (const element of other) {
      const match = own.get(this.#identity(element));
      if (match === undefined || !equals(match, element)) return false;
    }
    return true;
  }

  override plus(other: ListValue): ListValue {
    const united = new Map([...this].map((element) => [this.#identity(element), element]));
    for (const element of other) united.set(this.#identity(element), element);
    return new ArrayList([...united.values()]);
  }
}

/** An object with the fields of its schema, or a map. */
class SchemaMap extends MapValue {
  readonly #json: Readonly<Record<string, unknown>>;
  readonly #schemaOf: (property: string) => CelSchema | undefined;
  readonly #resolve: Resolve;
  /** Whether keys are identifiers of properties. */
  readonly #isObject: boolean;

  constructor(
    json: Readonly<Record<string, unknown>>,
    schemaOf: (property: string) => CelSchema | undefined,
    resolve: Resolve,
    isObject: boolean,
  ) {
    super();
    this.#json = json;
    this.#schemaOf = schemaOf;
    this.#resolve = resolve;
    this.#isObject = isObject;
  }

  get size(): number {
    return [...this.keys()].length;
  }

  find(key: CelValue): Result | undefined {
    if (typeof key !== 'string') return undefined;
    const property = this.#isObject ? unescapeName(key) : key;
    if (!Object.hasOwn(this.#json, property)) return undefined;
    const schema = this.#schemaOf(property);
    return schema && schemaValue(this.#json[property], schema, this.#resolve);
  }

  *keys(): Iterable<CelValue> {
    for (const property of Object.keys(this.#json).sort()) {
      if (!this.#schemaOf(property)) continue;
      const key = this.#isObject ? escapeName(property) : property;
      if (key !== undefined) yield key;
    }
  }
}

function listValue(json: unknown, schema: CelSchema, resolve: Resolve): Result {
  if (!Array.isArray(json)) return invalid('expected an array for the provided schema with type=array');
  const { items } = schema;
  if (!items) return new Failure('invalid array type, expected Items with a non-empty Schema');
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return new IdentityList(json, items, resolve, scalarText);
    case 'map': {
      const keys = schema['x-kubernetes-list-map-keys'] ?? [];
      const identity: Identity = (element) =>
        element instanceof MapValue
          ? keys.map((key) => scalarText(element.find(escapeName(key) ?? key))).join('\n')
          : '';
      return new IdentityList(json, items, resolve, identity);
    }
    default:
      return new SchemaList(json, items, resolve);
  }
}

function objectValue(json: unknown, schema: CelSchema, resolve: Resolve): Result {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return invalid('expected a map for the provided schema with type=object');
  const record = json as Readonly<Record<string, unknown>>;
  const embedded = schema['x-kubernetes-embedded-resource'] ?? false;
  const { properties } = embedded ? resourceSchema(schema) : schema;
  const { additionalProperties } = schema;
  if (properties) {
    const schemaOf = (name: string): CelSchema | undefined =>
      Object.hasOwn(properties, name) ? properties[name] : undefined;
    return new SchemaMap(record, schemaOf, resolve, true);
  }
  if (typeof additionalProperties === 'object')
    return new SchemaMap(record, () => additionalProperties, resolve, false);
  return new SchemaMap(record, () => undefined, resolve, true);
}

function stringValue(json: unknown, format: string | undefined): Result {
  if (typeof json !== 'string') return invalid(`expected string, got ${typeof json}`);
  switch (format) {
    case 'duration': {
      const nanoseconds = parseGoDuration(json);
      return nanoseconds === undefined ? new Failure(`Invalid duration ${json}`) : new Duration(nanoseconds);
    }
    case 'date':
    case 'date-time': {
      const nanoseconds = parseTimestamp(format === 'date' ? `${json}T00:00:00Z` : json);
      return nanoseconds === undefined
        ? new Failure(`Invalid ${format} formatted string ${json}`)
        : new Timestamp(nanoseconds);
    }
    case 'byte':
      try {
        return Uint8Array.from(atob(json), (character) => character.charCodeAt(0));
      } catch {
        return new Failure(`Invalid byte formatted string ${json}`);
      }
    default:
      return json;
  }
}

/** A value that a schema describes. For the root of a resource, give resourceSchema(schema). */
export function schemaValue(json: unknown, given: CelSchema, resolve: Resolve = asItIs): Result {
  const schema = resolve(given);
  if (json === null || json === undefined)
    return schema.nullable ? null : invalid('got null for schema with nullable=false');
  if (schema['x-kubernetes-int-or-string']) return jsonValue(json);
  switch (schema.type) {
    case 'object':
      return objectValue(json, schema, resolve);
    case 'array':
      return listValue(json, schema, resolve);
    case 'string':
      return stringValue(json, schema.format);
    case 'number':
      return typeof json === 'number' ? json : invalid(`expected float, got ${typeof json}`);
    case 'integer':
      return typeof json === 'number' && Number.isInteger(json)
        ? BigInt(json)
        : invalid(`expected int, got ${typeof json}`);
    case 'boolean':
      return typeof json === 'boolean' ? json : invalid(`expected bool, got ${typeof json}`);
    default:
      return jsonValue(json);
  }
}
