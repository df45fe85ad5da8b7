import { resolve, type Schema } from '../schema/schema.ts';
import { EMPTY, fieldNode, pathText, type FieldSet } from './field-set.ts';
import { elementOf, fieldSchema, itemSchema, shapeOf, UNDESCRIBED, type Shape } from './shape.ts';

/** A configuration that does not fit the schema; the message is Kubernetes'. */
export class TypedError extends Error {}

/** A value as Go's %v prints the wrapper around it. */
function goValue(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, item]) => `${key}:${goValue(item)}`).join(' ')}]`;
}

const wrapped = (value: unknown): string => `&{${goValue(value)}}`;

/** What a scalar of another type than the schema's is told; undefined when it fits. */
function scalarProblem(value: unknown, scalar: 'string' | 'numeric' | 'boolean' | undefined): string | undefined {
  switch (scalar) {
    case 'string':
      if (typeof value === 'string') return undefined;
      return `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`;
    case 'numeric': {
      if (typeof value === 'number') return undefined;
      const type = Array.isArray(value) ? '[]interface {}' : typeof value === 'object' ? 'map[string]interface {}' : '';
      return `expected numeric (int or float), got ${type || (typeof value === 'boolean' ? 'bool' : 'string')}`;
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${wrapped(value)}`;
    default:
      return undefined;
  }
}

/** Why an item can have no place in a list whose items are known by themselves, or by their keys. */
function wrongElement(shape: Shape & { type: 'set' | 'listmap' }, item: unknown): string | undefined {
  if (shape.type === 'set') {
    const list = 'associative list without keys has an element';
    if (item === null) return `${list} that's an explicit null`;
    if (Array.isArray(item)) return 'not supported: associative list with lists as elements';
    return typeof item === 'object' ? `${list} that's a map type` : undefined;
  }
  if (item === null) return 'associative list with keys may not have a null element';
  if (typeof item !== 'object' || Array.isArray(item))
    return 'associative list with keys may not have non-map elements';
  const fields = item as Readonly<Record<string, unknown>>;
  const missing = shape.keys.find(({ name, default: fallback }) => (fields[name] ?? fallback) === undefined);
  return (
    missing &&
    `associative list with keys has an element that omits key field ${JSON.stringify(missing.name)} (and doesn't have default value)`
  );
}

/** The fields that a configuration names. Throws TypedError when it names some that do not exist, or one twice. */
export function fieldSetOf(config: unknown, schema: Schema): FieldSet {
  const errors: string[] = [];
  const path: string[] = [];
  const complain = (message: string): void => {
    const at = pathText(path);
    errors.push(at ? `${at}: ${message}` : message);
  };
  /** What lies within a value: its children for containers, a member for leaves. */
  const walk = (value: unknown, part: Schema): FieldSet | undefined => {
    const shape = shapeOf(part, value);
    switch (shape.type) {
      case 'struct':
      case 'map':
        return walkFields(value, shape);
      case 'set':
      case 'listmap':
        return walkItems(value, shape);
      case 'atomic':
        checkWhole(value, part, shape.of);
        return EMPTY;
      case 'leaf': {
        const problem = value === null ? undefined : scalarProblem(value, shape.scalar);
        if (problem) complain(problem);
        return EMPTY;
      }
    }
  };
  /** What is owned as one must fit the schema all the way down. */
  const checkWhole = (value: unknown, part: Schema, of: 'list' | 'map'): void => {
    if (value === null) return;
    const { items, properties, additionalProperties, ...type } = resolve(part);
    if (of === 'list' ? !Array.isArray(value) : typeof value !== 'object' || Array.isArray(value)) {
      complain(`expected ${of}, got ${wrapped(value)}`);
    } else if (of === 'map' && properties) {
      const rest = type['x-kubernetes-preserve-unknown-fields'] ? UNDESCRIBED : additionalProperties;
      walkFields(value, { type: 'struct', fields: new Map(Object.entries(properties)), schema: part, rest });
    } else if (of === 'map' && additionalProperties) {
      walkFields(value, { type: 'map', values: additionalProperties });
    } else if (of === 'list' && items) {
      (value as unknown[]).forEach((item, i) => {
        path.push(`i:${i}`);
        walk(item, items);
        path.pop();
      });
    }
  };
  const walkFields = (value: unknown, shape: Shape & { type: 'struct' | 'map' }): FieldSet | undefined => {
    if (value === null) return undefined;
    if (typeof value !== 'object' || Array.isArray(value)) {
      complain(`expected map, got ${wrapped(value)}`);
      return undefined;
    }
    const children: Record<string, FieldSet> = {};
    let undeclared: string | undefined;
    for (const key of Object.keys(value).sort()) {
      const item = (value as Readonly<Record<string, unknown>>)[key];
      const field = fieldSchema(shape, key);
      if (!field) {
        undeclared ??= key;
        continue;
      }
      path.push(`f:${key}`);
      const inner = walk(item, field);
      const empty = item === null || (typeof item === 'object' && !Array.isArray(item) && isBare(item as object));
      const node = inner === EMPTY ? EMPTY : fieldNode(empty || shape.type === 'map', inner);
      if (node) children[`f:${key}`] = node;
      path.pop();
    }
    // The first field that does not exist ends the walk; Kubernetes meets the fields of a struct in any order.
    if (undeclared !== undefined) {
      path.push(`f:${undeclared}`);
      complain('field not declared in schema');
      path.pop();
    }
    return children;
  };
  const walkItems = (value: unknown, shape: Shape & { type: 'set' | 'listmap' }): FieldSet | undefined => {
    if (value === null) return undefined;
    if (!Array.isArray(value)) {
      complain(`expected list, got ${wrapped(value)}`);
      return undefined;
    }
    const children: Record<string, FieldSet> = {};
    for (const [i, item] of (value as unknown[]).entries()) {
      const wrong = wrongElement(shape, item);
      const element = wrong === undefined ? elementOf(shape, item) : undefined;
      if (element === undefined) {
        complain(`element ${i}: ${wrong}`);
        break;
      }
      if (element in children) complain(`duplicate entries for key ${pathText([element])}`);
      path.push(element);
      const inner = walk(item, itemSchema(shape));
      children[element] = fieldNode(true, inner)!;
      path.pop();
    }
    return children;
  };
  const set = walk(config, schema) ?? EMPTY;
  if (errors.length === 1) throw new TypedError(errors[0]);
  if (errors.length > 1) throw new TypedError(['errors:', ...errors.map((error) => `  ${error}`)].join('\n'));
  return set;
}

function isBare(object: object): boolean {
  for (const _ in object) return false;
  return true;
}
