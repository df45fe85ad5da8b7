import { ClusterRoleBindingKind } from '../api/rbac/cluster-role-binding.ts';
import { ClusterRoleKind } from '../api/rbac/cluster-role.ts';
import { parseRule } from '../apiserver/index.ts';
import type { Client } from '../client/index.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Gives a service account of kube-system a ClusterRole of these rules, as the manifests of what runs under it do. */
export function grantRights(client: Client, role: string, rules: readonly string[], account: string): void {
  const apiVersion = `${GROUP}/v1`;
  const metadata = { name: role };
  client.resource(ClusterRoleKind).create({ apiVersion, kind: 'ClusterRole', metadata, rules: rules.map(parseRule) });
  client.resource(ClusterRoleBindingKind).create({
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: 'kube-system' }],
  });
}
