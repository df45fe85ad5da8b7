/** Resources and scopes of ResourceQuotas. */
import { invalid, required } from '../field-error.ts';
import type { ResourceQuota } from '../types.ts';
import type { Errors } from './common-checks.ts';
import { internalForm } from './internal-form.ts';
import { checkResourceAmount, checkResourceName, isQuotaResource, sortedKeys } from './resource-checks.ts';

type Spec = NonNullable<ResourceQuota['spec']>;
type Amounts = Readonly<Record<string, string | number>>;

export function checkQuotaResources(amounts: Amounts | undefined, path: string, errors: Errors): void {
  for (const name of sortedKeys(amounts ?? {})) {
    const at = `${path}[${name}]`;
    checkResourceName(name, at, errors);
    if (!name.includes('/') && !isQuotaResource(name))
      errors.push(invalid(at, name, 'must be a standard resource for quota'));
    checkResourceAmount(name, amounts![name]!, at, errors);
  }
}

const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const CLAIMS = ['persistentvolumeclaims', 'requests.storage'];

/** The scopes, and which of the resources without a group each applies to. */
const SCOPES: Readonly<Record<string, readonly string[]>> = {
  Terminating: ['pods', ...COMPUTE],
  NotTerminating: ['pods', ...COMPUTE],
  BestEffort: ['pods'],
  NotBestEffort: ['pods', ...COMPUTE],
  PriorityClass: ['pods', ...COMPUTE],
  CrossNamespacePodAffinity: ['pods', ...COMPUTE],
  VolumeAttributesClass: CLAIMS,
};

/** Scopes that take no values. */
const MERE = new Set(['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity']);
const MUST_EXIST =
  "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

const OPPOSITES = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;

const applies = (scope: string, resource: string): boolean =>
  !isQuotaResource(resource) || (SCOPES[scope]?.includes(resource) ?? true);

function checkOpposites(scopes: ReadonlySet<string>, path: string, value: unknown, errors: Errors): void {
  for (const [a, b] of OPPOSITES)
    if (scopes.has(a) && scopes.has(b)) errors.push(invalid(path, value, 'conflicting scopes'));
}

export function checkQuotaScopes(spec: Spec, path: string, errors: Errors): void {
  const resources = sortedKeys(spec.hard ?? {});
  if (spec.scopes?.length) {
    const at = `${path}.scopes`;
    for (const scope of spec.scopes) {
      if (!(scope in SCOPES)) errors.push(invalid(at, spec.scopes, 'unsupported scope'));
      for (const resource of resources)
        if (!applies(scope, resource)) errors.push(invalid(at, spec.scopes, 'unsupported scope applied to resource'));
    }
    checkOpposites(new Set(spec.scopes), at, spec.scopes, errors);
  }
  if (spec.scopeSelector) checkScopeSelector(spec, `${path}.scopeSelector.matchExpressions`, resources, errors);
}

function checkScopeSelector(spec: Spec, path: string, resources: readonly string[], errors: Errors): void {
  const expressions = spec.scopeSelector?.matchExpressions ?? [];
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!(scopeName in SCOPES)) errors.push(invalid(`${path}.scopeName`, scopeName, 'unsupported scope'));
    for (const resource of resources)
      if (!applies(scopeName, resource))
        errors.push(
          invalid(path, internalForm('ScopeSelector', spec.scopeSelector), 'unsupported scope applied to resource'),
        );
    if (MERE.has(scopeName) && operator !== 'Exists') errors.push(invalid(`${path}.operator`, operator, MUST_EXIST));
    switch (operator) {
      case 'In':
      case 'NotIn':
        if (values.length === 0)
          errors.push(
            required(
              `${path}.values`,
              "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
            ),
          );
        break;
      case 'Exists':
      case 'DoesNotExist':
        if (values.length > 0)
          errors.push(
            invalid(
              `${path}.values`,
              values,
              "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
            ),
          );
        break;
      default:
        errors.push(invalid(`${path}.operator`, operator, 'not a valid selector operator'));
    }
  }
  checkOpposites(new Set(expressions.map(({ scopeName }) => scopeName)), path, spec.scopes, errors);
}
