import { checkNonNegative, type Errors } from '../core/common-checks.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { PodTemplateSpec, ReplicaSet } from '../types.ts';
import { workloadScale } from './deployment.ts';
import {
  asksAnew,
  checkReplicaCounts,
  checkSelectorAndTemplate,
  checkSelectorUnchanged,
  templateWarnings,
  workloadNameWarnings,
} from './workload-checks.ts';
import { selectorColumn, templateColumns } from './workload-columns.ts';

function checkReplicaSet({ spec }: ReplicaSet): Errors {
  const errors: Errors = [];
  checkNonNegative(spec.replicas, 'spec.replicas', errors);
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  checkSelectorAndTemplate(spec, errors);
  return errors;
}

/** ReplicaSets: a number of like Pods, kept up. */
export const ReplicaSetKind: Kind<ReplicaSet> = defineKind<ReplicaSet>({
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
  validate: checkReplicaSet,
  validateUpdate(set, old) {
    const errors = checkReplicaSet(set);
    checkSelectorUnchanged(set.spec.selector, old.spec.selector, errors);
    return errors;
  },
  validateStatusUpdate({ status }) {
    const errors: Errors = [];
    checkReplicaCounts(
      (status ?? {}) as Record<string, unknown>,
      [
        'replicas',
        'fullyLabeledReplicas',
        'readyReplicas',
        'availableReplicas',
        'observedGeneration',
        'terminatingReplicas',
      ],
      ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
      errors,
    );
    return errors;
  },
  warnings(set, old) {
    return [
      ...(old ? [] : workloadNameWarnings(set.metadata.name)),
      ...(asksAnew(set, old) ? templateWarnings(set.spec.template, 'spec.template') : []),
    ];
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
});
