/**
 * autoscaling/v1 knows one metric, the CPU's use. What else there is of an autoscaler it carries in annotations, in a
 * JSON of its own, so that nothing is lost on the way there and back.
 */
import type { UntypedObject } from '../object.ts';
import type { HorizontalPodAutoscaler, HorizontalPodAutoscalerV1 } from '../types.ts';
import { DEFAULT_METRICS } from './horizontal-pod-autoscaler.ts';
import type { Metric } from './metric-checks.ts';

const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';
const STATUSES = 'autoscaling.alpha.kubernetes.io/current-metrics';
const CONDITIONS = 'autoscaling.alpha.kubernetes.io/conditions';
const BEHAVIOR = 'autoscaling.alpha.kubernetes.io/behavior';

type Json = Record<string, unknown>;

/** Without what is undefined. */
const present = (of: Json): Json => Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined));

type Source = 'object' | 'pods' | 'resource' | 'containerResource' | 'external';
const SOURCES: readonly Source[] = ['object', 'pods', 'resource', 'containerResource', 'external'];

/** How the two versions name the numbers of a metric's target (or of its status). */
interface Numbers {
  readonly type?: string;
  readonly value?: unknown;
  readonly averageValue?: unknown;
  readonly averageUtilization?: unknown;
}
interface NewSource {
  readonly name?: string;
  readonly container?: string;
  readonly metric?: { readonly name: string; readonly selector?: unknown };
  readonly describedObject?: unknown;
  readonly target?: Numbers;
  readonly current?: Numbers;
}

function oldSource(source: Source, of: NewSource): Json {
  const kind = of.target ? 'target' : 'current';
  const { value, averageValue, averageUtilization } = of.target ?? of.current ?? {};
  const named = (what: string): string => `${kind}${what}`;
  switch (source) {
    case 'resource':
    case 'containerResource':
      return present({
        name: of.name,
        container: of.container,
        [named('AverageUtilization')]: averageUtilization,
        [named('AverageValue')]: averageValue,
      });
    case 'pods':
      return present({
        metricName: of.metric?.name,
        [named('AverageValue')]: averageValue,
        selector: of.metric?.selector,
      });
    case 'object':
      return present({
        target: of.describedObject,
        metricName: of.metric?.name,
        [named('Value')]: value ?? '0',
        selector: of.metric?.selector,
        averageValue,
      });
    case 'external':
      return present({
        metricName: of.metric?.name,
        metricSelector: of.metric?.selector,
        [named('Value')]: value,
        [named('AverageValue')]: averageValue,
      });
  }
}

function newSource(source: Source, of: Json): Json {
  const value = of['targetValue'];
  const averageValue = of['targetAverageValue'] ?? of['averageValue'];
  const averageUtilization = of['targetAverageUtilization'];
  const metric = present({ name: of['metricName'], selector: of['metricSelector'] ?? of['selector'] });
  const target = (type: string, numbers: Json): Json => ({ type, ...present(numbers) });
  switch (source) {
    case 'resource':
    case 'containerResource':
      return present({
        name: of['name'],
        container: of['container'],
        target: target(averageUtilization === undefined ? 'AverageValue' : 'Utilization', {
          averageUtilization,
          averageValue,
        }),
      });
    case 'pods':
      return { metric, target: target('AverageValue', { averageValue }) };
    case 'object':
      return {
        describedObject: of['target'],
        metric,
        target: averageValue === undefined ? target('Value', { value }) : target('AverageValue', { averageValue }),
      };
    case 'external':
      return {
        metric,
        target: averageValue === undefined ? target('Value', { value }) : target('AverageValue', { averageValue }),
      };
  }
}

const oldMetric = (metric: { type: string } & { [S in Source]?: unknown }): Json =>
  present({
    type: metric.type,
    ...Object.fromEntries(
      SOURCES.filter((source) => metric[source]).map((source) => [
        source,
        oldSource(source, metric[source] as NewSource),
      ]),
    ),
  });

const newMetric = (metric: Json): Metric =>
  present({
    type: metric['type'],
    ...Object.fromEntries(
      SOURCES.filter((source) => metric[source]).map((source) => [source, newSource(source, metric[source] as Json)]),
    ),
  }) as unknown as Metric;

const isCpuUse = ({ type, resource }: Metric): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined;

function parsed<T>(annotations: Record<string, string>, key: string): T | undefined {
  const text = annotations[key];
  delete annotations[key];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** A stored autoscaler (v2) as v1 shows it. */
export function toV1(stored: UntypedObject): UntypedObject {
  const { metadata, spec, status } = stored as unknown as HorizontalPodAutoscaler;
  const metrics = spec.metrics ?? [];
  const cpu = metrics.find(isCpuUse);
  const others = metrics.filter((metric) => metric !== cpu);
  const statuses = status?.currentMetrics ?? [];
  const annotations: Record<string, string> = { ...metadata.annotations };
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others.map(oldMetric));
  if (statuses.length > 0) annotations[STATUSES] = JSON.stringify(statuses.map((each) => oldMetric(each)));
  if (status?.conditions?.length) annotations[CONDITIONS] = JSON.stringify(status.conditions);
  if (spec.behavior)
    annotations[BEHAVIOR] = JSON.stringify({ ScaleUp: spec.behavior.scaleUp, ScaleDown: spec.behavior.scaleDown });
  const use = statuses.find(({ resource }) => resource?.name === 'cpu')?.resource?.current.averageUtilization;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: present({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      targetCPUUtilizationPercentage: cpu?.resource?.target.averageUtilization,
    }),
    status: present({
      observedGeneration: status?.observedGeneration,
      lastScaleTime: status?.lastScaleTime,
      currentReplicas: status?.currentReplicas ?? 0,
      desiredReplicas: status?.desiredReplicas ?? 0,
      currentCPUUtilizationPercentage: use,
    }),
  };
}

/** A v1 autoscaler as it is stored. */
export function fromV1(object: UntypedObject): UntypedObject {
  const { metadata, spec, status } = object as unknown as HorizontalPodAutoscalerV1;
  const annotations = { ...metadata.annotations };
  const others = parsed<Json[]>(annotations, METRICS)?.map(newMetric) ?? [];
  const conditions = parsed<unknown[]>(annotations, CONDITIONS);
  const behavior = parsed<{ ScaleUp?: unknown; ScaleDown?: unknown }>(annotations, BEHAVIOR);
  delete annotations[STATUSES];
  const percent = spec.targetCPUUtilizationPercentage;
  const cpu: Metric[] =
    percent === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: percent } } }];
  const metrics = [...cpu, ...others];
  const { annotations: _, ...plain } = metadata;
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: Object.keys(annotations).length > 0 ? { ...plain, annotations } : plain,
    spec: present({
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      metrics: metrics.length > 0 ? metrics : DEFAULT_METRICS,
      behavior: behavior && present({ scaleUp: behavior.ScaleUp, scaleDown: behavior.ScaleDown }),
    }),
    status: present({
      observedGeneration: status?.observedGeneration,
      lastScaleTime: status?.lastScaleTime,
      currentReplicas: status?.currentReplicas || undefined,
      desiredReplicas: status?.desiredReplicas ?? 0,
      currentMetrics: null,
      conditions,
    }),
  };
}
