import { forbidden, notFound } from '../../api/errors.ts';
import type { ClusterRole, PolicyRule, RoleBinding } from '../../api/types.ts';
import { equal } from '../../api/draft.ts';
import type { AdmissionRequest, MutatingPlugin } from '../admission/admission.ts';
import { SUPERUSERS, type Authorizer } from './authorization.ts';
import { RBAC_GROUP, type RbacPolicy } from './rbac-policy.ts';
import { brokenDown, compacted, includesRule, ruleText } from './rule-matching.ts';

const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

const ROLES: ReadonlySet<string> = new Set(['Role', 'ClusterRole']);
const BINDINGS: ReadonlySet<string> = new Set(['RoleBinding', 'ClusterRoleBinding']);

/**
 * Nobody gives what they do not have: roles are written, and bound, only by those who hold every right in them, or
 * who may `escalate` or `bind` them. The real server does this before its registry, whatever plugins are on.
 */
export function escalationCheck(policy: RbacPolicy, authorizer: Authorizer): MutatingPlugin {
  /** Whether the user holds a verb that lifts the rule: on a role of this name. */
  const may = (request: AdmissionRequest, verb: string, resource: string, name: string): boolean =>
    authorizer.authorize({
      user: request.user,
      verb,
      group: RBAC_GROUP,
      resource,
      name,
      ...(request.namespace ? { namespace: request.namespace } : {}),
    }).allowed;

  const confirm = (request: AdmissionRequest, rules: readonly PolicyRule[]): void => {
    const message = missing(policy, request, rules);
    if (message) throw forbidden(request.kind, request.name || (request.object?.metadata.name ?? ''), message);
  };

  const checkRole = (request: AdmissionRequest): void => {
    const role = request.object as unknown as ClusterRole;
    const old = request.old as unknown as ClusterRole | undefined;
    if (old && equal(old.rules, role.rules) && equal(old.aggregationRule, role.aggregationRule)) return;
    if (may(request, 'escalate', request.kind.resource, role.metadata.name)) return;
    confirm(request, role.rules ?? []);
    if (role.aggregationRule && missing(policy, request, EVERYTHING))
      throw forbidden(
        request.kind,
        role.metadata.name,
        'must have cluster-admin privileges to use the aggregationRule',
      );
  };

  const checkBinding = (request: AdmissionRequest): void => {
    const binding = request.object as unknown as RoleBinding;
    const old = request.old as unknown as RoleBinding | undefined;
    if (old && equal(old.roleRef, binding.roleRef) && equal(old.subjects, binding.subjects)) return;
    const { kind, name } = binding.roleRef;
    if (may(request, 'bind', kind === 'ClusterRole' ? 'clusterroles' : 'roles', name)) return;
    const rules = policy.rulesOf(binding.roleRef, request.namespace);
    if (!rules) throw notFound(request.kind, name);
    confirm(request, rules);
  };

  return {
    name: 'RBACEscalation',
    admit(request) {
      const { kind, operation, user } = request;
      if (kind.group !== RBAC_GROUP || (operation !== 'CREATE' && operation !== 'UPDATE')) return;
      if (user.groups.includes(SUPERUSERS)) return;
      if (ROLES.has(kind.kind)) checkRole(request);
      else if (BINDINGS.has(kind.kind)) checkBinding(request);
    },
  };
}

/** What the user of a request lacks of some rules, in the words of the refusal. */
function missing(
  policy: RbacPolicy,
  { user, namespace }: AdmissionRequest,
  rules: readonly PolicyRule[],
): string | undefined {
  const held = policy.rulesFor(user, namespace);
  const lacking = rules.flatMap(brokenDown).filter((asked) => !held.rules.some((owned) => includesRule(owned, asked)));
  if (lacking.length === 0) return undefined;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const lines = [...new Set(compacted(lacking).map(ruleText))].sort();
  const errors = held.errors.length > 0 ? `; resolution errors: [${held.errors.join(' ')}]` : '';
  return (
    `user ${JSON.stringify(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions ` +
    `not currently held:\n${lines.join('\n')}${errors}`
  );
}
