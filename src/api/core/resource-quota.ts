import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ResourceQuota } from '../types.ts';
import { invalid } from '../field-error.ts';
import type { Errors } from './common-checks.ts';
import { roundedUp } from './pod-defaults.ts';
import { checkQuotaResources, checkQuotaScopes } from './quota-checks.ts';
import { sortedKeys } from './resource-checks.ts';

type Amounts = Readonly<Record<string, string | number>>;

/** `pods: 1/3, services: 0/2`: what is used of what is allowed, of the resources that `wanted` picks. */
function usage({ status }: ResourceQuota, wanted: (resource: string) => boolean): string {
  const hard: Amounts = status?.hard ?? {};
  const used: Amounts = status?.used ?? {};
  return sortedKeys(hard)
    .filter(wanted)
    .map((resource) => `${resource}: ${used[resource] ?? 0}/${hard[resource]}`)
    .join(', ');
}

const isLimit = (resource: string): boolean => resource.startsWith('limits');

function checkQuota({ spec = {} }: ResourceQuota): Errors {
  const errors: Errors = [];
  checkQuotaResources(spec.hard, 'spec.hard', errors);
  checkQuotaScopes(spec, 'spec', errors);
  return errors;
}

/** ResourceQuotas: how much a namespace may use, and how much it does. */
export const ResourceQuotaKind: Kind<ResourceQuota> = defineKind<ResourceQuota>({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  resource: 'resourcequotas',
  singular: 'resourcequota',
  shortNames: ['quota'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ResourceQuota',
  hasStatus: true,
  defaults(draft) {
    if (draft.spec?.hard) draft.spec.hard = roundedUp(draft.spec.hard);
    for (const list of ['hard', 'used'] as const)
      if (draft.status?.[list]) draft.status[list] = roundedUp(draft.status[list]);
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkQuota,
  validateUpdate(quota, old) {
    const errors = checkQuota(quota);
    const scopes = quota.spec.scopes ?? [];
    const before = old.spec.scopes ?? [];
    if (scopes.length !== before.length || !scopes.every((scope) => before.includes(scope)))
      errors.push(invalid('spec.scopes', quota.spec.scopes, 'field is immutable'));
    return errors;
  },
  validateStatusUpdate({ status = {} }) {
    const errors: Errors = [];
    checkQuotaResources(status.hard, 'status.hard', errors);
    checkQuotaResources(status.used, 'status.used', errors);
    return errors;
  },
  columns: [
    nameColumn,
    column('Request', (quota) => usage(quota, (resource) => !isLimit(resource))),
    column('Limit', (quota) => usage(quota, isLimit)),
    ageColumn,
  ],
});
