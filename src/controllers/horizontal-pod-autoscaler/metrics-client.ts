import { PodMetricsKind, type PodMetrics } from '../../api/metrics/pod-metrics.ts';
import { windowMs } from '../../api/metrics/usage.ts';
import { parseTime } from '../../api/meta.ts';
import { milliValue } from '../../api/quantity.ts';
import { ApiError } from '../../api/status.ts';
import type { HorizontalPodAutoscaler, LabelSelector } from '../../api/types.ts';
import type { Client } from '../../client/index.ts';
import { errorText } from '../pod-control.ts';

type ObjectReference = HorizontalPodAutoscaler['spec']['scaleTargetRef'];

/** What a Pod used, or what a metric of it was. */
export interface PodMetric {
  /** End of the time that it was measured over, milliseconds since the epoch. */
  readonly timestampMs: number;
  readonly windowMs: number;
  /** Thousandths. */
  readonly value: number;
}

/** By the name of the Pod. */
export type PodMetricsByName = ReadonlyMap<string, PodMetric>;

/**
 * Where an autoscaler's numbers come from (pkg/controller/podautoscaler/metrics): the resource metrics API, the custom
 * and the external one. Values are thousandths. Every method throws an Error with a sentence that says why it has none.
 */
export interface MetricsClient {
  /** What Pods, or one container of each, use of a resource. */
  resource(name: string, namespace: string, selector: string, container: string | undefined): PodMetricsByName;
  /** A metric of each Pod. */
  pods(metric: string, namespace: string, selector: string, of: LabelSelector | undefined): PodMetricsByName;
  /** A metric of one object. */
  object(metric: string, namespace: string, object: ObjectReference, of: LabelSelector | undefined): number;
  /** A metric of something outside: one value for each series. */
  external(metric: string, namespace: string, of: LabelSelector | undefined): readonly number[];
}

/** The error's text as client-go has it: what the server did not say in a Status of its own names the request. */
export function clientErrorText(error: unknown, request: string): string {
  const text = errorText(error);
  const generic = error instanceof ApiError && GENERIC.has(text);
  return generic ? `${text} (${request})` : text;
}

const GENERIC = new Set([
  'the server could not find the requested resource',
  'the server is currently unable to handle the request',
]);

function usageOf({ containers }: PodMetrics, resource: string, container: string | undefined): number | undefined {
  let sum = 0;
  for (const { name, usage } of containers) {
    if (container !== undefined && name !== container) continue;
    const amount = usage[resource];
    if (amount === undefined) return undefined;
    sum += milliValue(amount);
    if (container !== undefined) return sum;
  }
  return containers.length > 0 && container === undefined ? sum : undefined;
}

/**
 * Asks the resource metrics API, which an add-on may serve. Nobody serves the custom and the external metrics API here;
 * what it says of them is what the real one says in a cluster without an adapter.
 */
export class RestMetrics implements MetricsClient {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  resource(
    resource: string,
    namespace: string,
    labelSelector: string,
    container: string | undefined,
  ): PodMetricsByName {
    const items = this.#list(namespace, labelSelector);
    if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
    const metrics = new Map<string, PodMetric>();
    for (const item of items) {
      const { name } = item.metadata;
      if (container !== undefined && !item.containers.some((each) => each.name === container))
        throw new Error(
          `failed to get container metrics: container ${container} not present in metrics for pod ${namespace}/${name}`,
        );
      const value = usageOf(item, resource, container);
      if (value === undefined) continue;
      metrics.set(name, { timestampMs: parseTime(item.timestamp), windowMs: windowMs(item.window), value });
    }
    return metrics;
  }

  #list(namespace: string, labelSelector: string): readonly PodMetrics[] {
    try {
      return this.#client.resource(PodMetricsKind).list({ namespace, labelSelector }).items;
    } catch (error) {
      const text = clientErrorText(error, 'get pods.metrics.k8s.io');
      throw new Error(`unable to fetch metrics from resource metrics API: ${text}`);
    }
  }

  pods(): never {
    throw new Error(NO_CUSTOM_METRICS);
  }

  object(): never {
    throw new Error(NO_CUSTOM_METRICS);
  }

  external(metric: string): never {
    throw new Error(
      'unable to fetch metrics from external metrics API: the server could not find the requested resource ' +
        `(get ${metric}.external.metrics.k8s.io)`,
    );
  }
}

const NO_CUSTOM_METRICS =
  'unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered';
