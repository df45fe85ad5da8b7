import type { UntypedObject } from '../api/object.ts';
import type { Etcd } from '../etcd/index.ts';
import { diffLines } from './line-diff.ts';
import { loadKubectl } from './terminal/load-kubectl.ts';
import type { ObjectView } from './protocol.ts';

/** An object as `kubectl get -o yaml` prints it. */
export async function objectYaml(object: UntypedObject): Promise<string> {
  const { toYaml } = await loadKubectl();
  const { managedFields: _, ...metadata } = object.metadata;
  return toYaml({ ...object, metadata });
}

/**
 * The object of a key as it was at a revision, against the version before. Null when it had never existed, or when
 * that revision was compacted.
 */
export async function objectView(etcd: Etcd, key: string, revision: number): Promise<ObjectView | null> {
  if (revision < etcd.compactedRevision) return null;
  const entry = etcd.get(key, { revision });
  if (!entry) return deletedView(etcd, key, revision);
  const yaml = await objectYaml(entry.value as UntypedObject);
  const view = { key, revision: entry.modRevision, yaml };
  const previous =
    entry.version > 1 && entry.modRevision > etcd.compactedRevision
      ? etcd.get(key, { revision: entry.modRevision - 1 })
      : undefined;
  if (!previous) return { ...view, changed: [], removed: [] };
  const previousYaml = await objectYaml(previous.value as UntypedObject);
  return { ...view, previousRevision: previous.modRevision, previousYaml, ...diffLines(previousYaml, yaml) };
}

/** What is left of an object that is gone at a revision: its last version, all of it removed. */
async function deletedView(etcd: Etcd, key: string, revision: number): Promise<ObjectView | null> {
  const last = etcd
    .history(etcd.compactedRevision)
    .findLast(({ type, entry }) => type === 'delete' && entry.key === key && entry.modRevision <= revision);
  if (!last?.previous) return null;
  const previousYaml = await objectYaml(last.previous.value as UntypedObject);
  const removed = previousYaml.split('\n').map((_line, i) => i + 1);
  return {
    key,
    revision: last.entry.modRevision,
    yaml: '',
    previousRevision: last.previous.modRevision,
    previousYaml,
    changed: [],
    removed,
  };
}
