import { HorizontalPodAutoscalerKind } from '../../api/autoscaling/horizontal-pod-autoscaler.ts';
import { PodKind } from '../../api/core/pod.ts';
import { equal } from '../../api/draft.ts';
import { formatTime, keyOf } from '../../api/meta.ts';
import { parseQuantity } from '../../api/quantity.ts';
import { parseLabelSelector } from '../../api/selector.ts';
import type { HorizontalPodAutoscaler, Pod } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { findCondition, replaceCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { errorText, subjectOf } from '../pod-control.ts';
import { MetricError, MetricProposals, type MetricProposal, type MetricStatus } from './metric-proposals.ts';
import { RestMetrics, type MetricsClient } from './metrics-client.ts';
import type { Tolerances } from './replica-calculator.ts';
import { DOWNSCALE_STABILIZATION_SECONDS, limit, ReplicaHistory, type Limited, type Step } from './replica-history.ts';
import { ScaleTargets, type Scale, type ScaleResource } from './scale-targets.ts';

/** How often each autoscaler looks: --horizontal-pod-autoscaler-sync-period. */
const SYNC_PERIOD_MS = 15_000;

/** --horizontal-pod-autoscaler-tolerance */
const TOLERANCE = 0.1;

type Status = NonNullable<HorizontalPodAutoscaler['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** Every change waits for the next period: a queue of this kind has no other delay (podautoscaler's rate limiter). */
const EVERY_PERIOD = { when: () => SYNC_PERIOD_MS, requeues: () => 0, forget: () => {} };

/** One look at one autoscaler: what it found goes into the conditions as it goes. */
interface Sync {
  readonly key: string;
  readonly autoscaler: HorizontalPodAutoscaler;
  conditions: readonly Condition[];
  metrics: readonly MetricStatus[] | undefined;
}

/**
 * Scales targets as their metrics ask (HorizontalPodAutoscaler, autoscaling/v2): every 15 seconds each autoscaler reads
 * the scale of its target, asks every metric how many replicas it wants, takes the highest answer, holds it against
 * what was recommended in the stabilisation windows, against the rates of its policies and its bounds, and writes the
 * scale.
 *
 * Custom and external metrics come through MetricsClient; nobody serves them here.
 */
export class HorizontalPodAutoscalerController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #autoscalers: SharedInformer<HorizontalPodAutoscaler>;
  readonly #pods: SharedInformer<Pod>;
  readonly #targets: ScaleTargets;
  readonly #proposals: MetricProposals;
  readonly #histories = new Map<string, ReplicaHistory>();
  /** Selectors of the targets of all autoscalers that have been looked at. */
  readonly #selectors = new Map<string, string>();

  constructor(context: ControllerContext, metrics?: MetricsClient) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'horizontal-pod-autoscaler',
      reconcile: (key) => this.#reconcile(key),
      limiter: EVERY_PERIOD,
    });
    const { client } = this.#loop;
    this.#autoscalers = context.informers.for(HorizontalPodAutoscalerKind);
    this.#pods = context.informers.for(PodKind);
    this.#targets = new ScaleTargets(client, context);
    this.#proposals = new MetricProposals(metrics ?? new RestMetrics(client));
    this.#loop.needs(this.#pods);
    const enqueue = (autoscaler: HorizontalPodAutoscaler): void =>
      void this.#loop.queue.addRateLimited(keyOf(autoscaler));
    this.#loop.on(this.#autoscalers, {
      add: enqueue,
      update: enqueue,
      delete: (autoscaler) => {
        this.#histories.delete(keyOf(autoscaler));
        this.#selectors.delete(keyOf(autoscaler));
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #reconcile(key: string): void {
    const autoscaler = this.#autoscalers.getByKey(key);
    if (!autoscaler) return;
    this.#scale({ key, autoscaler, conditions: autoscaler.status?.conditions ?? [], metrics: undefined });
    this.#loop.queue.addRateLimited(key);
  }

  #scale(sync: Sync): void {
    const { key, autoscaler } = sync;
    const { scaleTargetRef: target, minReplicas: min = 1, maxReplicas: max } = autoscaler.spec;
    let resource: ScaleResource;
    let scale: Scale;
    try {
      resource = this.#targets.resourceOf(target);
      scale = this.#targets.get(resource, autoscaler.metadata.namespace, target.name);
    } catch (error) {
      const text = errorText(error);
      this.#warn(sync, 'FailedGetScale', text);
      const message = `the HPA controller was unable to get the target's current scale: ${text}`;
      this.#setCondition(sync, 'AbleToScale', 'False', 'FailedGetScale', message);
      this.#write(sync, { ...statusOf(autoscaler), conditions: [...sync.conditions] });
      throw error;
    }
    this.#setCondition(sync, 'AbleToScale', 'True', 'SucceededGetScale', GOT_SCALE);
    const current = scale.spec?.replicas ?? 0;
    if (!this.#histories.has(key)) this.#histories.set(key, new ReplicaHistory(current, this.#kernel.now));
    if (current === 0 && min !== 0) {
      this.#setCondition(sync, 'ScalingActive', 'False', 'ScalingDisabled', DISABLED);
      this.#finish(sync, current, 0);
    } else if (current > max) {
      this.#rescale(sync, resource, scale, max, 'Current number of replicas above Spec.MaxReplicas');
    } else if (current < min) {
      this.#rescale(sync, resource, scale, min, 'Current number of replicas below Spec.MinReplicas');
    } else {
      this.#scaleByMetrics(sync, resource, scale, { current, min, max });
    }
  }

  #scaleByMetrics(sync: Sync, resource: ScaleResource, scale: Scale, bounds: Omit<Step, 'desired'>): void {
    const { current } = bounds;
    let best: MetricProposal;
    let failure: Error | undefined;
    try {
      [best, failure] = this.#propose(sync, scale);
    } catch (error) {
      this.#finish(sync, current, sync.autoscaler.status?.desiredReplicas ?? 0);
      this.#warn(sync, 'FailedComputeMetricsReplicas', errorText(error));
      throw error;
    }
    const desired = this.#normalize(sync, { ...bounds, desired: best.replicas });
    if (desired === current) this.#finish(sync, current, current);
    else {
      const above = best.replicas > current ? `${best.name} above target` : '';
      const reason = best.replicas < current ? 'All metrics below target' : above;
      this.#rescale(sync, resource, scale, desired, reason);
    }
    if (failure) throw failure;
  }

  /** The highest proposal; with it what was wrong with metrics that made none. Throws when nothing can be said. */
  #propose(sync: Sync, scale: Scale): [MetricProposal, Error | undefined] {
    const { metrics = [], behavior } = sync.autoscaler.spec;
    const { namespace = '' } = sync.autoscaler.metadata;
    const { selector, pods } = this.#selected(sync, scale);
    const specReplicas = scale.spec?.replicas ?? 0;
    const tolerances: Tolerances = {
      scaleUp: toleranceOf(behavior?.scaleUp?.tolerance),
      scaleDown: toleranceOf(behavior?.scaleDown?.tolerance),
    };
    const subject = {
      namespace,
      pods,
      selector,
      specReplicas,
      statusReplicas: scale.status?.replicas ?? 0,
      tolerances,
      nowMs: this.#kernel.now,
    };
    const failures: MetricError[] = [];
    const statuses: MetricStatus[] = [];
    let best: MetricProposal | undefined;
    for (const metric of metrics) {
      try {
        const proposal = this.#proposals.of(metric, subject);
        statuses.push(proposal.status);
        if (!best || best.replicas === 0 || proposal.replicas > best.replicas) best = proposal;
      } catch (error) {
        if (!(error instanceof MetricError)) throw error;
        this.#warn(sync, error.reason, error.why);
        failures.push(error);
        statuses.push(NO_STATUS);
      }
    }
    sync.metrics = statuses;
    const [first] = failures;
    const failure =
      first &&
      new Error(
        `invalid metrics (${failures.length} invalid out of ${metrics.length}), first error is: ${first.message}`,
      );
    if (first && (!best || best.replicas < specReplicas)) {
      const message = `the HPA was unable to compute the replica count: ${first.why}`;
      this.#setCondition(sync, 'ScalingActive', 'False', first.reason, message);
      throw failure!;
    }
    const message = `the HPA was able to successfully calculate a replica count from ${best?.name ?? ''}`;
    this.#setCondition(sync, 'ScalingActive', 'True', 'ValidMetricFound', message);
    return [best!, failure];
  }

  /** The Pods of the target, which must be nobody else's. */
  #selected(sync: Sync, scale: Scale): { readonly selector: string; readonly pods: readonly Pod[] } {
    const { key, autoscaler } = sync;
    const { namespace = '' } = autoscaler.metadata;
    const selector = scale.status?.selector ?? '';
    if (selector === '') {
      this.#warn(sync, 'SelectorRequired', 'selector is required');
      this.#setCondition(
        sync,
        'ScalingActive',
        'False',
        'InvalidSelector',
        "the HPA target's scale is missing a selector",
      );
      throw new Error('selector is required');
    }
    this.#selectors.set(key, selector);
    const matcher = parseLabelSelector(selector);
    const pods = this.#pods.list(namespace).filter(({ metadata }) => matcher.matches(metadata.labels));
    const others = [...this.#selectors]
      .filter(([other, text]) => {
        if (!other.startsWith(`${namespace}/`)) return false;
        const theirs = parseLabelSelector(text);
        return pods.some(({ metadata }) => theirs.matches(metadata.labels));
      })
      .map(([other]) => `{${other.slice(namespace.length + 1)} ${namespace}}`);
    if (others.length > 1) {
      const text = `pods by selector ${selector} are controlled by multiple HPAs: [${others.join(' ')}]`;
      this.#warn(sync, 'AmbiguousSelector', text);
      this.#setCondition(sync, 'ScalingActive', 'False', 'AmbiguousSelector', text);
      throw new Error(text);
    }
    return { selector, pods };
  }

  /** What of a recommendation may be done now. */
  #normalize(sync: Sync, step: Step): number {
    const { behavior } = sync.autoscaler.spec;
    const history = this.#histories.get(sync.key)!;
    const { now } = this.#kernel;
    const up = { ...behavior?.scaleUp };
    const down = {
      ...behavior?.scaleDown,
      stabilizationWindowSeconds: behavior?.scaleDown?.stabilizationWindowSeconds ?? DOWNSCALE_STABILIZATION_SECONDS,
    };
    const stable = behavior ? history.stabilizeBy(up, down, step, now) : history.stabilize(step.desired, now);
    if (stable.replicas === step.desired)
      this.#setCondition(sync, 'AbleToScale', 'True', 'ReadyForNewScale', 'recommended size matches current size');
    else this.#setCondition(sync, 'AbleToScale', 'True', stable.reason, stable.message);
    const next = { ...step, desired: stable.replicas };
    const limited: Limited = behavior ? history.limitBy(up, down, next, now) : limit(next);
    const held = limited.replicas !== stable.replicas;
    this.#setCondition(sync, 'ScalingLimited', held ? 'True' : 'False', limited.reason, limited.message);
    return limited.replicas;
  }

  #rescale(sync: Sync, resource: ScaleResource, scale: Scale, replicas: number, reason: string): void {
    const current = scale.spec?.replicas ?? 0;
    try {
      this.#targets.update(resource, scale, replicas);
    } catch (error) {
      const text = errorText(error);
      this.#warn(sync, 'FailedRescale', `New size: ${replicas}; reason: ${reason}; error: ${text}`);
      const message = `the HPA controller was unable to update the target scale: ${text}`;
      this.#setCondition(sync, 'AbleToScale', 'False', 'FailedUpdateScale', message);
      this.#finish(sync, current, sync.autoscaler.status?.desiredReplicas ?? 0);
      throw error;
    }
    const message = `the HPA controller was able to update the target scale to ${replicas}`;
    this.#setCondition(sync, 'AbleToScale', 'True', 'SucceededRescale', message);
    const subject = subjectOf(sync.autoscaler, HorizontalPodAutoscalerKind);
    this.#loop.recorder.event(subject, 'Normal', 'SuccessfulRescale', `New size: ${replicas}; reason: ${reason}`);
    this.#histories.get(sync.key)!.scaled(current, replicas, this.#kernel.now);
    this.#finish(sync, current, replicas, formatTime(this.#kernel.now));
  }

  #warn({ autoscaler }: Sync, reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(autoscaler, HorizontalPodAutoscalerKind), 'Warning', reason, message);
  }

  #setCondition(sync: Sync, type: string, status: 'True' | 'False', reason: string, message: string): void {
    const old = findCondition(sync.conditions, type);
    const lastTransitionTime = old?.status === status ? old.lastTransitionTime : undefined;
    sync.conditions = replaceCondition(sync.conditions, {
      type,
      status,
      lastTransitionTime: lastTransitionTime ?? formatTime(this.#kernel.now),
      reason,
      message,
    });
  }

  #finish(sync: Sync, current: number, desired: number, scaled?: string): void {
    const lastScaleTime = scaled ?? sync.autoscaler.status?.lastScaleTime;
    this.#write(sync, {
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(current > 0 ? { currentReplicas: current } : {}),
      desiredReplicas: desired,
      currentMetrics: (sync.metrics ?? null) as MetricStatus[],
      conditions: [...sync.conditions],
    });
  }

  #write({ autoscaler }: Sync, status: Status): void {
    if (equal(autoscaler.status, status)) return;
    try {
      this.#loop.client.resource(HorizontalPodAutoscalerKind).updateStatus({ ...autoscaler, status });
    } catch (error) {
      const subject = subjectOf(autoscaler, HorizontalPodAutoscalerKind);
      this.#loop.recorder.event(subject, 'Warning', 'FailedUpdateStatus', errorText(error));
      throw error;
    }
  }
}

const GOT_SCALE = "the HPA controller was able to get the target's current scale";
const DISABLED = 'scaling is disabled since the replica count of the target is zero';

/** What stands in the list for a metric that says nothing. */
const NO_STATUS: MetricStatus = { type: '' as MetricStatus['type'] };

const toleranceOf = (tolerance: string | number | undefined): number =>
  tolerance === undefined ? TOLERANCE : parseQuantity(tolerance).asNumber();

const statusOf = ({ status }: HorizontalPodAutoscaler): Status =>
  status ?? { desiredReplicas: 0, currentMetrics: null as unknown as MetricStatus[] };
