import { ResourceQuotaKind } from '../api/core/resource-quota.ts';
import { equal } from '../api/draft.ts';
import { groupResource, type Kind } from '../api/kind.ts';
import { keyOf } from '../api/meta.ts';
import type { UntypedObject } from '../api/object.ts';
import { parseQuantity, type Quantity } from '../api/quantity.ts';
import { inScope } from '../api/quota/scopes.ts';
import { concerns, usageOf } from '../api/quota/usage.ts';
import type { Pod, ResourceQuota } from '../api/types.ts';
import type { SharedInformer } from '../client/index.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { isPodFinished } from './pods.ts';

const NAME = 'resourcequota-controller';

/** Whether a quota limits objects of kinds that may come and go. */
const namesKinds = ({ spec }: ResourceQuota): boolean =>
  Object.keys(spec?.hard ?? {}).some((name) => name.startsWith('count/') && name.includes('.'));

const canBeCounted = ({ namespaced, verbs, group }: Kind): boolean =>
  namespaced &&
  group !== 'events.k8s.io' &&
  (verbs === undefined || (verbs.includes('list') && verbs.includes('watch')));

/**
 * Keeps status.hard and status.used of ResourceQuotas right: admission adds what is created, this counts anew when a
 * quota changes or something that it counts goes away. The real one watches every kind; ours those that a quota names.
 */
export class ResourceQuotaController implements Controller {
  readonly #context: ControllerContext;
  readonly #loop: ControlLoop;
  readonly #quotas: SharedInformer<ResourceQuota>;
  /** The informers that are listened to, by the group and plural name of their kind. */
  readonly #watched = new Map<string, SharedInformer<UntypedObject>>();

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#quotas = context.informers.for(ResourceQuotaKind);
    this.#loop = new ControlLoop({ context, name: NAME, reconcile: (key) => this.#sync(key) });
    const enqueue = (quota: ResourceQuota): void => this.#loop.queue.add(keyOf(quota));
    this.#loop.on(this.#quotas, {
      add: enqueue,
      update: (quota, old) => {
        if (!equal(quota.spec, old.spec)) enqueue(quota);
      },
    });
    const { onKindsChange } = context;
    if (onKindsChange)
      this.#loop.onStop(
        onKindsChange(() => {
          for (const quota of this.#quotas.list()) if (namesKinds(quota)) enqueue(quota);
        }),
      );
  }

  stop(): void {
    this.#loop.stop();
  }

  #sync(key: string): void {
    const quota = this.#quotas.getByKey(key);
    if (!quota) return;
    const hard = quota.spec?.hard ?? {};
    const kinds = this.#context.kinds.filter(
      (kind) => canBeCounted(kind) && Object.keys(hard).some((name) => concerns(kind, name)),
    );
    for (const kind of kinds) this.#watch(kind);
    if (!this.#loop.hasSynced()) {
      this.#loop.queue.addRateLimited(key);
      return;
    }
    const used = this.#count(quota, kinds);
    const status = { hard, used };
    if (equal(quota.status ?? {}, status)) return;
    this.#loop.client.resource(ResourceQuotaKind).updateStatus({ ...quota, status });
  }

  #count(quota: ResourceQuota, kinds: readonly Kind[]): Record<string, string> {
    const totals = new Map<string, Quantity>(
      Object.keys(quota.spec?.hard ?? {})
        .sort()
        .map((name) => [name, parseQuantity('0')]),
    );
    for (const kind of kinds)
      for (const object of this.#context.informers.for(kind).list(quota.metadata.namespace)) {
        if (!inScope(quota, kind, object)) continue;
        const usage = usageOf(kind, object, this.#context.kernel.now);
        for (const name in usage) {
          const total = totals.get(name);
          if (total) totals.set(name, total.add(usage[name]!));
        }
      }
    return Object.fromEntries([...totals].map(([name, total]) => [name, total.toString()]));
  }

  /** Counts anew when an object of a kind goes away, or a Pod ends. */
  #watch(kind: Kind): void {
    const key = groupResource(kind);
    const informer = this.#context.informers.for(kind);
    // A kind that was away has another informer.
    if (this.#watched.get(key) === informer) return;
    this.#watched.set(key, informer);
    const recount = ({ metadata }: UntypedObject): void => {
      for (const quota of this.#quotas.list(metadata.namespace)) this.#loop.queue.add(keyOf(quota));
    };
    const ends = (object: UntypedObject, old: UntypedObject): boolean =>
      kind.kind === 'Pod' && isPodFinished(object as unknown as Pod) && !isPodFinished(old as unknown as Pod);
    this.#loop.on(informer, {
      delete: recount,
      update: (object, old) => {
        if (ends(object, old) || kind.kind === 'Service') recount(object);
      },
    });
  }
}
