import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ServiceAccount } from '../types.ts';

/** Service accounts: who a Pod is to the API. */
export const ServiceAccountKind: Kind<ServiceAccount> = defineKind<ServiceAccount>({
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  columns: [
    nameColumn,
    {
      name: 'Secrets',
      type: 'string',
      priority: 1,
      description:
        'Secrets is a list of the secrets in the same namespace that pods running using this ServiceAccount are allowed to use.',
      cell: (account) => account.secrets?.length ?? 0,
    },
    ageColumn,
  ],
});
