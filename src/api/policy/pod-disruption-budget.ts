import { checkConditions } from '../condition-checks.ts';
import { checkNonNegative, checkOneOf, checkPart, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { defineKind } from '../define-kind.ts';
import { invalid } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkLabelSelector } from '../selector.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { PodDisruptionBudget } from '../types.ts';

function checkBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const errors: Errors = [];
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = spec;
  if (minAvailable !== undefined && maxUnavailable !== undefined)
    errors.push(
      invalid(
        'spec',
        internalForm('PodDisruptionBudgetSpec', spec),
        'minAvailable and maxUnavailable cannot be both set',
      ),
    );
  checkPart(minAvailable, 'spec.minAvailable', errors);
  checkPart(maxUnavailable, 'spec.maxUnavailable', errors);
  errors.push(...checkLabelSelector(spec.selector, 'spec.selector'));
  const policies = ['AlwaysAllow', 'IfHealthyBudget'];
  checkOneOf(unhealthyPodEvictionPolicy, policies, 'spec.unhealthyPodEvictionPolicy', errors, true);
  return errors;
}

const COUNTS = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const;
const NONE = { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 };

/** PodDisruptionBudgets: how many of some Pods may be taken away at once. */
export const PodDisruptionBudgetKind: Kind<PodDisruptionBudget> = defineKind<PodDisruptionBudget>({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  resource: 'poddisruptionbudgets',
  singular: 'poddisruptionbudget',
  shortNames: ['pdb'],
  namespaced: true,
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  conditionalUpdates: true,
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    draft.spec ??= {};
    draft.status ??= { ...NONE };
  },
  prepareForCreate(draft) {
    draft.status = { ...NONE };
  },
  validate: checkBudget,
  validateStatusUpdate({ status }) {
    const errors: Errors = [];
    checkConditions(status?.conditions, 'status.conditions', errors);
    for (const count of COUNTS) checkNonNegative(status?.[count], `status.${count}`, errors);
    return errors;
  },
  columns: [
    nameColumn,
    column('Min Available', ({ spec }) => spec.minAvailable ?? 'N/A'),
    column('Max Unavailable', ({ spec }) => spec.maxUnavailable ?? 'N/A'),
    column('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed ?? 0, 0, 'integer'),
    ageColumn,
  ],
});
