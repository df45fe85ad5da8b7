import { NodeKind } from '../../api/core/node.ts';
import { ServiceKind } from '../../api/core/service.ts';
import { equal } from '../../api/draft.ts';
import { keyOf } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { Node, Service } from '../../api/types.ts';
import { ExponentialLimiter, type SharedInformer } from '../../client/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { ControlLoop } from '../control-loop.ts';
import { errorText, subjectOf } from '../pod-control.ts';
import type { LoadBalancers } from './load-balancers.ts';

const FINALIZER = 'service.kubernetes.io/load-balancer-cleanup';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const RETRY_FIRST_MS = 5_000;
const RETRY_LAST_MS = 300_000;

type Ingress = NonNullable<NonNullable<NonNullable<Service['status']>['loadBalancer']>['ingress']>;

/** A load balancer of this cloud's is asked for: of the type, and not of a class that somebody else cares for. */
const wantsLoadBalancer = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;

const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(FINALIZER) ?? false;

const mayServe = ({ metadata, spec }: Node): boolean =>
  metadata.labels?.[EXCLUDED] === undefined &&
  metadata.deletionTimestamp === undefined &&
  !spec.taints?.some(({ key }) => key === 'ToBeDeletedByClusterAutoscaler');

/**
 * The service controller of a cloud-controller-manager: gives Services of type LoadBalancer an address from outside, and
 * holds them by a finalizer until the load balancer is gone again. What a load balancer is, the cloud knows.
 */
export class ServiceController implements Controller {
  readonly #loop: ControlLoop;
  readonly #services: SharedInformer<Service>;
  readonly #nodes: SharedInformer<Node>;
  readonly #balancers: LoadBalancers;

  constructor(context: ControllerContext, balancers: LoadBalancers) {
    this.#balancers = balancers;
    this.#loop = new ControlLoop({
      context,
      name: 'service-controller',
      reconcile: (key) => this.#reconcile(key),
      limiter: new ExponentialLimiter(RETRY_FIRST_MS, RETRY_LAST_MS),
    });
    this.#services = context.informers.for(ServiceKind);
    this.#nodes = context.informers.for(NodeKind);
    const { queue } = this.#loop;
    this.#loop.on(this.#services, {
      add: (service) => {
        if (wantsLoadBalancer(service) || hasFinalizer(service)) queue.add(keyOf(service));
      },
      update: (service, old) => {
        if (this.#changed(service, old)) queue.add(keyOf(service));
      },
      delete: (service) => queue.add(keyOf(service)),
    });
    const nodesChanged = (): void => {
      for (const service of this.#services.list()) if (wantsLoadBalancer(service)) queue.add(keyOf(service));
    };
    this.#loop.on(this.#nodes, {
      add: nodesChanged,
      update: (node, old) => {
        if (mayServe(node) !== mayServe(old)) nodesChanged();
      },
      delete: nodesChanged,
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #changed(service: Service, old: Service): boolean {
    const wants = wantsLoadBalancer(service);
    if (wants !== wantsLoadBalancer(old)) {
      this.#tell(service, 'Normal', 'Type', `${old.spec.type} -> ${service.spec.type}`);
      return true;
    }
    if (service.metadata.deletionTimestamp) return hasFinalizer(service);
    return wants && (!equal(service.spec, old.spec) || !equal(service.metadata.annotations, old.metadata.annotations));
  }

  #tell(service: Service, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(service, ServiceKind), type, reason, message);
  }

  #reconcile(key: string): void {
    const service = this.#services.getByKey(key);
    if (!service) {
      this.#balancers.remove(key);
      return;
    }
    if (service.metadata.deletionTimestamp || !wantsLoadBalancer(service)) this.#cleanUp(key, service);
    else this.#ensure(key, service);
  }

  #ensure(key: string, service: Service): void {
    this.#tell(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    try {
      const held = hasFinalizer(service)
        ? service
        : this.#patch(service, [...(service.metadata.finalizers ?? []), FINALIZER]);
      if (!this.#nodes.list().some(mayServe)) {
        this.#tell(service, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
      }
      this.#writeIngress(held, this.#balancers.ensure(key, service));
    } catch (error) {
      const text = `Error syncing load balancer: failed to ensure load balancer: ${errorText(error)}`;
      this.#tell(service, 'Warning', 'SyncLoadBalancerFailed', text);
      throw error;
    }
    this.#tell(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
  }

  #cleanUp(key: string, service: Service): void {
    if (!hasFinalizer(service)) return;
    this.#tell(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    this.#balancers.remove(key);
    this.#writeIngress(service, []);
    this.#patch(service, service.metadata.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? []);
    this.#tell(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  #writeIngress(service: Service, ingress: Ingress): void {
    if (equal(service.status?.loadBalancer?.ingress ?? [], ingress)) return;
    this.#patchStatus(service, { status: { loadBalancer: { ingress: ingress.length > 0 ? ingress : null } } });
  }

  /** Finalizers are written by way of the status, which is all that the role of this controller allows. */
  #patch(service: Service, finalizers: readonly string[]): Service {
    return this.#patchStatus(service, { metadata: { finalizers: finalizers.length > 0 ? finalizers : null } });
  }

  #patchStatus(service: Service, patch: object): Service {
    const { name, namespace } = service.metadata;
    try {
      return this.#loop.client.resource(ServiceKind).patch(name, namespace, 'merge', patch, { subresource: 'status' });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return service;
      throw error;
    }
  }
}
