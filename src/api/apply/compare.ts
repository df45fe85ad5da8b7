import { equal } from '../draft.ts';
import type { Schema } from '../schema/schema.ts';
import { EMPTY, fieldNode, type FieldSet } from './field-set.ts';
import { elementOf, fieldSchema, itemSchema, shapeOf, type Shape } from './shape.ts';

/** What a write did to an object, field by field. */
export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

interface Parts {
  added: FieldSet | undefined;
  removed: FieldSet | undefined;
  modified: FieldSet | undefined;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every path within a value, containers and leaves. */
function everything(value: unknown, schema: Schema): FieldSet {
  const children: Record<string, FieldSet> = {};
  const shape = shapeOf(schema, value);
  if ((shape.type === 'struct' || shape.type === 'map') && isObject(value)) {
    for (const key in value) {
      if (value[key] !== undefined) children[`f:${key}`] = everything(value[key], fieldSchema(shape, key) ?? {});
    }
  } else if ((shape.type === 'set' || shape.type === 'listmap') && Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const element = elementOf(shape, item);
      if (element) children[element] = everything(item, itemSchema(shape));
    }
  }
  return fieldNode(true, children)!;
}

/** Compares two values; what is the same object on both sides is not looked into. */
export function compare(before: unknown, after: unknown, schema: Schema): Comparison {
  const parts = comparePart(before, after, schema);
  return { added: parts?.added ?? EMPTY, removed: parts?.removed ?? EMPTY, modified: parts?.modified ?? EMPTY };
}

function comparePart(before: unknown, after: unknown, schema: Schema): Parts | undefined {
  if (before === after) return undefined;
  if (before === undefined) return { added: everything(after, schema), removed: undefined, modified: undefined };
  if (after === undefined) return { added: undefined, removed: everything(before, schema), modified: undefined };
  const shape = shapeOf(schema, before, after);
  switch (shape.type) {
    case 'struct':
    case 'map':
      return compareFields(isObject(before) ? before : {}, isObject(after) ? after : {}, shape);
    case 'set':
    case 'listmap':
      return compareItems(before, after, shape);
    default:
      return equal(before, after) ? undefined : { added: undefined, removed: undefined, modified: EMPTY };
  }
}

/** Collects what children report into the node above them. */
class Collector {
  #added: Record<string, FieldSet> | undefined;
  #removed: Record<string, FieldSet> | undefined;
  #modified: Record<string, FieldSet> | undefined;

  add(element: string, parts: Parts | undefined): void {
    if (!parts) return;
    if (parts.added) (this.#added ??= {})[element] = parts.added;
    if (parts.removed) (this.#removed ??= {})[element] = parts.removed;
    if (parts.modified) (this.#modified ??= {})[element] = parts.modified;
  }

  get parts(): Parts | undefined {
    if (!this.#added && !this.#removed && !this.#modified) return undefined;
    return { added: this.#added, removed: this.#removed, modified: this.#modified };
  }
}

function compareFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  shape: Shape & { type: 'struct' | 'map' },
): Parts | undefined {
  const collector = new Collector();
  for (const key in after) {
    if (after[key] === before[key]) continue;
    collector.add(`f:${key}`, comparePart(before[key], after[key], fieldSchema(shape, key) ?? {}));
  }
  for (const key in before) {
    if (before[key] === undefined || after[key] !== undefined) continue;
    collector.add(`f:${key}`, comparePart(before[key], undefined, fieldSchema(shape, key) ?? {}));
  }
  return collector.parts;
}

function compareItems(before: unknown, after: unknown, shape: Shape & { type: 'set' | 'listmap' }): Parts | undefined {
  const [left, right] = [itemsOf(before, shape), itemsOf(after, shape)];
  const schema = itemSchema(shape);
  const collector = new Collector();
  for (const [element, item] of right) collector.add(element, comparePart(left.get(element), item, schema));
  for (const [element, item] of left)
    if (!right.has(element)) collector.add(element, comparePart(item, undefined, schema));
  return collector.parts;
}

/** The items of a list by what stands for them in paths; of several alike, the last. */
function itemsOf(list: unknown, shape: Shape & { type: 'set' | 'listmap' }): Map<string, unknown> {
  const items = new Map<string, unknown>();
  if (!Array.isArray(list)) return items;
  for (const item of list as unknown[]) {
    const element = elementOf(shape, item);
    if (element !== undefined) items.set(element, item);
  }
  return items;
}
