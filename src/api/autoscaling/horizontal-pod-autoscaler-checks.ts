import { checkNonNegative, checkOneOf, type Errors } from '../core/common-checks.ts';
import { forbidden, invalid, required } from '../field-error.ts';
import type { FieldError } from '../kind.ts';
import { parseQuantity } from '../quantity.ts';
import type { HorizontalPodAutoscaler } from '../types.ts';
import { checkMetric, checkReference } from './metric-checks.ts';

type Spec = HorizontalPodAutoscaler['spec'];
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;

const MAX_WINDOW_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;

function checkRules(rules: Rules | undefined, path: string, errors: Errors): void {
  if (!rules) return;
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules;
  const at = `${path}.stabilizationWindowSeconds`;
  if (window !== undefined && window < 0) errors.push(invalid(at, window, 'must be greater than or equal to zero'));
  if (window !== undefined && window > MAX_WINDOW_SECONDS)
    errors.push(invalid(at, window, `must be less than or equal to ${MAX_WINDOW_SECONDS}`));
  checkOneOf(selectPolicy, ['Disabled', 'Max', 'Min'], `${path}.selectPolicy`, errors, true);
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'));
  policies.forEach(({ type, value = 0, periodSeconds = 0 }, i) => {
    const here = `${path}.policies[${i}]`;
    checkOneOf(type, ['Percent', 'Pods'], `${here}.type`, errors);
    if (value <= 0) errors.push(invalid(`${here}.value`, value, 'must be greater than zero'));
    if (periodSeconds <= 0) errors.push(invalid(`${here}.periodSeconds`, periodSeconds, 'must be greater than zero'));
    if (periodSeconds > MAX_PERIOD_SECONDS)
      errors.push(
        invalid(`${here}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`),
      );
  });
  if (tolerance !== undefined && parseQuantity(tolerance).nano < 0n)
    errors.push(invalid(`${path}.tolerance`, String(tolerance), 'must be greater than or equal to 0'));
}

function checkTargetGroup(
  { apiVersion = '', kind }: Partial<Spec['scaleTargetRef']>,
  path: string,
  errors: Errors,
): void {
  const parts = apiVersion.split('/');
  if (parts.length > 2) errors.push(invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else if (parts.length < 2 && kind !== 'ReplicationController')
    errors.push(invalid(path, apiVersion, 'apiVersion must specify API group'));
}

export function checkAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const errors: Errors = [];
  const { minReplicas, maxReplicas = 0, metrics = [], behavior } = spec;
  if (minReplicas !== undefined && minReplicas < 1)
    errors.push(invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < 1) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  checkReference(spec.scaleTargetRef, 'spec.scaleTargetRef', errors);
  checkTargetGroup(spec.scaleTargetRef ?? {}, 'spec.scaleTargetRef.apiVersion', errors);
  metrics.forEach((metric, i) => checkMetric(metric, `spec.metrics[${i}]`, errors));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(
      forbidden(
        'spec.metrics',
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    );
  checkRules(behavior?.scaleUp, 'spec.behavior.scaleUp', errors);
  checkRules(behavior?.scaleDown, 'spec.behavior.scaleDown', errors);
  return errors;
}

/** What both versions show of the status. */
export function checkAutoscalerStatus({
  status = {},
}: {
  status?: { currentReplicas?: number; desiredReplicas?: number };
}): FieldError[] {
  const errors: Errors = [];
  for (const count of ['currentReplicas', 'desiredReplicas'] as const)
    checkNonNegative(status[count], `status.${count}`, errors);
  return errors;
}
