import { dumpQuantity } from './go-quantity.ts';
import { fieldsOf } from './go-types.ts';

type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

const NIL = '<nil>';
const PACKAGED = /^([[\]*]*(?:map\[string\])?)([A-Z])/;

/** A type as Go prints it: `[]v1.Container`. */
const printed = (type: string): string => type.replace(PACKAGED, '$1v1.$2');

const mapOf = (value: Json, one: (value: Json) => string): string => {
  const entries = Object.entries((value ?? {}) as JsonObject).sort(([a], [b]) => (a < b ? -1 : 1));
  // What is empty is not stored, and so not there when it is read.
  return entries.length === 0 ? NIL : `map[${entries.map(([key, item]) => `${key}:${one(item)}`).join(' ')}]`;
};

const listOf = (value: Json, type: string): string => {
  const items = (value ?? []) as readonly Json[];
  return items.length === 0 ? NIL : `[${items.map((item) => body(item, type)).join(' ')}]`;
};

function intOrString(value: Json): string {
  const text = typeof value === 'string';
  return `{Type:(intstr.Type)${text ? 1 : 0} IntVal:(int32)${text ? 0 : ((value as number) ?? 0)} StrVal:(string)${text ? value : ''}}`;
}

/** Times that a template holds are never set. */
const ZERO_TIME = '{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}';

/** Structs of which nothing is set look the same every time. */
const empty = new Map<string, string>();

function struct(value: JsonObject | undefined, type: string): string {
  const fields = fieldsOf(type);
  if (!fields) return String(value ?? '');
  const known = value === undefined ? empty.get(type) : undefined;
  if (known !== undefined) return known;
  const text = `{${fields
    .map(({ name, json, type: of }) => `${name}:${dump(json === undefined ? value : value?.[json], of)}`)
    .join(' ')}}`;
  if (value === undefined) empty.set(type, text);
  return text;
}

/** The value without the name of its type. */
function body(value: Json, type: string): string {
  if (type.startsWith('[]')) return listOf(value, type.slice(2));
  switch (type) {
    case 'map[string]string':
      return mapOf(value, String);
    case 'ResourceList':
      return mapOf(value, (quantity) => body(quantity, 'resource.Quantity'));
    case 'resource.Quantity':
      return dumpQuantity((value as string) ?? '0');
    case 'intstr.IntOrString':
      return intOrString(value);
    case 'Time':
      return ZERO_TIME;
    case 'string':
    case 'types.UID':
      return String(value ?? '');
    case 'bool':
      return String(value ?? false);
    case 'int32':
    case 'int64':
      return String(value ?? 0);
    default:
      return struct(value as JsonObject | undefined, type);
  }
}

/**
 * A value in JSON as Go's spew prints it with `%#v`: the types of all fields, in the order of their declaration, with
 * those that are not set (k8s.io/utils/dump.ForHash). `type` is a name of go-types.ts.
 */
export function dump(value: Json, type: string): string {
  if (!type.startsWith('*')) return `(${printed(type)})${body(value, type)}`;
  return `(${printed(type)})${value === undefined ? NIL : body(value, type.slice(1))}`;
}
