import { hasReason } from '../api/status.ts';
import type { KubeObject } from '../api/object.ts';
import type { ResourceClient } from '../client/index.ts';
import { equal } from '../api/draft.ts';

/** Writes a status that has changed; on a conflict once more on top of the newest version. Gone objects are left alone. */
export function updateStatus<T extends KubeObject & { readonly status?: unknown }>(
  client: ResourceClient<T>,
  object: T,
  status: T['status'],
): void {
  if (equal(object.status, status)) return;
  try {
    client.updateStatus({ ...object, status });
  } catch (error) {
    if (hasReason(error, 'NotFound')) return;
    if (!hasReason(error, 'Conflict')) throw error;
    client.updateStatus({ ...client.get(object.metadata.name, object.metadata.namespace), status });
  }
}
