import { quantityOfMilli, milliValue } from '../../api/quantity.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../api/types.ts';
import type { MetricsClient } from './metrics-client.ts';
import { requestsOf } from './pod-requests.ts';
import {
  forAverage,
  forShare,
  forUtilization,
  forValue,
  type Proposal,
  type Tolerances,
} from './replica-calculator.ts';
import { selectorText } from '../selector-text.ts';

export type Metric = NonNullable<HorizontalPodAutoscaler['spec']['metrics']>[number];
export type MetricStatus = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];
type Target = NonNullable<Metric['resource']>['target'];

/** What a metric is measured for. */
export interface Subject {
  readonly namespace: string;
  /** The Pods of the target: all that its selector matches. */
  readonly pods: readonly Pod[];
  readonly selector: string;
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly nowMs: number;
}

/** How many replicas a metric asks for. */
export interface MetricProposal {
  readonly replicas: number;
  /** What the metric is called in messages. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric that says nothing: why, in short for conditions and events, and as part of a longer sentence. */
export class MetricError extends Error {
  readonly reason: string;
  readonly why: string;

  constructor(reason: string, why: string, message: string) {
    super(message);
    this.reason = reason;
    this.why = why;
  }
}

const quantity = (milli: number): string => quantityOfMilli(milli).toString();

/** Runs `work`; what it throws gets a beginning. */
function withPrefix<R>(prefix: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error && !(error instanceof TypeError) ? new Error(`${prefix}: ${error.message}`) : error;
  }
}

/** Asks one metric of an autoscaler for its number of replicas. */
export class MetricProposals {
  readonly #metrics: MetricsClient;

  constructor(metrics: MetricsClient) {
    this.#metrics = metrics;
  }

