import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ReplicaSet } from '../types.ts';

export const ReplicaSetKind: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  resource: 'replicasets',
  singular: 'replicaset',
  shortNames: ['rs'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  hasStatus: true,
  hasGeneration: true,
  columns: [nameColumn, ageColumn],
};
