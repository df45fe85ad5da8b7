import { NodeKind } from '../../api/core/node.ts';
import { PodKind } from '../../api/core/pod.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { EndpointSliceKind } from '../../api/discovery/endpoint-slice.ts';
import { keyOf, ownerReference } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { matcherOfSet } from '../../api/selector.ts';
import { hasReason } from '../../api/status.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/types.ts';
import { ExponentialLimiter, type SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating, subjectOf } from '../pod-control.ts';
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
import { addressTypesOf, desiredEndpoints } from './desired-endpoints.ts';
import { sliceChanges, type SliceContent } from './slice-changes.ts';
import { SliceTracker } from './slice-tracker.ts';

const MANAGER = 'endpointslice-controller.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';

/** Index of EndpointSlices by the Service that they belong to. */
const BY_SERVICE = 'service';

/** Delays between attempts: the first and the longest. */
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 1_000_000;
const MAX_RETRIES = 15;

/** How long to wait for the cache to show what was written last. */
const CACHE_LAG_MS = 2;

/**
 * Keeps the EndpointSlices of every Service with a selector: one endpoint for each Pod that it selects, at most a
 * hundred in a slice, with the Pod's readiness, node and zone.
 *
 * Not here yet: topology hints (trafficDistribution) and the mirroring of hand-made Endpoints.
 */
export class EndpointSliceController implements Controller {
  readonly #loop: ControlLoop;
  readonly #services: SharedInformer<Service>;
  readonly #pods: SharedInformer<Pod>;
  readonly #nodes: SharedInformer<Node>;
  readonly #slices: SharedInformer<EndpointSlice>;
  readonly #triggers = new TriggerTimes();
  readonly #tracker = new SliceTracker();

  constructor(context: ControllerContext) {
    this.#loop = new ControlLoop({
      context,
      name: 'endpointslice-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => ENDPOINTS_BUSY_MS,
      maxRetries: MAX_RETRIES,
      limiter: new ExponentialLimiter(RETRY_FIRST_MS, RETRY_LAST_MS),
    });
    this.#services = context.informers.for(ServiceKind);
    this.#pods = context.informers.for(PodKind);
    this.#nodes = context.informers.for(NodeKind);
    this.#slices = context.informers.for(EndpointSliceKind);
    this.#slices.addIndex(BY_SERVICE, (slice) => {
      const key = serviceKeyOf(slice);
      return key === undefined ? [] : [key];
    });
    this.#loop.needs(this.#nodes);
    const enqueue = (service: Service): void => this.#loop.queue.add(keyOf(service));
    this.#loop.on(this.#services, { add: enqueue, update: enqueue, delete: enqueue });
    this.#loop.on(this.#pods, {
      add: (pod) => this.#enqueueAll(servicesOf(this.#services, pod)),
      update: (pod, old) => {
        if (labelsChanged(pod, old)) this.#enqueueAll(servicesOf(this.#services, pod, old));
        else if (endpointChanged(pod, old)) this.#enqueueAll(servicesOf(this.#services, pod));
      },
      delete: (pod) => this.#enqueueAll(servicesOf(this.#services, pod)),
    });
    const sliceChanged = (slice: EndpointSlice): void => this.#sliceChanged(slice);
    this.#loop.on(this.#slices, {
      add: sliceChanged,
      update: sliceChanged,
      delete: (slice) => {
        const key = serviceKeyOf(slice);
        if (key !== undefined && !this.#tracker.deleted(key, slice)) this.#loop.queue.add(key);
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #enqueueAll(keys: Iterable<string>): void {
    for (const key of keys) this.#loop.queue.add(key);
  }

  /** Somebody else wrote a slice of ours: put it right. */
  #sliceChanged(slice: EndpointSlice): void {
    const key = serviceKeyOf(slice);
    if (key !== undefined && !this.#tracker.wrote(key, slice)) this.#loop.queue.add(key);
  }

  #reconcile(key: string): void {
    const service = this.#services.getByKey(key);
    if (!service) {
      this.#triggers.forget(key);
      this.#tracker.forget(key);
      return;
    }
    const { selector, type } = service.spec;
    if (!selector || type === 'ExternalName') return;
    const existing = this.#slices.byIndex(BY_SERVICE, key).filter((slice) => !slice.metadata.deletionTimestamp);
    if (this.#tracker.isStale(key, existing)) {
      this.#loop.queue.addAfter(key, CACHE_LAG_MS);
      return;
    }
    const selects = remembering(matcherOfSet(selector));
    const pods = this.#pods.list(service.metadata.namespace).filter((pod) => selects(pod.metadata.labels));
    const trigger = this.#triggers.compute(key, service, pods);
    const { groups, skipped } = desiredEndpoints(service, pods, (node) => this.#nodes.get(undefined, node));
    try {
      this.#write(key, service, existing, sliceChanges(groups, addressTypesOf(service), existing), trigger);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const { namespace, name } = service.metadata;
      this.#loop.recorder.event(
        subjectOf(service, ServiceKind),
        'Warning',
        'FailedToUpdateEndpointSlices',
        `Error updating Endpoint Slices for Service ${namespace}/${name}: ${errorText(error)}`,
      );
      throw error;
    }
    if (skipped.length > 0)
      throw new Error(`skipping Pods of Service ${key} whose Node is not found: ${skipped.join(', ')}`);
  }

  #write(
    key: string,
    service: Service,
    existing: readonly EndpointSlice[],
    { create, update, remove }: ReturnType<typeof sliceChanges>,
    trigger: string | undefined,
  ): void {
    const client = this.#loop.client.resource(EndpointSliceKind);
    const labels = labelsOf(service);
    for (const content of create) {
      this.#tracker.written(key, client.create(newSlice(service, labels, content, trigger)));
    }
    for (const { slice, content } of update)
      this.#tracker.written(key, client.update(revised(slice, labels, content, trigger)));
    // Slices whose endpoints stay may still carry labels of a former version of the Service.
    const touched = new Set<EndpointSlice>([...update.map(({ slice }) => slice), ...remove]);
    for (const slice of existing) {
      if (touched.has(slice) || equal(slice.metadata.labels, labels)) continue;
      this.#tracker.written(key, client.update({ ...slice, metadata: { ...slice.metadata, labels } }));
    }
    for (const slice of remove) {
      try {
        client.delete(slice.metadata.name, slice.metadata.namespace);
      } catch (error) {
        if (!hasReason(error, 'NotFound')) throw error;
      }
      this.#tracker.expectDeletion(key, slice);
    }
  }
}

