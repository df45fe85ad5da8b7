import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';
import type { KubeObject } from '../object.ts';
import { nameColumn } from '../table.ts';
import { usageColumns, type Measured, type Usage } from './usage.ts';

/** What a Pod's containers used lately. */
export interface PodMetrics extends KubeObject, Measured {
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

/** PodMetrics of the resource metrics API, which an add-on serves. They are made on every request and stored nowhere. */
export const PodMetricsKind: Kind<PodMetrics> = defineKind<PodMetrics>({
  group: 'metrics.k8s.io',
  version: 'v1beta1',
  kind: 'PodMetrics',
  resource: 'pods',
  singular: '',
  namespaced: true,
  verbs: ['get', 'list'],
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
  columns: [nameColumn, ...usageColumns<PodMetrics>(({ containers }) => containers.map(({ usage }) => usage))],
});
