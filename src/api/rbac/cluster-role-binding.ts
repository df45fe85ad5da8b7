import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { ClusterRoleBinding } from '../types.ts';
import { bindingColumns, checkBinding, checkRbacName, checkSameRole, defaultBinding } from './rules.ts';

const ROLES = ['ClusterRole'];

/** ClusterRoleBindings: who has a role everywhere. */
export const ClusterRoleBindingKind: Kind<ClusterRoleBinding> = defineKind<ClusterRoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  resource: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  defaults: defaultBinding,
  validateName: checkRbacName,
  validate: (binding) => checkBinding(binding, ROLES),
  validateUpdate(binding, old) {
    const errors = checkBinding(binding, ROLES);
    checkSameRole(binding, old, errors);
    return errors;
  },
  columns: bindingColumns,
});
