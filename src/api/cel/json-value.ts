/** JSON as expressions see it. */
import { ArrayList, ListValue, MapValue, type CelValue, type Result } from './values.ts';

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
