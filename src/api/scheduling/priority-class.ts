import { checkImmutable, checkOneOf, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { forbidden } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PriorityClass } from '../types.ts';

/** Higher ones are the system's. */
const HIGHEST = 1_000_000_000;

const SYSTEM: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** Why a class of a reserved name is none that every cluster has; undefined for those. */
function whyNotSystem({ metadata: { name }, value = 0, globalDefault }: PriorityClass): string | undefined {
  if (SYSTEM[name] === undefined) return `${name} is not a known system priority class`;
  if (SYSTEM[name] !== value) return `value of ${name} PriorityClass must be ${SYSTEM[name]}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function checkClass(priority: PriorityClass): FieldError[] {
  const { metadata, value = 0, preemptionPolicy } = priority;
  const errors: Errors = [];
  const { name } = metadata;
  if (name.startsWith('system-')) {
    const why = whyNotSystem(priority);
    if (why)
      errors.push(
        forbidden(
          'metadata.name',
          `priority class names with 'system-' prefix are reserved for system use only. error: ${why}`,
        ),
      );
  } else if (value > HIGHEST)
    errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST}`));
  checkOneOf(preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy', errors, true);
  return errors;
}

/** PriorityClasses: names for how important Pods are. */
export const PriorityClassKind: Kind<PriorityClass> = defineKind<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  resource: 'priorityclasses',
  singular: 'priorityclass',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'io.k8s.api.scheduling.v1.PriorityClass',
  hasGeneration: true,
  defaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
  },
  validate: checkClass,
  validateUpdate(priority, old) {
    const errors: Errors = [];
    if (priority.value !== old.value) errors.push(forbidden('value', 'may not be changed in an update.'));
    checkImmutable(priority.preemptionPolicy, old.preemptionPolicy, 'preemptionPolicy', errors);
    return errors;
  },
  columns: [
    nameColumn,
    column('Value', ({ value }) => value ?? 0, 0, 'integer'),
    column('Global-Default', ({ globalDefault }) => globalDefault ?? false, 0, 'boolean'),
    ageColumn,
    column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? ''),
  ],
});
