import { allowAll, superusers, union, type Authorizer } from './authorization.ts';
import { nodeAuthorizer } from './node.ts';
import { RbacAuthorizer } from './rbac.ts';
import type { RbacPolicy } from './rbac-policy.ts';

export type AuthorizationMode = 'AlwaysAllow' | 'Node' | 'RBAC';

/** The authorizers of --authorization-mode, after the one that never refuses system:masters. */
export function authorizerOf(modes: readonly AuthorizationMode[], policy: RbacPolicy): Authorizer {
  const chosen: Readonly<Record<AuthorizationMode, Authorizer>> = {
    AlwaysAllow: allowAll,
    Node: nodeAuthorizer,
    RBAC: new RbacAuthorizer(policy),
  };
  return modes.includes('AlwaysAllow') ? allowAll : union([superusers, ...modes.map((mode) => chosen[mode])]);
}
