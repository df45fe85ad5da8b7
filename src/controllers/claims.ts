import { controllerOf, ownerReference } from '../api/meta.ts';
import type { Kind } from '../api/kind.ts';
import type { LabelMatcher } from '../api/selector.ts';
import type { KubeObject } from '../api/object.ts';
import { hasReason } from '../api/status.ts';
import type { Client, ResourceClient } from '../client/index.ts';

export interface ClaimOptions<O extends KubeObject, T extends KubeObject> {
  readonly client: Client;
  readonly owner: O;
  readonly ownerKind: Kind<O>;
  readonly kind: Kind<T>;
  readonly matcher: LabelMatcher;
  /** Put on what is adopted. */
  readonly finalizers?: readonly string[];
}

/**
 * Decides which objects belong to an owner (client-go's controller reference managers): what it owns and selects
 * stays, what it owns and no longer selects is released, what it selects and nobody owns is adopted. Objects of other
 * owners are left alone.
 */
export class Claims<O extends KubeObject, T extends KubeObject> {
  readonly #options: ClaimOptions<O, T>;
  readonly #objects: ResourceClient<T>;
  #mayAdopt: boolean | undefined;

  constructor(options: ClaimOptions<O, T>) {
    this.#options = options;
    this.#objects = options.client.resource(options.kind);
  }

  /** Whether the object is the owner's, after adopting or releasing it. Throws when the API server refuses either. */
  claim(object: T): boolean {
    const { owner, matcher } = this.#options;
    const controller = controllerOf(object);
    const selected = matcher.matches(object.metadata.labels);
    const ownerGoes = owner.metadata.deletionTimestamp !== undefined;
    if (controller) {
      if (controller.uid !== owner.metadata.uid) return false;
      if (selected) return true;
      if (!ownerGoes) this.#release(object);
      return false;
    }
    if (ownerGoes || !selected || object.metadata.deletionTimestamp !== undefined) return false;
    return this.#adopt(object);
  }

  #adopt(object: T): boolean {
    this.#checkOwner();
    const { owner, ownerKind, finalizers = [] } = this.#options;
    const { name, namespace, uid } = object.metadata;
    try {
      this.#objects.patch(name, namespace, 'strategic', {
        metadata: {
          ownerReferences: [ownerReference(owner, ownerKind)],
          uid,
          ...(finalizers.length > 0 ? { finalizers } : {}),
        },
      });
      return true;
    } catch (error) {
      if (hasReason(error, 'NotFound')) return false;
      throw error;
    }
  }

  /** The cache may be behind: adopt only for an owner that still exists and stays. */
  #checkOwner(): void {
    if (this.#mayAdopt) return;
    const { client, owner, ownerKind } = this.#options;
    const { name, namespace, uid } = owner.metadata;
    const fresh = client.resource(ownerKind).get(name, namespace);
    if (fresh.metadata.uid !== uid) {
      throw new Error(
        `original ${ownerKind.kind} ${namespace}/${name} is gone: got uid ${fresh.metadata.uid}, wanted ${uid}`,
      );
    }
    if (fresh.metadata.deletionTimestamp !== undefined) {
      throw new Error(`${namespace}/${name} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
    }
    this.#mayAdopt = true;
  }

  #release(object: T): void {
    const { name, namespace, uid } = object.metadata;
    const owner = this.#options.owner.metadata.uid;
    try {
      this.#objects.patch(name, namespace, 'strategic', {
        metadata: { ownerReferences: [{ $patch: 'delete', uid: owner }], uid },
      });
    } catch (error) {
      // Gone, or somebody else's by now: released either way.
      if (!hasReason(error, 'NotFound') && !hasReason(error, 'Invalid')) throw error;
    }
  }
}