  /** Throws MetricError when there is no telling. */
  of(metric: Metric, subject: Subject): MetricProposal {
    switch (metric.type) {
      case 'Resource': {
        const { name, target } = metric.resource!;
        return this.#try('FailedGetResourceMetric', `failed to get ${name} resource metric value`, () => {
          const { proposal, current } = this.#resource(name, undefined, target, subject);
          const what =
            target.averageValue === undefined ? `${name} resource utilization ${OF_REQUEST}` : `${name} resource`;
          return { replicas: proposal.replicas, name: what, status: { type: 'Resource', resource: { name, current } } };
        });
      }
      case 'ContainerResource': {
        const { name, container, target } = metric.containerResource!;
        return this.#try(
          'FailedGetContainerResourceMetric',
          `failed to get ${container} container metric value`,
          () => {
            const { proposal, current } = this.#resource(name, container, target, subject);
            const what =
              target.averageValue === undefined
                ? `${name} container resource utilization ${OF_REQUEST}`
                : `${name} resource`;
            const status: MetricStatus = { type: 'ContainerResource', containerResource: { name, container, current } };
            return { replicas: proposal.replicas, name: what, status };
          },
        );
      }
      case 'Pods':
        return this.#try('FailedGetPodsMetric', 'failed to get pods metric value', () =>
          this.#pods(metric.pods!, subject),
        );
      case 'Object':
        return this.#try('FailedGetObjectMetric', 'failed to get object metric value', () =>
          this.#object(metric.object!, subject),
        );
      case 'External':
        return this.#try(
          'FailedGetExternalMetric',
          `failed to get ${metric.external!.metric.name} external metric value`,
          () => this.#external(metric.external!, subject),
        );
      default: {
        const text = `unknown metric source type ${JSON.stringify(metric.type)}`;
        throw new MetricError('InvalidMetricSourceType', text, text);
      }
    }
  }

  #try(reason: string, prefix: string, work: () => MetricProposal): MetricProposal {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Error) || error instanceof TypeError) throw error;
      throw new MetricError(reason, error.message, `${prefix}: ${error.message}`);
    }
  }

  #resource(
    name: string,
    container: string | undefined,
    { averageValue, averageUtilization }: Target,
    subject: Subject,
  ): { readonly proposal: Proposal; readonly current: NonNullable<MetricStatus['resource']>['current'] } {
    if (averageValue === undefined && averageUtilization === undefined)
      throw new Error(
        'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
      );
    const input = { ...subject, currentReplicas: subject.specReplicas };
    return withPrefix(`failed to get ${name} ${averageValue === undefined ? 'utilization' : 'usage'}`, () => {
      const metrics = withPrefix(`unable to get metrics for resource ${name}`, () =>
        this.#metrics.resource(name, subject.namespace, subject.selector, container),
      );
      if (averageValue !== undefined) {
        const proposal = forAverage(metrics, name, milliValue(averageValue), input);
        return { proposal, current: { averageValue: quantity(proposal.usage) } };
      }
      const requests = (): ReadonlyMap<string, number> => requestsOf(subject.pods, name, container);
      const proposal = forUtilization(metrics, name, averageUtilization!, requests, input);
      const { utilization = 0, usage } = proposal;
      return { proposal, current: { averageUtilization: utilization, averageValue: quantity(usage) } };
    });
  }

  #pods({ metric, target }: NonNullable<Metric['pods']>, subject: Subject): MetricProposal {
    const metrics = withPrefix(`unable to get metric ${metric.name}`, () =>
      this.#metrics.pods(metric.name, subject.namespace, subject.selector, metric.selector),
    );
    const input = { ...subject, currentReplicas: subject.specReplicas };
    const { replicas, usage } = forAverage(metrics, undefined, milliValue(target.averageValue), input);
    const status: MetricStatus = { type: 'Pods', pods: { metric, current: { averageValue: quantity(usage) } } };
    return { replicas, name: `pods metric ${metric.name}`, status };
  }

  #object({ metric, target, describedObject }: NonNullable<Metric['object']>, subject: Subject): MetricProposal {
    const { namespace, statusReplicas, tolerances } = subject;
    const { type, value, averageValue } = target;
    const usage = (): number => {
      try {
        return this.#metrics.object(metric.name, namespace, describedObject, metric.selector);
      } catch (error) {
        // The real one has these the wrong way round.
        throw new Error(
          `unable to get metric ${metric.name}: ${describedObject.kind} on ${namespace} ${describedObject.name}/` +
            (error instanceof Error ? error.message : String(error)),
        );
      }
    };
    if (type === 'Value' && value !== undefined) {
      const proposal = forValue(usage(), milliValue(value), { ...subject, currentReplicas: subject.specReplicas });
      const current = { value: quantity(proposal.usage) };
      const status: MetricStatus = { type: 'Object', object: { describedObject, metric, current } };
      return { replicas: proposal.replicas, name: `${describedObject.kind} metric ${metric.name}`, status };
    }
    if (type === 'AverageValue' && averageValue !== undefined) {
      const shared = withPrefix(`failed to get ${metric.name} object metric`, usage);
      const proposal = forShare(shared, milliValue(averageValue), statusReplicas, tolerances);
      const current = { averageValue: quantity(proposal.usage) };
      const status: MetricStatus = { type: 'Object', object: { describedObject, metric, current } };
      return {
        replicas: proposal.replicas,
        name: `external metric ${metric.name}(${selectorText(metric.selector)})`,
        status,
      };
    }
    throw new Error('invalid object metric source: neither a value target nor an average value target was set');
  }

  #external({ metric, target }: NonNullable<Metric['external']>, subject: Subject): MetricProposal {
    const { namespace, statusReplicas, tolerances } = subject;
    const { value, averageValue } = target;
    const name = `external metric ${metric.name}(${selectorText(metric.selector)})`;
    const usage = (): number =>
      withPrefix(`unable to get external metric ${namespace}/${metric.name}/${selectorText(metric.selector)}`, () =>
        this.#metrics.external(metric.name, namespace, metric.selector).reduce((sum, each) => sum + each, 0),
      );
    if (averageValue !== undefined) {
      const shared = withPrefix(`failed to get ${metric.name} external metric`, usage);
      const proposal = forShare(shared, milliValue(averageValue), statusReplicas, tolerances);
      const current = { averageValue: quantity(proposal.usage) };
      return { replicas: proposal.replicas, name, status: { type: 'External', external: { metric, current } } };
    }
    if (value !== undefined) {
      const proposal = withPrefix(`failed to get external metric ${metric.name}`, () =>
        forValue(usage(), milliValue(value), { ...subject, currentReplicas: subject.specReplicas }),
      );
      const current = { value: quantity(proposal.usage) };
      return { replicas: proposal.replicas, name, status: { type: 'External', external: { metric, current } } };
    }
    throw new Error('invalid external metric source: neither a value target nor an average value target was set');
  }
}

const OF_REQUEST = '(percentage of request)';
