import { ApiServiceKind } from '../../api/apiregistration/api-service.ts';
import { ServiceAccountKind } from '../../api/core/service-account.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { EndpointSliceKind } from '../../api/discovery/endpoint-slice.ts';
import { ClusterRoleBindingKind } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRoleKind } from '../../api/rbac/cluster-role.ts';
import { RoleBindingKind } from '../../api/rbac/role-binding.ts';
import { MetricsServer } from '../../addons/metrics-server/metrics-server.ts';
import { parseRule, type UserInfo } from '../../apiserver/index.ts';
import type { Client } from '../../client/index.ts';
import type { Cluster } from '../cluster.ts';
import { API_SERVER } from '../identities.ts';

const NAME = 'metrics-server';
const NAMESPACE = 'kube-system';
const RBAC = 'rbac.authorization.k8s.io';
const LABELS = { 'k8s-app': NAME };
const AGGREGATE = `${RBAC}/aggregate-to-`;
const PORT = { name: 'https', port: 443, protocol: 'TCP' as const, appProtocol: 'https' };
const CONTAINER_PORT = 10_250;
/** Where it is taken to run: beside the API server, as nobody connects to it from within the cluster. */
const ADDRESS = '172.18.255.3';

const USER: UserInfo = {
  username: `system:serviceaccount:${NAMESPACE}:${NAME}`,
  groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
};

const subjects = [{ kind: 'ServiceAccount', name: NAME, namespace: NAMESPACE }];

/** What its manifest says may be done, by it and with it. */
function allow(client: Client): void {
  const roles = client.resource(ClusterRoleKind);
  const bindings = client.resource(ClusterRoleBindingKind);
  const apiVersion = `${RBAC}/v1`;
  roles.create({
    apiVersion,
    kind: 'ClusterRole',
    metadata: {
      name: 'system:aggregated-metrics-reader',
      labels: { ...LABELS, [`${AGGREGATE}admin`]: 'true', [`${AGGREGATE}edit`]: 'true', [`${AGGREGATE}view`]: 'true' },
    },
    rules: ['get,list,watch pods,nodes metrics.k8s.io'].map(parseRule),
  });
  roles.create({
    apiVersion,
    kind: 'ClusterRole',
    metadata: { name: 'system:metrics-server', labels: LABELS },
    rules: ['get nodes/metrics core', 'get,list,watch pods,nodes core'].map(parseRule),
  });
  client.resource(RoleBindingKind).create({
    apiVersion,
    kind: 'RoleBinding',
    metadata: { name: 'metrics-server-auth-reader', namespace: NAMESPACE, labels: LABELS },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    subjects,
  });
  for (const [name, role] of [
    ['metrics-server:system:auth-delegator', 'system:auth-delegator'],
    ['system:metrics-server', 'system:metrics-server'],
  ] as const)
    bindings.create({
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name, labels: LABELS },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
      subjects,
    });
}

/** The Service that the APIService names, with the component as its endpoint. */
function publish(client: Client): void {
  client.resource(ServiceAccountKind).create({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
  });
  client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: { ports: [{ ...PORT, targetPort: CONTAINER_PORT }] },
  });
  client.resource(EndpointSliceKind).create({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: NAME, namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': NAME } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ADDRESS], conditions: { ready: true } }],
    ports: [{ ...PORT, port: CONTAINER_PORT }],
  });
  client.resource(ApiServiceKind).create({
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io', labels: LABELS },
    spec: {
      group: 'metrics.k8s.io',
      groupPriorityMinimum: 100,
      insecureSkipTLSVerify: true,
      service: { name: NAME, namespace: NAMESPACE },
      version: 'v1beta1',
      versionPriority: 100,
    },
  });
}

/**
 * Installs metrics-server, which a fresh cluster does not have. Its objects are those of its manifest, without the
 * Deployment: it runs as a component of the cluster, which can be stopped and started by its name.
 */
export function addMetricsServer(cluster: Cluster): void {
  const { kernel, apiserver, nodes } = cluster;
  const client = cluster.client('kubectl', API_SERVER);
  allow(client);
  publish(client);
  cluster.add(NAME, () => {
    const server = new MetricsServer({
      kernel,
      client: cluster.client(NAME, USER),
      scrape: (node) => nodes.kubelet(node)?.stats(),
    });
    server.start();
    const close = apiserver.aggregation.listen({ namespace: NAMESPACE, name: NAME }, server);
    return {
      stop() {
        close();
        server.stop();
      },
    };
  });
}
