import { defineKind } from '../define-kind.ts';
import { invalid } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkDnsLabel, checkQualifiedName } from '../names.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Namespace } from '../types.ts';

const STANDARD_FINALIZERS = ['kubernetes', 'foregroundDeletion', 'orphan'];

function checkFinalizer(finalizer: string, path: string, errors: FieldError[]): void {
  for (const message of checkQualifiedName(finalizer)) errors.push(invalid(path, finalizer, message));
  if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer))
    errors.push(invalid(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
}

/** What the finalize subresource may be told. Here the path says which finalizer is wrong. */
export function checkFinalizeUpdate({ spec }: Namespace): FieldError[] {
  const errors: FieldError[] = [];
  spec.finalizers?.forEach((finalizer, i) => checkFinalizer(finalizer, `spec.finalizers[${i}]`, errors));
  return errors;
}

/** Namespaces: scopes of names. A deleted one stays Terminating until what it holds is gone. */
export const NamespaceKind: Kind<Namespace> = defineKind<Namespace>({
  group: '',
  version: 'v1',
  kind: 'Namespace',
  resource: 'namespaces',
  singular: 'namespace',
  shortNames: ['ns'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Namespace',
  hasStatus: true,
  defaults(draft) {
    const { name, labels } = draft.metadata;
    // The label by which policies select a namespace by name; what the writer says there does not count.
    if (name && labels?.['kubernetes.io/metadata.name'] !== name)
      draft.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
    draft.spec ??= {};
    draft.status ??= {};
    draft.status.phase ||= 'Active';
  },
  prepareForCreate(draft) {
    draft.status = { phase: 'Active' };
    const finalizers = draft.spec.finalizers ?? [];
    if (!finalizers.includes('kubernetes')) draft.spec.finalizers = [...finalizers, 'kubernetes'];
  },
  prepareForUpdate(draft, old) {
    if (old.spec.finalizers) draft.spec.finalizers = old.spec.finalizers;
    else delete draft.spec.finalizers;
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
  },
  validateName: checkDnsLabel,
  validate(namespace) {
    const errors: FieldError[] = [];
    for (const finalizer of namespace.spec.finalizers ?? []) checkFinalizer(finalizer, 'spec.finalizers', errors);
    return errors;
  },
  validateUpdate: () => [],
  validateStatusUpdate(namespace) {
    const { phase } = namespace.status ?? {};
    const expected = namespace.metadata.deletionTimestamp ? 'Terminating' : 'Active';
    return phase === expected
      ? []
      : [
          invalid(
            'status.Phase',
            phase ?? '',
            namespace.metadata.deletionTimestamp
              ? "may only be 'Terminating' if `deletionTimestamp` is not empty"
              : "may only be 'Active' if `deletionTimestamp` is empty",
          ),
        ];
  },
  selectableFields: { 'status.phase': (namespace) => namespace.status?.phase ?? '' },
  columns: [
    nameColumn,
    {
      name: 'Status',
      type: 'string',
      description: 'The status of the namespace',
      cell: (namespace) => namespace.status?.phase ?? '',
    },
    ageColumn,
  ],
});
