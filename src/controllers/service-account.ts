import { NamespaceKind } from '../api/core/namespace.ts';
import { ServiceAccountKind } from '../api/core/service-account.ts';
import { hasReason } from '../api/status.ts';
import type { Namespace } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { isNamespaceTerminating } from './pod-control.ts';

/** Keeps a ServiceAccount `default` in every namespace that is not going away. */
export function startServiceAccountController(context: ControllerContext): Controller {
  const namespaces = context.informers.for(NamespaceKind);
  const accounts = context.informers.for(ServiceAccountKind);
  const loop = new ControlLoop({
    context,
    name: 'service-account-controller',
    reconcile: (name) => {
      const namespace = namespaces.getByKey(name);
      if (!namespace || namespace.status?.phase !== 'Active' || accounts.get(name, 'default')) return;
      try {
        loop.client.resource(ServiceAccountKind).create({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: name },
        });
      } catch (error) {
        if (!hasReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
      }
    },
  });
  const enqueue = (namespace: Namespace): void => loop.queue.add(namespace.metadata.name);
  loop.on(namespaces, { add: enqueue, update: enqueue });
  loop.on(accounts, {
    delete: ({ metadata }) => {
      if (metadata.name === 'default') loop.queue.add(metadata.namespace!);
    },
  });
  return loop;
}
