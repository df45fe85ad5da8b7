import type { Kind } from '../api/kind.ts';
import { hasReason } from '../api/status.ts';
import { MIGRATED_PLUGINS } from '../api/storage/migrated-plugins.ts';
import type { CsiNode, Node } from '../api/types.ts';
import type { Client } from '../client/index.ts';

const MIGRATED = 'storage.alpha.kubernetes.io/migrated-plugins';

/** Says for a node which storage systems it can use: none as yet. What is there already is left alone. */
export function registerCsiNode(client: Client, kind: Kind<CsiNode>, { metadata: { name, uid = '' } }: Node): void {
  try {
    client.resource(kind).create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'CSINode',
      metadata: {
        name,
        annotations: { [MIGRATED]: MIGRATED_PLUGINS.join(',') },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
      },
      spec: { drivers: [] },
    });
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
}
