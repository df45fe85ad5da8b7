import type { Kernel, Random } from '../../kernel/index.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Etcd } from '../../etcd/index.ts';
import type { AdmissionChain } from '../admission/admission.ts';
import type { ApiRequest } from '../request.ts';

/** What a resource does beside storing its objects, such as handing out addresses. */
export interface ResourceHooks {
  /**
   * Completes a draft before it is validated, taking what it needs; `undo` gives it back when the request fails or is
   * a dry run,
   * `done` releases what the old object no longer needs when it succeeds.
   */
  readonly begin?: (
    draft: UntypedObject,
    old: UntypedObject | undefined,
    dryRun: boolean,
  ) => { done(): void; undo(): void };
  /** Prepares an object for its deletion, which begins now (as metav1.Time); the finalizers that it adds hold it. */
  readonly deleting?: (object: UntypedObject, now: string) => UntypedObject;
  /** The object has been removed from the store. */
  readonly removed?: (object: UntypedObject) => void;
}

/** What the verbs share: the store, the clock, chance, and the stages before them. */
export interface Registry {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  readonly admission: AdmissionChain;
  readonly uids: Random;
  readonly names: Random;
  /** Throws Forbidden when the user of the request may not do what it asks. */
  authorize(request: ApiRequest): void;
  hooksOf(kind: Kind): ResourceHooks | undefined;
  /** Notes something of the request for the audit log, where there is one. */
  annotate(key: string, value: () => string): void;
}
