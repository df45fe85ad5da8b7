import type { KubeList } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import { deleteObject } from './delete.ts';
import { listOf, selected } from './read.ts';
import type { Registry } from './registry.ts';
import type { Scope } from './scope.ts';
import { selectionOf } from './selection.ts';

/** Deletes every object that the request selects; answers with what they were. */
export function deleteCollection(registry: Registry, scope: Scope): KubeList {
  const { endpoint, request } = scope;
  const objects = selected(registry.etcd, endpoint, selectionOf(endpoint, request));
  const revision = String(registry.etcd.revision);
  for (const { metadata } of objects) {
    const one: Scope = { ...scope, request: { ...request, namespace: metadata.namespace, name: metadata.name } };
    try {
      deleteObject(registry, one, metadata.name);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
  return listOf(endpoint, objects, { resourceVersion: revision });
}
