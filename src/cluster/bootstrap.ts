import { ConfigMapKind } from '../api/core/config-map.ts';
import { NamespaceKind } from '../api/core/namespace.ts';
import { ServiceKind } from '../api/core/service.ts';
import { formatTime } from '../api/meta.ts';
import type { Client } from '../client/index.ts';
import { API_SERVER_SERVICE_IP } from './spec.ts';

const NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease', 'default'];

export const API_SERVER_PORT = 6443;

/** How servers behind the API server know that a request comes from it, and whom it let in. */
const authenticationOf = (ca: string): Record<string, string> => ({
  'client-ca-file': ca,
  'requestheader-allowed-names': '["front-proxy-client"]',
  'requestheader-client-ca-file': ca,
  'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
  'requestheader-group-headers': '["X-Remote-Group"]',
  'requestheader-username-headers': '["X-Remote-User"]',
});

/**
 * What a starting kube-apiserver creates first: the system namespaces, the Service of the API itself, and what others need
 * to trust it. `ca` is the certificate of the cluster's authority, PEM.
 */
export function bootstrap(client: Client, now: number, ca: string): void {
  const namespaces = client.resource(NamespaceKind);
  for (const name of NAMESPACES)
    namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {} });
  client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kubernetes',
      namespace: 'default',
      labels: { component: 'apiserver', provider: 'kubernetes' },
    },
    spec: {
      clusterIP: API_SERVER_SERVICE_IP,
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: API_SERVER_PORT }],
      type: 'ClusterIP',
    },
  });
  client.resource(ConfigMapKind).create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: authenticationOf(ca),
  });
  client.resource(ConfigMapKind).create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-apiserver-legacy-service-account-token-tracking', namespace: 'kube-system' },
    data: { since: formatTime(now).slice(0, 10) },
  });
}
