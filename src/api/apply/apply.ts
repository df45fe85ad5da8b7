import { equal } from '../draft.ts';
import type { Schema } from '../schema/schema.ts';
import { difference, EMPTY, intersection, isEmpty, union, withNamedFields, type FieldSet } from './field-set.ts';
import { fieldSetOf } from './field-set-of.ts';
import { changesOf, managed, sameWriter, withoutFields, type Ignored, type Manager, type Writer } from './managers.ts';
import { merge, without } from './merge.ts';
import { isStructField } from './shape.ts';

/** Fields that an apply wants to set while somebody else manages them with another value. */
export interface Conflict {
  readonly manager: Manager;
  readonly fields: FieldSet;
}

export interface Applied {
  /** The live object with the configuration in it; the live object itself when that says nothing new. */
  readonly object: object;
  readonly managers: readonly Manager[];
  /** Empty where the apply was forced. */
  readonly conflicts: readonly Conflict[];
}

interface ApplyOptions {
  readonly live: object;
  readonly config: object;
  readonly managers: readonly Manager[];
  readonly writer: Writer;
  /** Now, as metav1.Time. */
  readonly time: string;
  /** Takes fields from others instead of reporting conflicts. */
  readonly force: boolean;
  readonly schema: Schema;
  readonly ignored: Ignored;
}

/**
 * Server-side apply: merges a configuration into an object. What the writer applied before and does not apply now goes,
 * unless somebody else manages it. Throws TypedError when the configuration does not fit the schema.
 */
export function apply({ live, config, managers, writer, time, force, schema, ignored }: ApplyOptions): Applied {
  const named = fieldSetOf(config, schema);
  const fields = managed(named, ignored);
  const last = managers.find((manager) => sameWriter(manager, writer));
  const others = managers.filter((manager) => manager !== last);
  const merged = merge(live, config, schema) as object;
  const object = last ? pruned(merged, last.fields, union(named, allFields(others)), schema) : merged;
  const { added, removed, modified } = changesOf(live, object, schema, ignored);
  const taken = union(added, modified);
  const conflicts = others
    .map((manager) => ({ manager, fields: intersection(manager.fields, taken) }))
    .filter((conflict) => !isEmpty(conflict.fields));
  const changed = !equal(live, object);
  const own: Manager = { ...writer, time: changed ? time : last?.time, fields };
  const rest = withoutFields(others, union(taken, removed));
  return {
    object: changed ? object : live,
    managers: isEmpty(fields) ? rest : [...rest, own],
    conflicts: force ? [] : conflicts,
  };
}

const allFields = (managers: readonly Manager[]): FieldSet =>
  managers.reduce<FieldSet>((sum, { fields }) => union(sum, fields), EMPTY);

/** Takes away what was applied last and nobody manages now. */
function pruned(merged: object, last: FieldSet, kept: FieldSet, schema: Schema): object {
  const isField = (path: readonly string[]): boolean => isStructField(schema, path);
  const gone = difference(withNamedFields(last, isField), withNamedFields(kept, isField));
  return (without(merged, gone, schema) ?? {}) as object;
}
