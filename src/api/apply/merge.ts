import type { Schema } from '../schema/schema.ts';
import { below, EMPTY, isEmpty, type FieldSet } from './field-set.ts';
import { elementOf, fieldSchema, itemSchema, shapeOf, type Shape } from './shape.ts';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `live` with everything that `config` says; neither is changed, and what `config` does not touch is shared. */
export function merge(live: unknown, config: unknown, schema: Schema): unknown {
  if (config === undefined) return live;
  if (live === undefined || live === null) return config;
  const shape = shapeOf(schema, live, config);
  if ((shape.type === 'struct' || shape.type === 'map') && isObject(live) && isObject(config)) {
    const out: Record<string, unknown> = { ...live };
    for (const key in config) out[key] = merge(live[key], config[key], fieldSchema(shape, key) ?? {});
    return out;
  }
  if ((shape.type === 'set' || shape.type === 'listmap') && Array.isArray(live) && Array.isArray(config)) {
    return mergeItems(live, config, shape);
  }
  return config;
}

/**
 * The items of both lists: shared ones in the order of `config`, the others of `live` where they stood between them,
 * the others of `config` behind those before them.
 */
function mergeItems(
  live: readonly unknown[],
  config: readonly unknown[],
  shape: Shape & { type: 'set' | 'listmap' },
): unknown[] {
  const left = live.map((item) => elementOf(shape, item) ?? '');
  const right = config.map((item) => elementOf(shape, item) ?? '');
  const byElement = new Map(left.map((element, i) => [element, live[i]]));
  const wanted = new Set(right);
  const shared = right.filter((element) => byElement.has(element));
  const merged = new Set<string>();
  const out: unknown[] = [];
  const schema = itemSchema(shape);
  const take = (i: number): void => {
    const element = right[i]!;
    merged.add(element);
    out.push(merge(byElement.get(element), config[i], schema));
    if (shared[0] === element) shared.shift();
  };
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    if (l < left.length && r < right.length) {
      if (left[l] === right[r]) {
        take(r++);
        l++;
        continue;
      }
      if (wanted.has(left[l]!) && shared.length > 0 && shared[0] !== left[l]) {
        l++;
        continue;
      }
    }
    if (l < left.length) {
      if (!wanted.has(left[l]!)) {
        out.push(live[l++]);
        continue;
      }
      if (merged.has(left[l]!)) l++;
    }
    if (r < right.length) take(r++);
  }
  return out;
}

/** The value without what is in the set; undefined when nothing is left of it. */
export function without(value: unknown, set: FieldSet, schema: Schema): unknown {
  if (isEmpty(set)) return value;
  const shape = shapeOf(schema, value);
  if ((shape.type === 'struct' || shape.type === 'map') && isObject(value)) {
    const out: Record<string, unknown> = {};
    for (const key in value) {
      const kept = withoutPart(value[key], set, `f:${key}`, fieldSchema(shape, key) ?? {});
      if (kept !== undefined) out[key] = kept;
    }
    return Object.keys(out).length > 0 ? out : undefined;
  }
  if ((shape.type === 'set' || shape.type === 'listmap') && Array.isArray(value)) {
    const out: unknown[] = [];
    for (const item of value as unknown[]) {
      const kept = withoutPart(item, set, elementOf(shape, item) ?? '', itemSchema(shape));
      if (kept !== undefined) out.push(kept);
    }
    return out.length > 0 ? out : undefined;
  }
  return value;
}

function withoutPart(value: unknown, set: FieldSet, element: string, schema: Schema): unknown {
  const { member, rest } = below(set, element);
  if (member) return undefined;
  return rest === EMPTY ? value : without(value, rest, schema);
}
