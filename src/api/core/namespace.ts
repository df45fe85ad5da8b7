import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Namespace } from '../types.ts';

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
  columns: [nameColumn, ageColumn],
};
