import type { UntypedObject } from '../../api/object.ts';

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
  'managedFields',
] as const;

function orderedMetadata(metadata: object): object {
  const source = metadata as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const field of METADATA_ORDER) if (source[field] !== undefined) out[field] = source[field];
  return out;
}

/** An object as it goes over the wire: fields of its head in the real server's order. What lies deeper is shared. */
export function wireObject(object: UntypedObject): object {
  const { kind, apiVersion, metadata, ...rest } = object;
  return { kind, apiVersion, metadata: metadata.name === undefined ? metadata : orderedMetadata(metadata), ...rest };
}

/** A list on the wire; its items do not repeat kind and apiVersion. */
export function wireList(list: UntypedObject): object {
  const { kind, apiVersion, metadata, items } = list;
  const wired = (items as UntypedObject[]).map(({ kind: _kind, apiVersion: _apiVersion, metadata: of, ...item }) => ({
    metadata: orderedMetadata(of),
    ...item,
  }));
  return { kind, apiVersion, metadata: orderedList(metadata as unknown as Record<string, unknown>), items: wired };
}

const orderedList = ({ resourceVersion, continue: next, remainingItemCount }: Record<string, unknown>): object => ({
  resourceVersion,
  ...(next === undefined ? {} : { continue: next }),
  ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
});
