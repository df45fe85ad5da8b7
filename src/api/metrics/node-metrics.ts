import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { nameColumn } from '../table.ts';
import { usageColumns, type Measured, type Usage } from './usage.ts';

/** What a machine used lately. */
export interface NodeMetrics extends KubeObject, Measured {
  readonly usage: Usage;
}

/** NodeMetrics of the resource metrics API, which an add-on serves. They are made on every request and stored nowhere. */
export const NodeMetricsKind: Kind<NodeMetrics> = defineKind<NodeMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'NodeMetrics',
  resource: 'nodes',
  singular: '',
  namespaced: false,
  verbs: ['get', 'list'],
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
  columns: [nameColumn, ...usageColumns<NodeMetrics>(({ usage }) => [usage])],
});
