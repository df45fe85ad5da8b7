/** What an autoscaler looks at, checked in Kubernetes' order. */
import { checkSegment, type Errors } from '../core/common-checks.ts';
import { forbidden, invalid, notSupported, required } from '../field-error.ts';
import { parseQuantity } from '../quantity.ts';
import type { HorizontalPodAutoscaler } from '../types.ts';

export type Metric = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];
type Identifier = NonNullable<Metric['pods']>['metric'];

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const;

export function checkReference(ref: { kind?: string; name?: string } | undefined, path: string, errors: Errors): void {
  checkSegment(ref?.kind, `${path}.kind`, errors);
  checkSegment(ref?.name, `${path}.name`, errors);
}

function checkTarget(target: Target, path: string, errors: Errors): void {
  const { type, value, averageValue, averageUtilization } = target;
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric target type'));
  if (type !== 'Utilization' && type !== 'Value' && type !== 'AverageValue')
    errors.push(invalid(`${path}.type`, type ?? '', 'must be either Utilization, Value, or AverageValue'));
  for (const [field, amount] of [
    ['value', value],
    ['averageValue', averageValue],
  ] as const)
    if (amount !== undefined && parseQuantity(amount).nano <= 0n)
      errors.push(invalid(`${path}.${field}`, String(amount), 'must be positive'));
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'));
}

function checkIdentifier(metric: Identifier | undefined, path: string, errors: Errors): void {
  if (!metric?.name) errors.push(required(`${path}.name`, 'must specify a metric name'));
  else checkSegment(metric.name, `${path}.name`, errors);
}

function checkResource(
  source: { name?: string; container?: string; target: Target },
  inContainer: boolean,
  path: string,
  errors: Errors,
): void {
  if (!source.name) errors.push(required(`${path}.name`, 'must specify a resource name'));
  if (inContainer && !source.container) errors.push(required(`${path}.container`, 'must specify a container'));
  const at = `${path}.target`;
  checkTarget(source.target, at, errors);
  const { averageUtilization, averageValue } = source.target;
  if (averageUtilization === undefined && averageValue === undefined)
    errors.push(required(`${at}.averageUtilization`, 'must set either a target raw value or a target utilization'));
  if (averageUtilization !== undefined && averageValue !== undefined)
    errors.push(forbidden(`${at}.averageValue`, 'may not set both a target raw value and a target utilization'));
}

const EITHER = 'must set either a target value for metric or a per-pod target';

function checkSource(metric: Metric, source: (typeof SOURCES)[number], path: string, errors: Errors): void {
  const at = `${path}.target`;
  switch (source) {
    case 'object': {
      const { describedObject, metric: name, target } = metric.object!;
      checkReference(describedObject, `${path}.describedObject`, errors);
      checkIdentifier(name, `${path}.metric`, errors);
      checkTarget(target, at, errors);
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${at}.averageValue`, EITHER));
      return;
    }
    case 'external': {
      const { metric: name, target } = metric.external!;
      checkIdentifier(name, `${path}.metric`, errors);
      checkTarget(target, at, errors);
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${at}.averageValue`, EITHER));
      if (target.value !== undefined && target.averageValue !== undefined)
        errors.push(forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'));
      return;
    }
    case 'pods': {
      const { metric: name, target } = metric.pods!;
      checkIdentifier(name, `${path}.metric`, errors);
      checkTarget(target, at, errors);
      if (target.averageValue === undefined || parseQuantity(target.averageValue).nano <= 0n)
        errors.push(required(`${at}.averageValue`, 'must specify a positive target averageValue'));
      return;
    }
    default:
      checkResource(metric[source]!, source === 'containerResource', path, errors);
  }
}

export function checkMetric(metric: Metric, path: string, errors: Errors): void {
  const { type = '' } = metric;
  if (!type) errors.push(required(`${path}.type`, 'must specify a metric source type'));
  if (!TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, TYPES));
  const present = SOURCES.filter((source) => metric[source] !== undefined);
  if (present.length > 0) checkSource(metric, present[0]!, `${path}.${present[0]}`, errors);
  const expected = SOURCES.find((source) => source === type[0]?.toLowerCase() + type.slice(1));
  if (expected && !metric[expected])
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'));
  if (present.length === 1) return;
  for (const source of present)
    if (source !== expected) errors.push(forbidden(`${path}.${source}`, 'must populate the given metric source only'));
}
