import { EndpointsKind } from '../../api/core/endpoints.ts';
import { PodKind } from '../../api/core/pod.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { keyOf, splitKey } from '../../api/meta.ts';
import { matcherOfSet } from '../../api/selector.ts';
import { hasReason } from '../../api/status.ts';
import type { Endpoints, Pod, Service } from '../../api/types.ts';
import { ExponentialLimiter, type SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating } from '../pod-control.ts';
import {
  endpointChanged,
  ENDPOINTS_BUSY_MS,
  HEADLESS_LABEL,
  isHeadless,
  labelsChanged,
  servicesOf,
  TRIGGER_TIME,
} from '../services.ts';
import { remembering } from '../selection-memo.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { subsetsOf } from './subsets.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 1_000_000;
const MAX_RETRIES = 15;

/**
 * Keeps the older Endpoints object of every Service with a selector, for clients that do not read EndpointSlices.
 *
 * Ours knows one address family, and has no handling of Endpoints left over by Services of other controllers.
 */
export class EndpointsController implements Controller {
  readonly #loop: ControlLoop;
  readonly #services: SharedInformer<Service>;
  readonly #pods: SharedInformer<Pod>;
  readonly #endpoints: SharedInformer<Endpoints>;
  readonly #triggers = new TriggerTimes();

  constructor(context: ControllerContext) {
    this.#loop = new ControlLoop({
      context,
      name: 'endpoint-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => ENDPOINTS_BUSY_MS,
      maxRetries: MAX_RETRIES,
      limiter: new ExponentialLimiter(RETRY_FIRST_MS, RETRY_LAST_MS),
    });
    this.#services = context.informers.for(ServiceKind);
    this.#pods = context.informers.for(PodKind);
    this.#endpoints = context.informers.for(EndpointsKind);
    const enqueue = (service: Service): void => this.#loop.queue.add(keyOf(service));
    const enqueueAll = (...pods: Pod[]): void => {
      for (const key of servicesOf(this.#services, ...pods)) this.#loop.queue.add(key);
    };
    this.#loop.on(this.#services, { add: enqueue, update: enqueue, delete: enqueue });
    this.#loop.on(this.#pods, {
      add: (pod) => enqueueAll(pod),
      update: (pod, old) => {
        if (labelsChanged(pod, old)) enqueueAll(pod, old);
        else if (endpointChanged(pod, old)) enqueueAll(pod);
      },
      delete: (pod) => enqueueAll(pod),
    });
    this.#loop.on(this.#endpoints, { delete: (endpoints) => this.#loop.queue.add(keyOf(endpoints)) });
  }

  stop(): void {
    this.#loop.stop();
  }

  #reconcile(key: string): void {
    const client = this.#loop.client.resource(EndpointsKind);
    const service = this.#services.getByKey(key);
    if (!service) {
      this.#triggers.forget(key);
      const { namespace, name } = splitKey(key);
      if (this.#endpoints.getByKey(key)) ignoreMissing(() => client.delete(name, namespace));
      return;
    }
    const { selector, type } = service.spec;
    if (!selector || type === 'ExternalName') return;
    const selects = remembering(matcherOfSet(selector));
    const pods = this.#pods.list(service.metadata.namespace).filter((pod) => selects(pod.metadata.labels));
    const trigger = this.#triggers.compute(key, service, pods);
    const { subsets, truncated } = subsetsOf(service, pods);
    const current = this.#endpoints.getByKey(key);
    const labels = labelsOf(service);
    const marked = current?.metadata.annotations?.[OVER_CAPACITY] !== undefined;
    if (
      current &&
      equal(current.subsets ?? [], subsets) &&
      equal(current.metadata.labels, labels) &&
      marked === truncated
    ) {
      return;
    }
    const { [TRIGGER_TIME]: _, [OVER_CAPACITY]: __, ...others } = current?.metadata.annotations ?? {};
    const annotations = {
      ...others,
      ...(trigger === undefined ? {} : { [TRIGGER_TIME]: trigger }),
      ...(truncated ? { [OVER_CAPACITY]: 'truncated' } : {}),
    };
    const { name, namespace } = service.metadata;
    const { annotations: ___, ...metadata } = current?.metadata ?? { name, namespace: namespace! };
    const next: Endpoints = {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { ...metadata, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      ...(subsets.length > 0 ? { subsets } : {}),
    };
    try {
      if (current) client.update(next);
      else client.create(next);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const verb = current ? 'update' : 'create';
      this.#loop.recorder.event(
        { apiVersion: 'v1', kind: 'Endpoints', metadata: next.metadata },
        'Warning',
        current ? 'FailedToUpdateEndpoint' : 'FailedToCreateEndpoint',
        `Failed to ${verb} endpoint ${namespace}/${name}: ${errorText(error)}`,
      );
      throw error;
    }
  }
}

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
    [MANAGED_BY]: 'endpoint-controller',
  };
}

function ignoreMissing(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!hasReason(error, 'NotFound')) throw error;
  }
}
