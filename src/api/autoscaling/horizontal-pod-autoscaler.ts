import { defineKind } from '../define-kind.ts';
import type { Column, Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { HorizontalPodAutoscaler } from '../types.ts';
import { checkAutoscaler, checkAutoscalerStatus } from './horizontal-pod-autoscaler-checks.ts';
import type { Metric } from './metric-checks.ts';

type Spec = HorizontalPodAutoscaler['spec'];
type Rules = NonNullable<NonNullable<Spec['behavior']>['scaleUp']>;
type MetricStatus = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];

/** What an autoscaler that names no metrics aims at. */
export const DEFAULT_METRICS: NonNullable<Spec['metrics']> = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

const SCALE_UP: Rules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN: Rules = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

const UNKNOWN = '<unknown>';

/** `current/target` of one metric. */
function metricText(metric: Metric, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
    case 'Object': {
      const source = metric.type === 'External' ? metric.external : metric.object;
      const current = (metric.type === 'External' ? status?.external : status?.object)?.current;
      const { averageValue, value } = source?.target ?? {};
      return averageValue !== undefined
        ? `${current?.averageValue ?? UNKNOWN}/${averageValue} (avg)`
        : `${current?.value ?? UNKNOWN}/${value ?? ''}`;
    }
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? UNKNOWN}/${metric.pods?.target.averageValue ?? ''}`;
    case 'Resource':
    case 'ContainerResource': {
      const source = metric.type === 'Resource' ? metric.resource : metric.containerResource;
      const current = (metric.type === 'Resource' ? status?.resource : status?.containerResource)?.current;
      const { averageValue, averageUtilization } = source?.target ?? {};
      if (averageValue !== undefined) return `${source?.name}: ${current?.averageValue ?? UNKNOWN}/${averageValue}`;
      const now = current?.averageUtilization === undefined ? UNKNOWN : `${current.averageUtilization}%`;
      return `${source?.name}: ${now}/${averageUtilization === undefined ? '<auto>' : `${averageUtilization}%`}`;
    }
    default:
      return '<unknown type>';
  }
}

const SHOWN = 2;

function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const { metrics = [] } = spec;
  if (metrics.length === 0) return '<none>';
  const texts = metrics.map((metric, i) => metricText(metric, status?.currentMetrics?.[i]));
  const shown = texts.slice(0, SHOWN).join(', ');
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown;
}

/** The columns of both versions; `view` makes the newer one of what is served. */
export const autoscalerColumns = <T extends { metadata: HorizontalPodAutoscaler['metadata'] }>(
  view: (object: T) => HorizontalPodAutoscaler,
): readonly Column<T>[] =>
  [
    nameColumn as Column<HorizontalPodAutoscaler>,
    column<HorizontalPodAutoscaler>(
      'Reference',
      ({
        spec: {
          scaleTargetRef: { kind, name },
        },
      }) => `${kind}/${name}`,
    ),
    column<HorizontalPodAutoscaler>('Targets', metricsText),
    column<HorizontalPodAutoscaler>('MinPods', ({ spec }) => String(spec.minReplicas ?? '<unset>')),
    column<HorizontalPodAutoscaler>('MaxPods', ({ spec }) => spec.maxReplicas, 0, 'integer'),
    column<HorizontalPodAutoscaler>('Replicas', ({ status }) => status?.currentReplicas ?? 0, 0, 'integer'),
    ageColumn as Column<HorizontalPodAutoscaler>,
  ].map((each) => ({ ...each, cell: (object: T, now: number) => each.cell(view(object), now) }));

const NO_METRICS = null as unknown as MetricStatus[];

/** HorizontalPodAutoscalers: as many replicas as the load asks for. */
export const HorizontalPodAutoscalerKind: Kind<HorizontalPodAutoscaler> = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  singular: 'horizontalpodautoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  hasStatus: true,
  defaults(draft) {
    const spec = (draft.spec ??= {} as Spec);
    spec.minReplicas ??= 1;
    if (!spec.metrics?.length) spec.metrics = DEFAULT_METRICS;
    const { behavior } = spec;
    if (behavior)
      spec.behavior = {
        scaleUp: { ...SCALE_UP, ...behavior.scaleUp },
        scaleDown: { ...SCALE_DOWN, ...behavior.scaleDown },
      };
    draft.status = { ...(draft.status ?? { desiredReplicas: 0 }) };
    // Empty or not, the list of metrics is never left out.
    draft.status.currentMetrics ??= NO_METRICS;
  },
  prepareForCreate(draft) {
    draft.status = { currentMetrics: NO_METRICS, desiredReplicas: 0 };
  },
  validate: checkAutoscaler,
  validateStatusUpdate: checkAutoscalerStatus,
  columns: autoscalerColumns((object: HorizontalPodAutoscaler) => object),
});
