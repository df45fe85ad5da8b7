import { badRequest, expired, notFound } from '../../api/errors.ts';
import { apiVersionOf } from '../../api/kind.ts';
import type { KubeList, UntypedObject } from '../../api/object.ts';
import { CompactedError, prefixEnd, type Entry, type Etcd } from '../../etcd/index.ts';
import { present, type Endpoint } from '../endpoint.ts';
import type { ApiRequest } from '../request.ts';
import { selects, type Selection } from '../watch/selection.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import { checkListOptions, checkReached, parseResourceVersion } from './list-options.ts';
import { selectionOf } from './selection.ts';

const CONTINUE_EXPIRED =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.';

const NAMESPACES = { group: '', resource: 'namespaces' };

export function getObject(endpoint: Endpoint, request: ApiRequest): UntypedObject {
  const { store, kind, computed } = endpoint;
  if (computed) {
    const found = computed().find(({ metadata }) => metadata.name === request.name);
    if (!found) throw notFound(kind, request.name!);
    return found;
  }
  checkReached(parseResourceVersion(request.options.resourceVersion), store.revision);
  const stored = store.get(request.namespace, request.name!);
  if (!stored) {
    const { namespace } = request;
    if (namespace && !store.hasNamespace(namespace)) throw notFound(NAMESPACES, namespace);
    throw notFound(kind, request.name!);
  }
  return present(endpoint, stored);
}

/** Stored objects that a selection holds now, in the order of their keys. */
export function selected(etcd: Etcd, endpoint: Endpoint, selection: Selection): UntypedObject[] {
  const { store } = endpoint;
  const { namespace, name, indexed } = selection;
  let candidates: readonly (Entry | undefined)[];
  if (name !== undefined && (namespace !== undefined || !store.kind.namespaced)) {
    candidates = [etcd.get(store.key(namespace, name))];
  } else if (indexed) {
    candidates = [...store.cache.keysWith(indexed)].sort().map((key) => etcd.get(key));
  } else {
    candidates = etcd.range({ prefix: store.range(namespace) }).entries;
  }
  const objects: UntypedObject[] = [];
  for (const entry of candidates) {
    const object = entry?.value as UntypedObject | undefined;
    if (object && selects(selection, object, store.indexValue)) objects.push(object);
  }
  return objects;
}

export const listOf = (endpoint: Endpoint, items: UntypedObject[], metadata: KubeList['metadata']): KubeList => ({
  kind: endpoint.kind.listKind ?? `${endpoint.kind.kind}List`,
  apiVersion: apiVersionOf(endpoint.kind),
  metadata,
  items: endpoint.conversion ? items.map((item) => present(endpoint, item)) : items,
});

/** The list verb: everything now, or a page of a revision. */
export function listObjects(etcd: Etcd, endpoint: Endpoint, request: ApiRequest): KubeList {
  const { options } = request;
  checkListOptions(options, false);
  const selection = selectionOf(endpoint, request);
  if (endpoint.computed) {
    const { name } = selection;
    const all = endpoint.computed().filter((object) => name === undefined || object.metadata.name === name);
    return listOf(
      endpoint,
      all.filter((object) => selects(selection, object, undefined)),
      {} as KubeList['metadata'],
    );
  }
  const limit = options.limit && options.limit > 0 ? options.limit : 0;
  if (options.continue) {
    const token = decodeContinue(options.continue);
    if (options.resourceVersion && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue');
    return page(etcd, endpoint, selection, limit, token.revision, token.start);
  }
  const asked = parseResourceVersion(options.resourceVersion, true);
  checkReached(asked, etcd.revision);
  const exact = options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && limit > 0 && asked > 0);
  if (exact) return page(etcd, endpoint, selection, limit, asked, '');
  if (limit > 0) return page(etcd, endpoint, selection, limit, etcd.revision, '');
  return listOf(endpoint, selected(etcd, endpoint, selection), { resourceVersion: String(etcd.revision) });
}

/** One page of the objects at a revision, beginning at a key relative to the range. */
function page(
  etcd: Etcd,
  endpoint: Endpoint,
  selection: Selection,
  limit: number,
  tokenRevision: number,
  from: string,
): KubeList {
  const { store } = endpoint;
  const range = store.range(selection.namespace);
  const revision = tokenRevision < 0 ? etcd.revision : tokenRevision;
  let entries: readonly Entry[];
  try {
    entries = etcd.range({ start: range + from, end: prefixEnd(range), revision }).entries;
  } catch (error) {
    if (!(error instanceof CompactedError)) throw error;
    if (from === '') throw expired('The resourceVersion for the provided list is too old.');
    const refusal = expired(CONTINUE_EXPIRED);
    Object.assign(refusal.status.metadata, { continue: encodeContinue({ revision: -1, start: from }) });
    throw refusal;
  }
  const items: UntypedObject[] = [];
  const metadata: KubeList['metadata'] = { resourceVersion: String(revision) };
  for (let i = 0; i < entries.length; i++) {
    const { key, value } = entries[i]!;
    const object = value as UntypedObject;
    if (!selects(selection, object, store.indexValue)) continue;
    items.push(object);
    if (items.length !== limit || i === entries.length - 1) continue;
    metadata.continue = encodeContinue({ revision, start: `${key.slice(range.length)}\0` });
    const everything =
      selection.filter === undefined && selection.name === undefined && selection.indexed === undefined;
    if (everything) metadata.remainingItemCount = entries.length - items.length;
    break;
  }
  return listOf(endpoint, items, metadata);
}
