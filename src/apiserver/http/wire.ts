import type { UntypedObject } from '../../api/object.ts';
import { isManaged, managedFieldsOf } from '../registry/field-ownership.ts';

/** The order in which the real server writes metadata. */
const METADATA_ORDER = [
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
] as const;

function orderedMetadata(object: UntypedObject): object {
  const source = object.metadata as unknown as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const field of METADATA_ORDER) if (source[field] !== undefined) out[field] = source[field];
  if (isManaged(object)) Object.defineProperty(out, 'managedFields', managedFieldsProperty(object));
  return out;
}

/** Worked out when it is read: most clients in this process do not. */
const managedFieldsProperty = (object: UntypedObject): PropertyDescriptor => ({
  get: () => {
    const fields = managedFieldsOf(object);
    return fields.length > 0 ? fields : undefined;
  },
  enumerable: true,
  configurable: true,
});

/** An object as it goes over the wire: fields of its head in the real server's order. What lies deeper is shared. */
export function wireObject(object: UntypedObject): object {
  const { kind, apiVersion, metadata, ...rest } = object;
  return { kind, apiVersion, metadata: metadata.name === undefined ? metadata : orderedMetadata(object), ...rest };
}

/** A list on the wire; its items do not repeat kind and apiVersion. */
export function wireList(list: UntypedObject): object {
  const { kind, apiVersion, metadata, items } = list;
  const wired = (items as UntypedObject[]).map((object) => {
    const { kind: _kind, apiVersion: _apiVersion, metadata: _metadata, ...item } = object;
    return { metadata: orderedMetadata(object), ...item };
  });
  return { kind, apiVersion, metadata: orderedList(metadata as unknown as Record<string, unknown>), items: wired };
}

const sortedFields = (source: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(source).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));

/** A custom resource on the wire: the server knows no order of its fields but the alphabet's. */
export const wireCustomObject = (object: UntypedObject): object =>
  sortedFields({ ...object, metadata: sortedFields(orderedMetadata(object)) });

/** A list of custom resources on the wire: its items say what they are. */
export function wireCustomList({ kind, apiVersion, metadata, items }: UntypedObject): object {
  const listed = { continue: '', ...orderedList(metadata as unknown as Record<string, unknown>) };
  return { apiVersion, items: (items as UntypedObject[]).map(wireCustomObject), kind, metadata: listed };
}

const orderedList = ({ resourceVersion, continue: next, remainingItemCount }: Record<string, unknown>): object => ({
  resourceVersion,
  ...(next === undefined ? {} : { continue: next }),
  ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
});
