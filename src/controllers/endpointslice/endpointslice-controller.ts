import { NodeKind } from '../../api/core/node.ts';
import { PodKind } from '../../api/core/pod.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { EndpointSliceKind } from '../../api/discovery/endpoint-slice.ts';
import { keyOf, ownerReference } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import type { ControlLoop } from '../control-loop.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating, subjectOf } from '../pod-control.ts';
import {
  endpointsLoop,
  HEADLESS_LABEL,
  isHeadless,
  onServicesAndPods,
  selectedPods,
  TRIGGER_TIME,
} from '../services.ts';
import { TriggerTimes } from '../trigger-times.ts';
import { addressTypesOf, desiredEndpoints, type Desired } from './desired-endpoints.ts';
import { sliceChanges, type SliceContent } from './slice-changes.ts';
import { SliceTracker } from './slice-tracker.ts';
import { cpuShares, ENABLED, REMOVED, sameTopology, wantsTopology, withTopologyHints } from './topology-hints.ts';
import { withTrafficHints } from './traffic-hints.ts';

const MANAGER = 'endpointslice-controller.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';

/** Index of EndpointSlices by the Service that they belong to. */
const BY_SERVICE = 'service';

/** How long to wait for the cache to show what was written last. */
const CACHE_LAG_MS = 2;

/**
 * Keeps the EndpointSlices of every Service with a selector: one endpoint for each Pod that it selects, at most a
 * hundred in a slice, with the Pod's readiness, node and zone, and hints for whom it is meant.
 */
export class EndpointSliceController implements Controller {
  readonly #loop: ControlLoop;
  readonly #services: SharedInformer<Service>;
  readonly #pods: SharedInformer<Pod>;
  readonly #nodes: SharedInformer<Node>;
  readonly #slices: SharedInformer<EndpointSlice>;
  readonly #triggers = new TriggerTimes();
  readonly #tracker = new SliceTracker();
  /** Services that have hints by their topology. */
  readonly #hinted = new Set<string>();

  constructor(context: ControllerContext) {
    this.#loop = endpointsLoop(context, 'endpointslice-controller', (key) => this.#reconcile(key));
    this.#services = context.informers.for(ServiceKind);
    this.#pods = context.informers.for(PodKind);
    this.#nodes = context.informers.for(NodeKind);
    this.#slices = context.informers.for(EndpointSliceKind);
    this.#slices.addIndex(BY_SERVICE, (slice) => {
      const key = serviceKeyOf(slice);
      return key === undefined ? [] : [key];
    });
    this.#loop.on(this.#nodes, {
      add: (node) => this.#nodeChanged(node, undefined),
      update: (node, old) => this.#nodeChanged(node, old),
      delete: (node) => this.#nodeChanged(node, undefined),
    });
    onServicesAndPods(this.#loop, this.#services, this.#pods);
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
      this.#hinted.delete(key);
      return;
    }
    const { selector, type } = service.spec;
    if (!selector || type === 'ExternalName') return;
    const existing = this.#slices.byIndex(BY_SERVICE, key).filter((slice) => !slice.metadata.deletionTimestamp);
    if (this.#tracker.isStale(key, existing)) {
      this.#loop.queue.addAfter(key, CACHE_LAG_MS);
      return;
    }
    const pods = selectedPods(service, this.#pods);
    const trigger = this.#triggers.compute(key, service, pods);
    const { groups, skipped } = this.#desired(key, service, pods);
    try {
      this.#write(key, service, existing, sliceChanges(groups, addressTypesOf(service), existing), trigger);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      const text = `Error updating Endpoint Slices for Service ${key}: ${errorText(error)}`;
      this.#tell(service, 'Warning', 'FailedToUpdateEndpointSlices', text);
      throw error;
    }
    if (skipped.length > 0)
      throw new Error(`skipping Pods of Service ${key} whose Node is not found: ${skipped.join(', ')}`);
  }

  #desired(key: string, service: Service, pods: readonly Pod[]): Desired {
    const nodeOf = (name: string): Node | undefined => this.#nodes.get(undefined, name);
    if (!wantsTopology(service)) {
      if (this.#hinted.delete(key)) this.#tell(service, 'Warning', 'TopologyAwareHintsDisabled', REMOVED);
      return desiredEndpoints(service, pods, nodeOf, (endpoint) => withTrafficHints(service, endpoint));
    }
    const plain = desiredEndpoints(service, pods, nodeOf, (endpoint) => endpoint);
    const types = addressTypesOf(service);
    const { groups, problems } = withTopologyHints(plain.groups, types, cpuShares(this.#nodes.list()));
    for (const problem of problems) this.#tell(service, 'Warning', 'TopologyAwareHintsDisabled', problem);
    if (problems.length > 0) this.#hinted.delete(key);
    else if (!this.#hinted.has(key)) {
      this.#hinted.add(key);
      this.#tell(service, 'Normal', 'TopologyAwareHintsEnabled', `${ENABLED}, addressType: ${types[0]}`);
    }
    return { groups, skipped: plain.skipped };
  }

  #tell(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(service, ServiceKind), type, reason, message);
  }

  /** The shares of the zones may be others now. */
  #nodeChanged(node: Node, old: Node | undefined): void {
    if (old && sameTopology(node, old)) return;
    for (const service of this.#services.list()) if (wantsTopology(service)) this.#loop.queue.add(keyOf(service));
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