/** The Service of a slice that this controller manages. */
function serviceKeyOf({ metadata }: EndpointSlice): string | undefined {
  const service = metadata.labels?.[SERVICE_NAME];
  return service && metadata.labels?.[MANAGED_BY] === MANAGER ? `${metadata.namespace}/${service}` : undefined;
}

function labelsOf(service: Service): Record<string, string> {
  const { [HEADLESS_LABEL]: _, ...labels } = service.metadata.labels ?? {};
  return {
    ...labels,
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
    [SERVICE_NAME]: service.metadata.name,
    [MANAGED_BY]: MANAGER,
  };
}

const contentFields = ({ ports, endpoints }: SliceContent): Pick<EndpointSlice, 'ports' | 'endpoints'> => ({
  ports: [...ports],
  endpoints: [...endpoints],
});

function newSlice(
  service: Service,
  labels: Record<string, string>,
  content: SliceContent,
  trigger: string | undefined,
): Manifest<EndpointSlice> {
  const { name, namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      namespace: namespace!,
      labels,
      ...(trigger === undefined ? {} : { annotations: { [TRIGGER_TIME]: trigger } }),
      ownerReferences: [ownerReference(service, ServiceKind)],
    },
    addressType: content.addressType,
    ...contentFields(content),
  };
}

function revised(
  slice: EndpointSlice,
  labels: Record<string, string>,
  content: SliceContent,
  trigger: string | undefined,
): EndpointSlice {
  const { annotations: before = {}, ...metadata } = slice.metadata;
  const { [TRIGGER_TIME]: _, ...others } = before;
  const annotations = trigger === undefined ? others : { ...others, [TRIGGER_TIME]: trigger };
  return {
    ...slice,
    metadata: { ...metadata, labels, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
    ...contentFields(content),
  };
}
