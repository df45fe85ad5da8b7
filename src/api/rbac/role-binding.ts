import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { RoleBinding } from '../types.ts';
import { bindingColumns, checkBinding, checkRbacName, checkSameRole, defaultBinding } from './rules.ts';

const ROLES = ['Role', 'ClusterRole'];

/** RoleBindings: who has a role in a namespace. */
export const RoleBindingKind: Kind<RoleBinding> = defineKind<RoleBinding>({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'RoleBinding',
  resource: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
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
