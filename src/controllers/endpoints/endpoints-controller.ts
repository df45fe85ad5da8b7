import { EndpointsKind } from '../../api/core/endpoints.ts';
import { PodKind } from '../../api/core/pod.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { keyOf, splitKey } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { Endpoints, Pod, Service } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import type { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating } from '../pod-control.ts';
import {
  endpointsLoop,
  HEADLESS_LABEL,
  isHeadless,
  onServicesAndPods,
  selectedPods,
  TRIGGER_TIME,
} from '../services.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { subsetsOf } from './subsets.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

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
    this.#loop = endpointsLoop(context, 'endpoint-controller', (key) => this.#reconcile(key));
    this.#services = context.informers.for(ServiceKind);
    this.#pods = context.informers.for(PodKind);
    this.#endpoints = context.informers.for(EndpointsKind);
    onServicesAndPods(this.#loop, this.#services, this.#pods);
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
    const pods = selectedPods(service, this.#pods);
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
