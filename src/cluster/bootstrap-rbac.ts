import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import { ClusterRoleBindingKind } from '../api/rbac/cluster-role-binding.ts';
import { ClusterRoleKind } from '../api/rbac/cluster-role.ts';
import { RoleBindingKind } from '../api/rbac/role-binding.ts';
import { RoleKind } from '../api/rbac/role.ts';
import type { ClusterRole, PolicyRule, Subject } from '../api/types.ts';
import { NODE_RULES, parseRule } from '../apiserver/index.ts';
import type { Client } from '../client/index.ts';
import policy from './bootstrap-rbac.json' with { type: 'json' };

const GROUP = 'rbac.authorization.k8s.io';
const AGGREGATE_TO = 'rbac.authorization.k8s.io/aggregate-to-';
const CONTROLLER = 'system:controller:';

/** A ClusterRole in bootstrap-rbac.json: its rules, or more where it takes part in aggregation. */
type RoleEntry =
  | readonly string[]
  | { readonly rules: readonly string[]; readonly aggregateTo?: string; readonly aggregates?: string };

interface BootstrapPolicy {
  readonly clusterRoles: Readonly<Record<string, RoleEntry>>;
  readonly roles: readonly { readonly namespace: string; readonly name: string; readonly rules: readonly string[] }[];
  /** Subjects by the name of the binding, which is that of its role. */
  readonly clusterRoleBindings: Readonly<Record<string, readonly string[]>>;
  readonly roleBindings: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly role: string;
    readonly subjects: readonly string[];
  }[];
}

const { clusterRoles, roles, clusterRoleBindings, roleBindings }: BootstrapPolicy = policy;

const metadata = (name: string, labels: Record<string, string> = {}, namespace?: string): KubeObject['metadata'] => ({
  name,
  ...(namespace ? { namespace } : {}),
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
});

/** `User jane`, `Group devs`, `ServiceAccount kube-system/robot` */
function subjectOf(text: string): Subject {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { apiGroup: GROUP, kind, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, name: account, namespace };
}

const rulesOf = (lines: readonly string[]): PolicyRule[] => lines.map(parseRule);

function clusterRole(name: string, entry: RoleEntry): Omit<ClusterRole, 'apiVersion' | 'kind'> {
  if (!('rules' in entry)) return { metadata: metadata(name), rules: rulesOf(entry) };
  const { aggregateTo, aggregates, rules } = entry;
  return {
    metadata: metadata(name, aggregateTo ? { [AGGREGATE_TO + aggregateTo]: 'true' } : {}),
    rules: rulesOf(rules),
    ...(aggregates
      ? { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [AGGREGATE_TO + aggregates]: 'true' } }] } }
      : {}),
  };
}

const controllers = Object.keys(clusterRoles).filter((name) => name.startsWith(CONTROLLER));

/** The roles and bindings that a starting kube-apiserver creates (rbac/bootstrap-roles). */
export function bootstrapRbac(client: Client): void {
  const create = <T extends KubeObject>(kind: Kind<T>, object: object): void =>
    void client
      .resource(kind)
      .create({ apiVersion: `${GROUP}/v1`, kind: kind.kind, ...object } as unknown as T, { trusted: true });
  for (const [name, entry] of Object.entries(clusterRoles)) create(ClusterRoleKind, clusterRole(name, entry));
  create(ClusterRoleKind, clusterRole('system:node', NODE_RULES));
  const bind = (name: string, subjects: readonly string[]): void =>
    create(ClusterRoleBindingKind, {
      metadata: metadata(name),
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name },
      ...(subjects.length > 0 ? { subjects: subjects.map(subjectOf) } : {}),
    });
  for (const [name, subjects] of Object.entries(clusterRoleBindings)) bind(name, subjects);
  for (const name of controllers) bind(name, [`ServiceAccount kube-system/${name.slice(CONTROLLER.length)}`]);
  for (const { namespace, name, rules } of roles)
    create(RoleKind, { metadata: metadata(name, {}, namespace), rules: rulesOf(rules) });
  for (const { namespace, name, role, subjects } of roleBindings)
    create(RoleBindingKind, {
      metadata: metadata(name, {}, namespace),
      roleRef: { apiGroup: GROUP, kind: 'Role', name: role },
      subjects: subjects.map(subjectOf),
    });
}
