/** JSON as expressions see it. */
import { ArrayList, Failure, ListValue, MapValue, Optional, Uint, type CelValue, type Result } from './values.ts';

class JsonList extends ListValue {
  readonly json: readonly unknown[];

  constructor(json: readonly unknown[]) {
    super();
    this.json = json;
  }

  get size(): number {
    return this.json.length;
  }

  at(index: number): CelValue {
    return jsonValue(this.json[index]);
  }

  plus(other: ListValue): ListValue {
    return new ArrayList([...this, ...other]);
  }
}

class JsonMap extends MapValue {
  readonly json: Readonly<Record<string, unknown>>;

  constructor(json: Readonly<Record<string, unknown>>) {
    super();
    this.json = json;
  }

  get size(): number {
    return Object.keys(this.json).length;
  }

  find(key: CelValue): Result | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.json, key)) return undefined;
    return jsonValue(this.json[key]);
  }

  keys(): Iterable<CelValue> {
    return Object.keys(this.json).sort();
  }
}

/** JSON without a schema: objects are maps, whole numbers ints, other numbers doubles. Parts are converted when read. */
export function jsonValue(json: unknown): CelValue {
  switch (typeof json) {
    case 'number':
      return Number.isInteger(json) ? BigInt(json) : json;
    case 'string':
    case 'boolean':
    case 'bigint':
      return json;
    case 'object':
      if (json === null) return null;
      return Array.isArray(json) ? new JsonList(json) : new JsonMap(json as Readonly<Record<string, unknown>>);
    default:
      return null;
  }
}

const utf8 = new TextDecoder();

/** A value as JSON; undefined where it has none that JSON can say. */
export function jsonOf(value: CelValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof JsonList || value instanceof JsonMap) return value.json;
  if (value instanceof ListValue) return [...value].map(jsonOf);
  if (value instanceof MapValue) {
    const object: Record<string, unknown> = {};
    for (const key of value.keys()) {
      const found = value.find(key);
      if (found !== undefined && !(found instanceof Failure)) object[String(key)] = jsonOf(found);
    }
    return object;
  }
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Uint8Array) return btoa(utf8.decode(value));
  if (value instanceof Optional) return value.value === undefined ? null : jsonOf(value.value);
  return String(value);
}
