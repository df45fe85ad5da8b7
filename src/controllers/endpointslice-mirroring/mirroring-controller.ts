import { EndpointsKind } from '../../api/core/endpoints.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { EndpointSliceKind } from '../../api/discovery/endpoint-slice.ts';
import { equal } from '../../api/draft.ts';
import { keyOf, ownerReference } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { Endpoints, EndpointSlice, Service } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import type { ControlLoop } from '../control-loop.ts';
import { groupKey } from '../endpointslice/desired-endpoints.ts';
import type { SliceContent } from '../endpointslice/slice-changes.ts';
import { isNamespaceTerminating, subjectOf } from '../pod-control.ts';
import { endpointsLoop, TRIGGER_TIME } from '../services.ts';
import { MAX_ADDRESSES, mirrored } from './mirrored-slices.ts';

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const SERVICE_NAME = 'kubernetes.io/service-name';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Index of mirrored slices by the Service that they belong to. */
const BY_SERVICE = 'mirrored service';

const isMirrored = ({ metadata: { labels, annotations } }: Endpoints): boolean =>
  labels?.[SKIP] !== 'true' && annotations?.[LEADER] === undefined;

/**
 * Mirrors Endpoints that somebody wrote by hand, for a Service without a selector, to EndpointSlices: kube-proxy reads
 * nothing else. Endpoints of elections and those labelled `endpointslice.kubernetes.io/skip-mirror` are left alone.
 */
export class EndpointSliceMirroringController implements Controller {
  readonly #loop: ControlLoop;
  readonly #endpoints: SharedInformer<Endpoints>;
  readonly #services: SharedInformer<Service>;
  readonly #slices: SharedInformer<EndpointSlice>;

  constructor(context: ControllerContext) {
    const name = 'endpointslicemirroring-controller';
    this.#loop = endpointsLoop(context, name, (key) => this.#reconcile(key), 'endpoint-slice-mirroring-controller');
    const { informers } = context;
    this.#endpoints = informers.for(EndpointsKind);
    this.#services = informers.for(ServiceKind);
    this.#slices = informers.for(EndpointSliceKind);
    this.#slices.addIndex(BY_SERVICE, ({ metadata: { namespace, labels } }) =>
      labels?.[MANAGED_BY] === MANAGER ? [`${namespace}/${labels[SERVICE_NAME]}`] : [],
    );
    const { queue } = this.#loop;
    const enqueue = (endpoints: Endpoints): void => {
      if (isMirrored(endpoints)) queue.add(keyOf(endpoints));
    };
    this.#loop.on(this.#endpoints, {
      add: enqueue,
      update: (endpoints, old) => {
        if (isMirrored(endpoints) || isMirrored(old)) queue.add(keyOf(endpoints));
      },
      delete: enqueue,
    });
    const serviceCame = (service: Service): void => {
      if (!service.spec.selector) queue.add(keyOf(service));
    };
    this.#loop.on(this.#services, {
      add: serviceCame,
      update: (service, old) => {
        if (!service.spec.selector !== !old.spec.selector) queue.add(keyOf(service));
      },
      delete: serviceCame,
    });
    const sliceChanged = ({ metadata: { namespace, labels } }: EndpointSlice): void => {
      if (labels?.[MANAGED_BY] === MANAGER) queue.add(`${namespace}/${labels[SERVICE_NAME]}`);
    };
    this.#loop.on(this.#slices, { update: sliceChanged, delete: sliceChanged });
  }

  stop(): void {
    this.#loop.stop();
  }

  #reconcile(key: string): void {
    const endpoints = this.#endpoints.getByKey(key);
    const service = this.#services.getByKey(key);
    const existing = this.#slices.byIndex(BY_SERVICE, key);
    if (!endpoints || !service || service.spec.selector || !isMirrored(endpoints)) {
      for (const slice of existing) this.#delete(slice);
      return;
    }
    const { contents, invalid, beyond } = mirrored(endpoints);
    const warn = (reason: string, message: string): void =>
      this.#loop.recorder.event(subjectOf(endpoints, EndpointsKind), 'Warning', reason, message);
    if (invalid > 0)
      warn('InvalidIPAddress', `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`);
    if (beyond > 0) {
      const limit = `A max of ${MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset.`;
      warn('TooManyAddressesToMirror', `${limit} ${beyond} addresses were skipped`);
    }
    try {
      this.#write(endpoints, contents, existing);
    } catch (error) {
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  #write(endpoints: Endpoints, contents: readonly SliceContent[], existing: readonly EndpointSlice[]): void {
    const client = this.#loop.client.resource(EndpointSliceKind);
    const left = new Set(existing);
    const missing: SliceContent[] = [];
    const update = (slice: EndpointSlice, content: SliceContent): void => {
      left.delete(slice);
      const wanted = sliceOf(endpoints, content);
      const { annotations: _, ...metadata } = slice.metadata;
      const next = { ...slice, ...wanted, metadata: { ...metadata, ...wanted.metadata } } as EndpointSlice;
      if (!equal(next, slice)) client.update(next);
    };
    for (const content of contents) {
      const key = groupKey(content.addressType, content.ports);
      const slice = [...left].find(({ addressType, ports }) => groupKey(addressType, ports ?? []) === key);
      if (slice) update(slice, content);
      else missing.push(content);
    }
    for (const content of missing) {
      // Rather than deleting one slice and creating another, the one is written anew.
      const spare = [...left].find(({ addressType }) => addressType === content.addressType);
      if (spare) update(spare, content);
      else if (!endpoints.metadata.deletionTimestamp) {
        const slice = sliceOf(endpoints, content);
        client.create({ ...slice, metadata: { ...slice.metadata, generateName: `${endpoints.metadata.name}-` } });
      }
    }
    for (const slice of left) this.#delete(slice);
  }

  #delete({ metadata: { name, namespace } }: EndpointSlice): void {
    try {
      this.#loop.client.resource(EndpointSliceKind).delete(name, namespace);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}

function sliceOf(
  endpoints: Endpoints,
  { addressType, ports, endpoints: items }: SliceContent,
): Manifest<EndpointSlice> {
  const { name, namespace, labels } = endpoints.metadata;
  const { [TRIGGER_TIME]: _t, [LAST_APPLIED]: _a, ...annotations } = endpoints.metadata.annotations ?? {};
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: namespace!,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: MANAGER },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ownerReferences: [ownerReference(endpoints, EndpointsKind)],
    },
    addressType,
    ports: [...ports],
    endpoints: [...items],
  };
}
