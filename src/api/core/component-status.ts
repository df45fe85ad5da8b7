import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import { column, nameColumn } from '../table.ts';
import type { ComponentStatus } from '../types.ts';

/** What a component answered to its health check, from the time when that was asked for here. Nothing is stored. */
export const ComponentStatusKind: Kind<ComponentStatus> = defineKind<ComponentStatus>({
  group: '',
  version: 'v1',
  kind: 'ComponentStatus',
  resource: 'componentstatuses',
  singular: 'componentstatus',
  shortNames: ['cs'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.ComponentStatus',
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    nameColumn,
    column('Status', ({ conditions = [] }) => {
      const healthy = conditions.find(({ type }) => type === 'Healthy');
      return healthy ? (healthy.status === 'True' ? 'Healthy' : 'Unhealthy') : 'Unknown';
    }),
    column('Message', ({ conditions = [] }) => conditions.find(({ type }) => type === 'Healthy')?.message ?? ''),
    column('Error', ({ conditions = [] }) => conditions.find(({ type }) => type === 'Healthy')?.error ?? ''),
  ],
});
