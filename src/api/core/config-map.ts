import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ConfigMap } from '../types.ts';

export const ConfigMapKind: Kind<ConfigMap> = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  resource: 'configmaps',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ConfigMap',
  columns: [nameColumn, ageColumn],
};
