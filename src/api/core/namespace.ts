import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Namespace } from '../types.ts';

/** Namespaces: scopes of names. A deleted one stays Terminating until what it holds is gone. */
export const NamespaceKind: Kind<Namespace> = {
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
};
