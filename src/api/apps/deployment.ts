import { checkIntOrPercent, checkNonNegative, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../define-kind.ts';
import { equal } from '../draft.ts';
import { forbidden, invalid, notSupported } from '../field-error.ts';
import type { Kind, ScalePaths } from '../kind.ts';
import { matcherOf, type LabelSelectorLike } from '../selector.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Deployment, PodTemplateSpec } from '../types.ts';
import {
  asksAnew,
  checkCollisions,
  checkReplicaCounts,
  checkSelectorAndTemplate,
  checkSelectorUnchanged,
  templateWarnings,
  workloadNameWarnings,
} from './workload-checks.ts';
import { selectorColumn, templateColumns } from './workload-columns.ts';

/** Where the workloads of this group keep what the scale subresource shows. */
export const workloadScale: ScalePaths = {
  specReplicasPath: ['spec', 'replicas'],
  statusReplicasPath: ['status', 'replicas'],
  selector: (object) => matcherOf((object['spec'] as { selector?: LabelSelectorLike }).selector).toString(),
};

/** The number in `3`, or in `3%`. */
const amount = (value: number | string | undefined): number =>
  typeof value === 'string' ? parseInt(value, 10) || 0 : (value ?? 0);

function checkStrategy(strategy: NonNullable<Deployment['spec']['strategy']>, errors: Errors): void {
  const { type, rollingUpdate } = strategy;
  const path = 'spec.strategy.rollingUpdate';
  switch (type) {
    case 'Recreate':
      if (rollingUpdate) errors.push(forbidden(path, "may not be specified when strategy `type` is 'Recreate'"));
      return;
    case 'RollingUpdate': {
      const { maxUnavailable, maxSurge } = rollingUpdate ?? {};
      checkIntOrPercent(maxUnavailable, `${path}.maxUnavailable`, errors);
      checkIntOrPercent(maxSurge, `${path}.maxSurge`, errors);
      if (amount(maxUnavailable) === 0 && amount(maxSurge) === 0)
        errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0'));
      if (typeof maxUnavailable === 'string' && amount(maxUnavailable) > 100)
        errors.push(invalid(`${path}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%'));
      return;
    }
    default:
      errors.push(
        notSupported('spec.strategy', internalForm('DeploymentStrategy', strategy), ['Recreate', 'RollingUpdate']),
      );
  }
}

function checkDeployment({ spec }: Deployment): Errors {
  const errors: Errors = [];
  checkNonNegative(spec.replicas, 'spec.replicas', errors);
  checkSelectorAndTemplate(spec, errors);
  checkStrategy(spec.strategy ?? {}, errors);
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec;
  checkNonNegative(minReadySeconds, 'spec.minReadySeconds', errors);
  checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors);
  if (progressDeadlineSeconds !== undefined) {
    checkNonNegative(progressDeadlineSeconds, 'spec.progressDeadlineSeconds', errors);
    if (progressDeadlineSeconds <= minReadySeconds)
      errors.push(
        invalid('spec.progressDeadlineSeconds', progressDeadlineSeconds, 'must be greater than minReadySeconds'),
      );
  }
  return errors;
}

/** Deployments: a number of like Pods, replaced gradually when their template changes. */
export const DeploymentKind: Kind<Deployment> = defineKind<Deployment>({
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
  validate: checkDeployment,
  validateUpdate(deployment, old) {
    const errors = checkDeployment(deployment);
    checkSelectorUnchanged(deployment.spec.selector, old.spec.selector, errors);
    return errors;
  },
  validateStatusUpdate({ status = {} }, old) {
    const errors: Errors = [];
    checkReplicaCounts(
      status as Record<string, unknown>,
      [
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'terminatingReplicas',
        'collisionCount',
      ],
      ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
      errors,
    );
    checkCollisions(status, old.status, errors);
    return errors;
  },
  warnings(deployment, old) {
    return [
      ...(old ? [] : workloadNameWarnings(deployment.metadata.name)),
      ...(asksAnew(deployment, old) ? templateWarnings(deployment.spec.template, 'spec.template') : []),
    ];
  },
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
      description:
        'Total number of non-terminating pods targeted by this deployment that have the desired template spec.',
      cell: ({ status }) => status?.updatedReplicas ?? 0,
    },
    {
      name: 'Available',
      type: 'string',
      description:
        'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.',
      cell: ({ status }) => status?.availableReplicas ?? 0,
    },
    ageColumn,
    ...templateColumns<Deployment>(),
    selectorColumn<Deployment>(),
  ],
});
