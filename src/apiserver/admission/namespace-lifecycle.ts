import { notFound } from '../../api/errors.ts';
import type { Namespace } from '../../api/types.ts';
import { refuse, type MutatingPlugin } from './admission.ts';

/** Namespaces that a cluster cannot be without. */
const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

const NAMESPACES = { group: '', resource: 'namespaces' };

/** Nothing is created in a namespace that is not there or is being deleted; some namespaces are never deleted. */
export const namespaceLifecycle: MutatingPlugin = {
  name: 'NamespaceLifecycle',
  bodies: true,
  admit: (request, context) => {
    const { operation, kind, namespace } = request;
    if (operation === 'DELETE' && kind.kind === 'Namespace' && IMMORTAL.has(request.name)) {
      throw refuse(request, 'this namespace may not be deleted');
    }
    if (!kind.namespaced || operation === 'DELETE' || operation === 'CONNECT') return;
    const found = context.get('', 'namespaces', undefined, namespace) as Namespace | undefined;
    if (!found) throw notFound(NAMESPACES, namespace);
    if (operation !== 'CREATE' || found.status?.phase !== 'Terminating') return;
    throw refuse(request, `unable to create new content in namespace ${namespace} because it is being terminated`, [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ]);
  },
};
