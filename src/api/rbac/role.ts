import type { Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { Role } from '../types.ts';
import { checkRbacName, checkRules } from './rules.ts';

/** Roles: what may be done in a namespace. */
export const RoleKind: Kind<Role> = defineKind<Role>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'Role',
  resource: 'roles',
  singular: 'role',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.Role',
  defaults(draft) {
    // This field is never left out.
    if (!draft.rules?.length) draft.rules = null as unknown as NonNullable<Role['rules']>;
  },
  validateName: checkRbacName,
  validate(role) {
    const errors: Errors = [];
    checkRules(role.rules, true, errors);
    return errors;
  },
});
