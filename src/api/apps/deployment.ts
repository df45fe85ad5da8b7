import type { Kind, ScalePaths } from '../kind.ts';
import { matcherOf, type LabelSelectorLike } from '../selector.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Deployment, PodTemplateSpec } from '../types.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { equal } from '../draft.ts';
import { selectorColumn, templateColumns } from './workload-columns.ts';

/** Where the workloads of this group keep what the scale subresource shows. */
export const workloadScale: ScalePaths = {
  specReplicasPath: ['spec', 'replicas'],
  statusReplicasPath: ['status', 'replicas'],
  selector: (object) => matcherOf((object['spec'] as { selector?: LabelSelectorLike }).selector).toString(),
};

/** Deployments: a number of like Pods, replaced gradually when their template changes. */
export const DeploymentKind: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  resource: 'deployments',
  singular: 'deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.Deployment',
  hasStatus: true,
  hasGeneration: true,
  scale: workloadScale,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Deployment['spec']);
    spec.replicas ??= 1;
    const strategy = { ...spec.strategy };
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate')
      strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate };
    if (!equal(strategy, spec.strategy)) spec.strategy = strategy;
    spec.revisionHistoryLimit ??= 10;
    spec.progressDeadlineSeconds ??= 600;
    spec.template = templateWithDefaults(spec.template ?? ({} as PodTemplateSpec));
    draft.status ??= {};
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  prepareForUpdate(draft, old) {
    if (old.status) draft.status = old.status;
  },
  prepareForStatusUpdate(draft, old) {
    draft.spec = old.spec;
    const { labels } = old.metadata;
    if (labels) draft.metadata.labels = labels;
    else delete draft.metadata.labels;
  },
  generationIncludesAnnotations: true,
  columns: [
    nameColumn,
    {
      name: 'Ready',
      type: 'string',
      description: 'Number of the pod with ready state',
      cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    {
      name: 'Up-to-date',
      type: 'string',
      description: 'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
      cell: ({ status }) => status?.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description: 'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
      cell: ({ status }) => status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns<Deployment>(),
    selectorColumn<Deployment>(),
  ],
};
