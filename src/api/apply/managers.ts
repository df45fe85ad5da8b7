import { equal } from '../draft.ts';
import type { Schema } from '../schema/schema.ts';
import { compare, type Comparison } from './compare.ts';
import { difference, EMPTY, isEmpty, sorted, union, type FieldSet } from './field-set.ts';
import { zeroValue } from './zero-value.ts';

/** Who writes, and how: what tells one entry of metadata.managedFields from another. */
export interface Writer {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

/** A writer and the fields that it manages. */
export interface Manager extends Writer {
  /** When it last took fields; absent when it never changed any. */
  readonly time?: string | undefined;
  readonly fields: FieldSet;
}

/** Which fields a write is not about, by path element at the top: a write to the object leaves its status alone. */
export type Ignored = (element: string) => boolean;

/** More writers than this are summed up, the oldest first, as one. */
const MAX_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/** Metadata that nobody manages: names, and what the server writes. */
const UNMANAGED_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
].map((field) => `f:${field}`);

/** A set of an object's fields without those that nobody manages and those that a write is not about. */
export function managed(set: FieldSet, ignored: Ignored): FieldSet {
  const out: Record<string, FieldSet> = {};
  for (const element in set) {
    if (element === 'f:kind' || element === 'f:apiVersion' || ignored(element)) continue;
    const node = set[element]!;
    if (element !== 'f:metadata') {
      out[element] = node;
      continue;
    }
    const metadata: Record<string, FieldSet> = {};
    for (const field in node) if (field !== '.' && !UNMANAGED_METADATA.includes(field)) metadata[field] = node[field]!;
    if (!isEmpty(metadata)) out[element] = metadata;
  }
  return out;
}

/** Appliers are the same in every version, updaters are not. */
export const sameWriter = (a: Writer, b: Writer): boolean =>
  a.manager === b.manager &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

/** The difference between two versions of an object, as far as a write is about it. */
export function changesOf(before: unknown, after: unknown, schema: Schema, ignored: Ignored): Comparison {
  const { added, removed, modified } = compare(before, after, schema);
  return {
    added: managed(added, ignored),
    removed: managed(removed, ignored),
    modified: managed(modified, ignored),
  };
}

/** The managers without some fields; those who are left with none are dropped. */
export function withoutFields(managers: readonly Manager[], fields: FieldSet): readonly Manager[] {
  if (isEmpty(fields)) return managers;
  const out: Manager[] = [];
  for (const manager of managers) {
    const left = difference(manager.fields, fields);
    if (left === manager.fields) out.push(manager);
    else if (!isEmpty(left)) out.push({ ...manager, fields: left });
  }
  return out;
}

/** Who manages what after a write that is no apply: the writer takes all that it changed. `before` is undefined for a creation. */
export function afterUpdate(
  managers: readonly Manager[],
  writer: Writer,
  time: string,
  before: unknown,
  after: unknown,
  schema: Schema,
  ignored: Ignored,
): readonly Manager[] {
  const { added, removed, modified } = changesOf(before ?? zeroValue(schema), after, schema, ignored);
  const taken = union(added, modified);
  const own = managers.find((manager) => sameWriter(manager, writer));
  const others = withoutFields(
    managers.filter((manager) => manager !== own),
    union(taken, removed),
  );
  if (isEmpty(taken)) {
    const left = own ? difference(own.fields, removed) : EMPTY;
    return own && !isEmpty(left) ? [...others, { ...own, fields: left }] : others;
  }
  const fields = union(own ? difference(own.fields, removed) : EMPTY, taken);
  if (own && own.fields === fields && own.time === time) {
    // Most writes are of the same fields as the one before: nothing new is said about them.
    const last = managers.length - 1;
    return managers[last] === own && others.every((other, i) => other === managers[i]) ? managers : [...others, own];
  }
  const { manager, operation, apiVersion, subresource } = writer;
  return capped([...others, { manager, operation, apiVersion, subresource, time, fields }]);
}

const oldestFirst = (a: Manager, b: Manager): number => compareTexts(a.time ?? '', b.time ?? '') || byName(a, b);

/** At most ten updaters: what the oldest have done counts as ancient changes. */
function capped(managers: readonly Manager[]): readonly Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return managers;
  updaters.sort(oldestFirst);
  const old = updaters.slice(0, updaters.length - MAX_UPDATERS + 1);
  const kept = managers.filter((manager) => !old.includes(manager));
  const newest = old.at(-1)!;
  const fields = old.reduce<FieldSet>((sum, manager) => union(sum, manager.fields), EMPTY);
  return [...kept, { ...newest, manager: ANCIENT, subresource: '', fields }];
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byName = (a: Manager, b: Manager): number =>
  compareTexts(a.manager, b.manager) ||
  compareTexts(a.apiVersion, b.apiVersion) ||
  compareTexts(a.subresource, b.subresource);

/** One entry of metadata.managedFields. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
  readonly fieldsType?: string;
  readonly fieldsV1?: object;
  readonly subresource?: string;
}

/** metadata.managedFields of the managers: appliers first, then by time and name. */
export const encodeManagers = (managers: readonly Manager[]): ManagedFieldsEntry[] =>
  [...managers]
    .sort((a, b) => compareTexts(a.operation, b.operation) || oldestFirst(a, b))
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      manager,
      operation,
      apiVersion,
      ...(time === undefined ? {} : { time }),
      fieldsType: 'FieldsV1',
      fieldsV1: sorted(fields),
      ...(subresource === '' ? {} : { subresource }),
    }));

/** Whether two lists of managers differ in more than times. */
export function sameManagers(a: readonly Manager[], b: readonly Manager[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((manager) => equal(manager.fields, b.find((other) => sameWriter(manager, other))?.fields))
  );
}

/** The managers that metadata.managedFields names; entries that say nothing are left out. */
export const decodeManagers = (entries: readonly ManagedFieldsEntry[]): Manager[] =>
  entries
    .filter(({ fieldsV1, operation }) => fieldsV1 && (operation === 'Apply' || operation === 'Update'))
    .map(({ manager = '', operation, apiVersion = '', time, fieldsV1, subresource = '' }) => ({
      manager,
      operation: operation as Writer['operation'],
      apiVersion,
      time,
      fields: fieldsV1 as FieldSet,
      subresource,
    }));
