import { checkReplicaCounts, workloadNameWarnings } from '../apps/workload-checks.ts';
import { templateColumns } from '../apps/workload-columns.ts';
import { defineKind } from '../define-kind.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { matcherOfSet, type Labels } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PodTemplateSpec, ReplicationController } from '../types.ts';
import { checkNonNegative, type Errors } from './common-checks.ts';
import { checkTemplate } from './pod-checks.ts';
import { templateWithDefaults } from './pod-defaults.ts';
import { podWarnings } from './pod-warnings.ts';

const isEmpty = (map: object | undefined): boolean => !map || Object.keys(map).length === 0;

function checkControllerTemplate(template: PodTemplateSpec | undefined, selector: Labels, errors: Errors): void {
  const path = 'spec.template';
  if (!template) {
    errors.push(required(path));
    return;
  }
  const labels = template.metadata?.labels;
  if (!isEmpty(selector) && !matcherOfSet(selector).matches(labels))
    errors.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'));
  checkTemplate(template, path, errors);
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(
      forbidden(
        `${path}.spec.activeDeadlineSeconds`,
        'activeDeadlineSeconds in ReplicationController is not Supported',
      ),
    );
}

function checkController({ spec }: ReplicationController): Errors {
  const errors: Errors = [];
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  if (isEmpty(spec.selector)) errors.push(required('spec.selector'));
  checkNonNegative(spec.replicas, 'spec.replicas', errors);
  checkControllerTemplate(spec.template, spec.selector, errors);
  return errors;
}

/** ReplicationControllers: what ReplicaSets were before selectors could be expressions. */
export const ReplicationControllerKind: Kind<ReplicationController> = defineKind<ReplicationController>({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  resource: 'replicationcontrollers',
  singular: 'replicationcontroller',
  shortNames: ['rc'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ReplicationController',
  hasStatus: true,
  hasGeneration: true,
  scale: {
    specReplicasPath: ['spec', 'replicas'],
    statusReplicasPath: ['status', 'replicas'],
    selector: (object) => matcherOfSet((object['spec'] as { selector?: Labels }).selector).toString(),
  },
  defaults(draft) {
    const spec = (draft.spec ??= {});
    const labels = spec.template?.metadata?.labels;
    if (labels) {
      if (isEmpty(spec.selector)) spec.selector = labels;
      if (isEmpty(draft.metadata.labels)) draft.metadata.labels = labels;
    }
    spec.replicas ??= 1;
    if (spec.template) spec.template = templateWithDefaults(spec.template);
  },
  prepareForCreate(draft) {
    draft.status = { replicas: 0 };
  },
  validate: checkController,
  validateStatusUpdate({ status }) {
    const errors: Errors = [];
    const parts = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'];
    checkReplicaCounts({ ...status }, ['replicas', ...parts, 'observedGeneration'], parts, errors);
    return errors;
  },
  warnings(controller, old) {
    const template = controller.spec.template?.spec;
    return [
      ...(old ? [] : workloadNameWarnings(controller.metadata.name)),
      ...(template && controller.spec.template !== old?.spec.template
        ? podWarnings(template, 'spec.template.spec', controller.spec.template?.metadata)
        : []),
    ];
  },
  selectableFields: { 'status.replicas': (controller) => String(controller.status?.replicas ?? 0) },
  columns: [
    nameColumn,
    column('Desired', ({ spec }) => spec.replicas ?? 0, 0, 'integer'),
    column('Current', ({ status }) => status?.replicas ?? 0, 0, 'integer'),
    column('Ready', ({ status }) => status?.readyReplicas ?? 0, 0, 'integer'),
    ageColumn,
    ...templateColumns<ReplicationController>(),
    column('Selector', ({ spec }) => matcherOfSet(spec.selector).toString() || '<none>', 1),
  ],
});
