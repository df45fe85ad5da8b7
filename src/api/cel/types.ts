/** The types of CEL (cel-go's types.Type). */
export type CelType =
  | { readonly kind: 'dyn' | 'error' | 'null' }
  | { readonly kind: 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' }
  | { readonly kind: 'list'; readonly element: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | ObjectType
  | { readonly kind: 'opaque'; readonly name: string; readonly parameters: readonly CelType[] }
  | { readonly kind: 'type'; readonly of: CelType | undefined }
  | { readonly kind: 'param'; readonly name: string };

/** A type with named fields. */
export interface ObjectType {
  readonly kind: 'object';
  readonly name: string;
  /** The type of a field, or undefined where there is no such field. */
  field(name: string): CelType | undefined;
}

export const DYN: CelType = { kind: 'dyn' };
export const ERROR: CelType = { kind: 'error' };
export const NULL: CelType = { kind: 'null' };
export const BOOL: CelType = { kind: 'bool' };
export const INT: CelType = { kind: 'int' };
export const UINT: CelType = { kind: 'uint' };
export const DOUBLE: CelType = { kind: 'double' };
export const STRING: CelType = { kind: 'string' };
export const BYTES: CelType = { kind: 'bytes' };
export const TIMESTAMP: CelType = { kind: 'timestamp' };
export const DURATION: CelType = { kind: 'duration' };
export const TYPE: CelType = { kind: 'type', of: undefined };

export const listType = (element: CelType): CelType => ({ kind: 'list', element });
export const mapType = (key: CelType, value: CelType): CelType => ({ kind: 'map', key, value });
export const opaqueType = (name: string, ...parameters: CelType[]): CelType => ({ kind: 'opaque', name, parameters });
export const typeType = (of: CelType): CelType => ({ kind: 'type', of });
export const paramType = (name: string): CelType => ({ kind: 'param', name });

const OPTIONAL = 'optional_type';
export const optionalType = (of: CelType): CelType => opaqueType(OPTIONAL, of);

/** What an optional type may hold; undefined for other types. */
export const optionalElement = (type: CelType): CelType | undefined =>
  type.kind === 'opaque' && type.name === OPTIONAL ? type.parameters[0] : undefined;

/** A type with these fields. */
export function objectType(name: string, fields: Readonly<Record<string, CelType>>): ObjectType {
  const byName = new Map(Object.entries(fields));
  return { kind: 'object', name, field: (field) => byName.get(field) };
}

/** A type as errors name it (checker.FormatCELType). */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${formatType(type.element)})`;
    case 'map':
      return `map(${formatType(type.key)}, ${formatType(type.value)})`;
    case 'object':
    case 'param':
      return type.name;
    case 'opaque':
      return type.parameters.length > 0 ? `${type.name}(${type.parameters.map(formatType).join(', ')})` : type.name;
    case 'type':
      return type.of ? `type(${formatType(type.of)})` : 'type';
    case 'error':
      return '!error!';
    default:
      return type.kind;
  }
}

const RUNTIME_NAMES: Partial<Record<CelType['kind'], string>> = {
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
};

/** A type as Kubernetes' own messages name it (types.Type.String). */
export function typeString(type: CelType): string {
  if (type.kind === 'list') return `list(${typeString(type.element)})`;
  if (type.kind === 'map') return `map(${typeString(type.key)}, ${typeString(type.value)})`;
  if (type.kind === 'opaque' && type.parameters.length > 0)
    return `${type.name}(${type.parameters.map(typeString).join(', ')})`;
  return RUNTIME_NAMES[type.kind] ?? formatType(type);
}

export function sameType(a: CelType, b: CelType): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'list':
      return sameType(a.element, (b as typeof a).element);
    case 'map':
      return sameType(a.key, (b as typeof a).key) && sameType(a.value, (b as typeof a).value);
    case 'object':
    case 'param':
      return a.name === (b as typeof a).name;
    case 'opaque': {
      const other = b as typeof a;
      return (
        a.name === other.name &&
        a.parameters.length === other.parameters.length &&
        a.parameters.every((parameter, i) => sameType(parameter, other.parameters[i]!))
      );
    }
    default:
      return true;
  }
}
