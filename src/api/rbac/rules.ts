/** What Roles and ClusterRoles, and what the two bindings have in common. */
import { refuse, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { equal, mapShared } from '../draft.ts';
import { invalid, notSupported, required } from '../field-error.ts';
import type { Column } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { checkDnsSubdomain, checkPathSegmentName } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PolicyRule, RoleBinding, Subject } from '../types.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Names with colons are good here: `system:node`. */
export const checkRbacName = (name: string, generated: boolean): string[] => checkPathSegmentName(name, generated);

export function checkRules(rules: readonly PolicyRule[] | undefined, namespaced: boolean, errors: Errors): void {
  rules?.forEach((rule, i) => {
    const path = `rules[${i}]`;
    const { verbs, apiGroups, resources, resourceNames, nonResourceURLs: urls } = rule;
    if (!verbs?.length) errors.push(required(`${path}.verbs`, 'verbs must contain at least one value'));
    if (urls?.length) {
      if (namespaced)
        errors.push(invalid(`${path}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'));
      if (apiGroups?.length || resources?.length || resourceNames?.length)
        errors.push(
          invalid(
            `${path}.nonResourceURLs`,
            urls,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      return;
    }
    if (!apiGroups?.length)
      errors.push(required(`${path}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!resources?.length)
      errors.push(required(`${path}.resources`, 'resource rules must supply at least one resource'));
  });
}

type Binding = Pick<RoleBinding, 'metadata' | 'roleRef' | 'subjects'>;

export function defaultBinding(draft: Binding): void {
  if (draft.roleRef && !draft.roleRef.apiGroup) draft.roleRef = { ...draft.roleRef, apiGroup: GROUP };
  if (draft.subjects)
    draft.subjects = mapShared(draft.subjects, (subject) =>
      !subject.apiGroup && (subject.kind === 'User' || subject.kind === 'Group')
        ? { ...subject, apiGroup: GROUP }
        : subject,
    );
}

function checkSubject(subject: Subject, namespaced: boolean, path: string, errors: Errors): void {
  const { kind, name, apiGroup = '', namespace } = subject;
  if (!name) errors.push(required(`${path}.name`));
  switch (kind) {
    case 'ServiceAccount':
      if (name) refuse(`${path}.name`, name, checkDnsSubdomain(name), errors);
      if (apiGroup) errors.push(notSupported(`${path}.apiGroup`, apiGroup, ['']));
      if (!namespaced && !namespace) errors.push(required(`${path}.namespace`));
      return;
    case 'User':
    case 'Group':
      if (apiGroup !== GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [GROUP]));
      return;
    default:
      errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
  }
}

/** `kinds` are the kinds of role that may be bound. */
export function checkBinding({ roleRef, subjects }: Binding, kinds: readonly string[]): Errors {
  const errors: Errors = [];
  const { apiGroup, kind, name } = roleRef;
  if (apiGroup !== GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup, [GROUP]));
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  if (!name) errors.push(required('roleRef.name'));
  else refuse('roleRef.name', name, checkPathSegmentName(name), errors);
  subjects?.forEach((subject, i) => checkSubject(subject, kinds.includes('Role'), `subjects[${i}]`, errors));
  return errors;
}

/** A binding gives other people the same role, never the same people another role. */
export function checkSameRole({ roleRef }: Binding, old: Binding, errors: Errors): void {
  if (!equal(roleRef, old.roleRef))
    errors.push(invalid('roleRef', internalForm('RoleRef', roleRef), 'cannot change roleRef'));
}

const named = (binding: Binding, kind: string): string =>
  (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
    .join(', ');

export const bindingColumns: readonly Column<Binding & KubeObject>[] = [
  nameColumn,
  column('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
  ageColumn,
  column('Users', (binding) => named(binding, 'User'), 1),
  column('Groups', (binding) => named(binding, 'Group'), 1),
  column('ServiceAccounts', (binding) => named(binding, 'ServiceAccount'), 1),
];
