import { allowAll, superusers, union, type Authorizer } from './authorization.ts';
import type { NodeAuthorizer } from './node.ts';
import { RbacAuthorizer } from './rbac.ts';
import type { RbacPolicy } from './rbac-policy.ts';

export type AuthorizationMode = 'AlwaysAllow' | 'Node' | 'RBAC';

/** The authorizers of --authorization-mode, after the one that never refuses system:masters. */
export function authorizerOf(
  modes: readonly AuthorizationMode[],
  policy: RbacPolicy,
  nodes: NodeAuthorizer,
): Authorizer {
  const chosen: Readonly<Record<AuthorizationMode, Authorizer>> = {
    AlwaysAllow: allowAll,
    Node: nodes,
    RBAC: new RbacAuthorizer(policy),
  };
  return modes.includes('AlwaysAllow') ? allowAll : union([superusers, ...modes.map((mode) => chosen[mode])]);
}
