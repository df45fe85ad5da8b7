import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Service } from '../types.ts';

export const ServiceKind: Kind<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  resource: 'services',
  singular: 'service',
  shortNames: ['svc'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Service',
  hasStatus: true,
  columns: [nameColumn, ageColumn],
};
