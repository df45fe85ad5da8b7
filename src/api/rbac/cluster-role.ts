import type { Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkLabelSelector } from '../selector.ts';
import type { ClusterRole } from '../types.ts';
import { checkRbacName, checkRules } from './rules.ts';

/** ClusterRoles: what may be done anywhere; some gather their rules from others by label. */
export const ClusterRoleKind: Kind<ClusterRole> = defineKind<ClusterRole>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  resource: 'clusterroles',
  singular: 'clusterrole',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  defaults(draft) {
    // This field is never left out.
    if (!draft.rules?.length) draft.rules = null as unknown as NonNullable<ClusterRole['rules']>;
  },
  validateName: checkRbacName,
  validate(role) {
    const errors: Errors = [];
    checkRules(role.rules, false, errors);
    const { aggregationRule } = role;
    if (aggregationRule) {
      const path = 'aggregationRule.clusterRoleSelectors';
      const selectors = aggregationRule.clusterRoleSelectors ?? [];
      if (selectors.length === 0)
        errors.push(required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
      selectors.forEach((selector, i) => errors.push(...checkLabelSelector(selector, `${path}[${i}]`)));
    }
    return errors;
  },
});
