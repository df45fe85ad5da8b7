import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { EndpointSlice } from '../types.ts';

export const EndpointSliceKind: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io',
  version: 'v1',
  kind: 'EndpointSlice',
  resource: 'endpointslices',
  singular: 'endpointslice',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  hasGeneration: true,
  columns: [nameColumn, ageColumn],
};
