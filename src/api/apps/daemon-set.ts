import { checkNonNegative, checkPart, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { checkTemplate } from '../core/pod-checks.ts';
import { templateWithDefaults } from '../core/pod-defaults.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkLabelSelector, matcherOf, matcherOfSet } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { DaemonSet, PodTemplateSpec } from '../types.ts';
import { checkCollisions, checkSelectorUnchanged, templateWarnings } from './workload-checks.ts';
import { selectorColumn, templateColumns } from './workload-columns.ts';

type Spec = DaemonSet['spec'];

/** Counts the changes of the template; older than metadata.generation and kept for whoever still looks at it. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function setTemplateGeneration(draft: DaemonSet, generation: number): void {
  draft.metadata.annotations = { ...draft.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}

const templateGeneration = ({ metadata }: DaemonSet): number =>
  Number(metadata.annotations?.[TEMPLATE_GENERATION]) || 1;

function checkUpdateStrategy(strategy: NonNullable<Spec['updateStrategy']>, errors: Errors): void {
  const { type, rollingUpdate } = strategy;
  const path = 'spec.updateStrategy';
  if (type === 'OnDelete') return;
  if (type !== 'RollingUpdate') {
    const shown = internalForm('DaemonSetUpdateStrategy', strategy);
    errors.push(notSupported(path, shown, ['RollingUpdate', 'OnDelete']));
    return;
  }
  if (!rollingUpdate) {
    errors.push(required(`${path}.rollingUpdate`));
    return;
  }
  const { maxUnavailable, maxSurge } = rollingUpdate;
  checkPart(maxUnavailable, `${path}.rollingUpdate.maxUnavailable`, errors);
  checkPart(maxSurge, `${path}.rollingUpdate.maxSurge`, errors);
  const some = (value: number | string | undefined): boolean => (parseInt(String(value ?? 0), 10) || 0) !== 0;
  if (some(maxUnavailable) && some(maxSurge))
    errors.push(invalid(`${path}.rollingUpdate.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  else if (!some(maxUnavailable) && !some(maxSurge))
    errors.push(required(`${path}.rollingUpdate.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
}

function checkDaemonSet({ spec }: DaemonSet): FieldError[] {
  const errors: Errors = [];
  const { selector, template } = spec;
  const path = 'spec.template';
  errors.push(...checkLabelSelector(selector, 'spec.selector'));
  const labels = template.metadata?.labels;
  if (!matcherOf(selector).matches(labels))
    errors.push(invalid(`${path}.metadata.labels`, labels, '`selector` does not match template `labels`'));
  if (selector && Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0) === 0)
    errors.push(invalid('spec.selector', selector, 'empty selector is invalid for daemonset'));
  checkTemplate(template, path, errors);
  const { restartPolicy = '', activeDeadlineSeconds } = template.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy, ['Always']));
  if (activeDeadlineSeconds !== undefined)
    errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in DaemonSet is not Supported'));
  checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds', errors);
  checkUpdateStrategy(spec.updateStrategy ?? {}, errors);
  checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit', errors);
  return errors;
}

const COUNTS = [
  'currentNumberScheduled',
  'numberMisscheduled',
  'desiredNumberScheduled',
  'numberReady',
  'observedGeneration',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'collisionCount',
] as const;

const count = (name: string, of: (typeof COUNTS)[number]): ReturnType<typeof column<DaemonSet>> =>
  column(name, ({ status }) => status?.[of] ?? 0, 0, 'integer');

/** DaemonSets: one Pod on every node that fits. */
export const DaemonSetKind: Kind<DaemonSet> = defineKind<DaemonSet>({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  resource: 'daemonsets',
  singular: 'daemonset',
  shortNames: ['ds'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.DaemonSet',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    const strategy = { ...spec.updateStrategy };
    strategy.type ||= 'RollingUpdate';
    if (strategy.type === 'RollingUpdate')
      strategy.rollingUpdate = { maxSurge: 0, maxUnavailable: 1, ...strategy.rollingUpdate };
    spec.updateStrategy = strategy;
    spec.revisionHistoryLimit ??= 10;
    spec.template = templateWithDefaults(spec.template ?? ({} as PodTemplateSpec));
    draft.status ??= { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
  },
  prepareForCreate(draft) {
    draft.status = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };
    setTemplateGeneration(draft, templateGeneration(draft));
  },
  prepareForUpdate(draft, old) {
    const changed = !semanticallyEqual(draft.spec.template, old.spec.template);
    setTemplateGeneration(draft, templateGeneration(old) + (changed ? 1 : 0));
  },
  validate: checkDaemonSet,
  validateUpdate(set, old) {
    const errors = checkDaemonSet(set);
    checkSelectorUnchanged(set.spec.selector, old.spec.selector, errors);
    return errors;
  },
  validateStatusUpdate({ status }, old) {
    const errors: Errors = [];
    for (const name of COUNTS) checkNonNegative(status?.[name], `status.${name}`, errors);
    checkCollisions(status, old.status, errors);
    return errors;
  },
  warnings: ({ metadata, spec }, old) =>
    old && metadata.annotations?.[TEMPLATE_GENERATION] === old.metadata.annotations?.[TEMPLATE_GENERATION]
      ? []
      : templateWarnings(spec.template, 'spec.template'),
  columns: [
    nameColumn,
    count('Desired', 'desiredNumberScheduled'),
    count('Current', 'currentNumberScheduled'),
    count('Ready', 'numberReady'),
    count('Up-to-date', 'updatedNumberScheduled'),
    count('Available', 'numberAvailable'),
    column('Node Selector', ({ spec }) => matcherOfSet(spec.template.spec?.nodeSelector).toString() || '<none>'),
    ageColumn,
    ...templateColumns<DaemonSet>(),
    selectorColumn<DaemonSet>(),
  ],
});
