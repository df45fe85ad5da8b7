import type { ClusterRoleBinding, PolicyRule, RoleBinding, Subject } from '../../api/types.ts';

/** A binding that gives a user the rules of its role. */
export interface AppliedBinding {
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding';
  readonly binding: ClusterRoleBinding | RoleBinding;
  /** The first of its subjects that the user is. */
  readonly subject: Subject;
  readonly rules: readonly PolicyRule[];
}

function subjectText({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  const shown = kind === 'ServiceAccount' ? `${name}/${namespace || bindingNamespace}` : name;
  return `${kind} ${JSON.stringify(shown)}`;
}

/** `RBAC: allowed by RoleBinding "readers/lab" of Role "reader" to User "jane"`: why RBAC allows something. */
export function rbacReason({ kind, binding, subject }: AppliedBinding): string {
  const { metadata, roleRef } = binding;
  const { namespace = '' } = metadata;
  const name = namespace ? `${metadata.name}/${namespace}` : metadata.name;
  return (
    `RBAC: allowed by ${kind} ${JSON.stringify(name)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} ` +
    `to ${subjectText(subject, namespace)}`
  );
}
