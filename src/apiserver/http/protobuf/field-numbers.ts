import numbers from './field-numbers.json' with { type: 'json' };

/**
 * Numbers of fields on the wire (k8s.io/api's generated.proto), by package and type. A field's number is its place in
 * the list; `-` is a number not in use, `@Type` a struct of the same package whose fields JSON has among those of the type.
 */
const TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = numbers;

const tables = new Map<string, readonly (string | undefined)[]>();

/** Names of a type's fields by number; undefined when the type's numbers are not known. */
export function fieldsOf(type: string): readonly (string | undefined)[] | undefined {
  const known = tables.get(type);
  if (known) return known;
  const dot = type.lastIndexOf('.');
  const text = TYPES[type.slice(0, dot)]?.[type.slice(dot + 1)];
  if (text === undefined) return undefined;
  const fields = [undefined, ...text.split(' ').map((name) => (name === '-' ? undefined : name))];
  tables.set(type, fields);
  return fields;
}

/** The full name of a struct that a type embeds: `@VolumeSource` in `io.k8s.api.core.v1.Volume`. */
export const embeddedType = (type: string, name: string): string =>
  type.slice(0, type.lastIndexOf('.') + 1) + name.slice(1);
