import { PodKind } from '../api/core/pod.ts';
import type { Kind } from '../api/kind.ts';
import { controllerOf, keyOf } from '../api/meta.ts';
import type { KubeObject, OwnerReference } from '../api/object.ts';
import { matcherOf } from '../api/selector.ts';
import type { LabelSelector, Pod } from '../api/types.ts';
import type { Client, SharedInformer } from '../client/index.ts';
import { Claims } from './claims.ts';
import type { ControlLoop } from './control-loop.ts';
import { equal } from '../api/draft.ts';
import { indexPodsByController, orphanPods, podsOfController } from './pods.ts';

/** An owner of Pods that selects them by labels. */
type Selecting = KubeObject & { readonly spec: { readonly selector?: LabelSelector } };

interface OwnedPodsOptions<O extends Selecting> {
  readonly loop: ControlLoop;
  readonly pods: SharedInformer<Pod>;
  readonly owners: SharedInformer<O>;
  readonly kind: Kind<O>;
  /** Put on Pods that are adopted. */
  readonly finalizer?: string;
  /** Puts an owner into the queue, where that is not to be at once. */
  readonly wake?: (ownerKey: string) => void;
  /** A Pod that the owner created has been seen. */
  readonly created?: (ownerKey: string, pod: Pod) => void;
  /** A Pod of the owner is being deleted or gone. */
  readonly deleted?: (ownerKey: string, podKey: string) => void;
  /** A Pod of the owner has changed. */
  readonly changed?: (owner: O, pod: Pod, old: Pod) => void;
}

/** Puts an owner into the queue whenever one of its Pods, or a Pod that it may adopt, changes. */
export class OwnedPods<O extends Selecting> {
  readonly #options: OwnedPodsOptions<O>;
  readonly #wake: (ownerKey: string) => void;

  constructor(options: OwnedPodsOptions<O>) {
    this.#options = options;
    const { loop, pods } = options;
    this.#wake = options.wake ?? ((key) => loop.queue.add(key));
    indexPodsByController(pods);
    loop.on(pods, {
      add: (pod) => (pod.metadata.deletionTimestamp === undefined ? this.#added(pod) : this.#deleted(pod)),
      update: (pod, old) => this.#updated(pod, old),
      delete: (pod) => this.#deleted(pod),
    });
  }

  /** The Pods that name the owner as their controller. */
  of({ metadata: { uid = '' } }: O): Pod[] {
    return [...podsOfController(this.#options.pods, uid).values()];
  }

  /** The owner's Pods after adopting and releasing. */
  claim(owner: O, client: Client, may: (pod: Pod) => boolean = () => true): Pod[] {
    const { pods, kind, finalizer } = this.#options;
    const matcher = matcherOf(owner.spec.selector);
    const finalizers = finalizer === undefined ? [] : [finalizer];
    const claims = new Claims({ client, owner, ownerKind: kind, kind: PodKind, matcher, finalizers });
    const candidates = [
      ...podsOfController(pods, owner.metadata.uid ?? '').values(),
      ...orphanPods(pods, owner.metadata.namespace ?? '').values(),
    ];
    return candidates.filter((pod) => may(pod) && claims.claim(pod));
  }

  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): O | undefined {
    if (reference?.kind !== this.#options.kind.kind) return undefined;
    const owner = this.#options.owners.get(namespace, reference.name);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #enqueueAdopters(pod: Pod): void {
    const { labels, namespace } = pod.metadata;
    if (!labels) return;
    for (const owner of this.#options.owners.list(namespace)) {
      if (matcherOf(owner.spec.selector).matches(labels)) this.#wake(keyOf(owner));
    }
  }

  #added(pod: Pod): void {
    const controller = controllerOf(pod);
    if (!controller) {
      this.#enqueueAdopters(pod);
      return;
    }
    const owner = this.#resolve(pod.metadata.namespace, controller);
    if (!owner) return;
    this.#options.created?.(keyOf(owner), pod);
    this.#wake(keyOf(owner));
  }

  #updated(pod: Pod, old: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#deleted(pod);
      return;
    }
    const { namespace } = pod.metadata;
    const [controller, before] = [controllerOf(pod), controllerOf(old)];
    const ownerChanged = controller?.uid !== before?.uid;
    if (ownerChanged) {
      const former = this.#resolve(namespace, before);
      if (former) this.#wake(keyOf(former));
    }
    const owner = this.#resolve(namespace, controller);
    if (owner) {
      this.#wake(keyOf(owner));
      this.#options.changed?.(owner, pod, old);
    } else if (!controller && (ownerChanged || !equal(pod.metadata.labels, old.metadata.labels))) {
      this.#enqueueAdopters(pod);
    }
  }

  #deleted(pod: Pod): void {
    const owner = this.#resolve(pod.metadata.namespace, controllerOf(pod));
    if (!owner) return;
    this.#options.deleted?.(keyOf(owner), keyOf(pod));
    this.#wake(keyOf(owner));
  }
}
