import { templateWithDefaults } from '../core/pod-defaults.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { PodTemplateSpec, ReplicaSet } from '../types.ts';
import { workloadScale } from './deployment.ts';
import { selectorColumn, templateColumns } from './workload-columns.ts';

/** ReplicaSets: a number of like Pods, kept up. */
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
  scale: workloadScale,
  defaults(draft) {
    const spec = (draft.spec ??= {} as ReplicaSet['spec']);
    spec.replicas ??= 1;
    spec.template = templateWithDefaults(spec.template ?? ({} as PodTemplateSpec));
    draft.status ??= { replicas: 0 };
    draft.status.replicas ??= 0;
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0 };
  },
  prepareForUpdate(draft, old) {
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
  },
  selectableFields: { 'status.replicas': (set) => String(set.status?.replicas ?? 0) },
  columns: [
    nameColumn,
    {
      name: 'Desired',
      type: 'integer',
      description: 'Replicas is the number of desired pods.',
      cell: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: 'Current',
      type: 'integer',
      description: 'Replicas is the most recently observed number of non-terminating pods.',
      cell: ({ status }) => status?.replicas ?? 0,
    },
    {
      name: 'Ready',
      type: 'integer',
      description: 'The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.',
      cell: ({ status }) => status?.readyReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns<ReplicaSet>(),
    selectorColumn<ReplicaSet>(),
  ],
};
