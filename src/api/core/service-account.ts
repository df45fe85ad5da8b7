import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ServiceAccount } from '../types.ts';

const MOUNTABLE = 'kubernetes.io/enforce-mountable-secrets';

/** Of the secrets of an account only the names are kept: they are of its namespace. */
function keepNamesOnly(draft: ServiceAccount): void {
  if (draft.secrets?.some((secret) => Object.keys(secret).length > 1))
    draft.secrets = draft.secrets.map(({ name }) => (name === undefined ? {} : { name }));
}

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
  prepareForCreate: keepNamesOnly,
  prepareForUpdate: keepNamesOnly,
  warnings({ metadata }, old) {
    const isNew =
      metadata.annotations?.[MOUNTABLE] !== undefined && old?.metadata.annotations?.[MOUNTABLE] === undefined;
    return !isNew
      ? []
      : [
          `metadata.annotations[${MOUNTABLE}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`,
        ];
  },
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
