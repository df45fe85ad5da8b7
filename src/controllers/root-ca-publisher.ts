import { ConfigMapKind } from '../api/core/config-map.ts';
import { NamespaceKind } from '../api/core/namespace.ts';
import { hasReason } from '../api/status.ts';
import type { ConfigMap, Namespace } from '../api/types.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { equal } from '../api/draft.ts';
import { isNamespaceTerminating } from './pod-control.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the ' +
  'internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes ' +
  'clusters.';

/** Keeps the ConfigMap kube-root-ca.crt, with the certificate by which Pods know the API server, in every namespace. */
export function startRootCaPublisher(context: ControllerContext): Controller {
  const namespaces = context.informers.for(NamespaceKind);
  const configMaps = context.informers.for(ConfigMapKind);
  const data = { 'ca.crt': context.rootCa };
  const loop = new ControlLoop({
    context,
    name: 'root-ca-cert-publisher',
    reconcile: (namespace) => {
      if (namespaces.getByKey(namespace)?.status?.phase !== 'Active') return;
      const client = loop.client.resource(ConfigMapKind);
      const current = configMaps.get(namespace, NAME);
      if (!current) {
        try {
          client.create({
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: NAME, namespace, annotations: { [DESCRIPTION]: DESCRIPTION_TEXT } },
            data,
          });
        } catch (error) {
          if (!hasReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
        }
        return;
      }
      const { annotations } = current.metadata;
      if (equal(current.data, data) && annotations?.[DESCRIPTION] === DESCRIPTION_TEXT) return;
      client.update({
        ...current,
        metadata: { ...current.metadata, annotations: { ...annotations, [DESCRIPTION]: DESCRIPTION_TEXT } },
        data,
      });
    },
  });
  const enqueue = (namespace: Namespace): void => loop.queue.add(namespace.metadata.name);
  const enqueueOwn = ({ metadata }: ConfigMap): void => {
    if (metadata.name === NAME) loop.queue.add(metadata.namespace!);
  };
  loop.on(namespaces, { add: enqueue, update: enqueue });
  loop.on(configMaps, { update: enqueueOwn, delete: enqueueOwn });
  return loop;
}
