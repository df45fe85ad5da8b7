import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { ServiceAccount } from '../types.ts';

export const ServiceAccountKind: Kind<ServiceAccount> = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  resource: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ServiceAccount',
  columns: [nameColumn, ageColumn],
};
