import type { Etcd } from '../../src/etcd/index.ts';
import type { Normaliser } from './normalise.ts';

/** What of an object may hold names that differ from run to run. */
interface Named {
  readonly metadata?: {
    readonly name?: string;
    readonly generateName?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly volumes?: readonly { readonly name: string }[] };
}

const HASH_LABELS = ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash'];

/** Tells a normaliser which names and hashes a cluster has generated. */
export class GeneratedNames {
  readonly #etcd: Etcd;
  readonly #normaliser: Normaliser;
  #revision: number;

  /** `since`: the revision after which names are read. */
  constructor(etcd: Etcd, normaliser: Normaliser, since = 0) {
    this.#etcd = etcd;
    this.#normaliser = normaliser;
    this.#revision = since;
  }

  /** Reads what was written since the last time. */
  learn(): void {
    for (const change of this.#etcd.history(this.#revision + 1)) {
      const { metadata, spec } = ((change as { entry?: { value?: unknown } }).entry?.value ?? {}) as Named;
      if (!metadata) continue;
      for (const label of HASH_LABELS) {
        const value = metadata.labels?.[label];
        if (value) this.#normaliser.addHash(value.slice(value.lastIndexOf('-') + 1));
      }
      if (metadata.generateName && metadata.name) this.#normaliser.addGenerated(metadata.generateName, metadata.name);
      for (const { name } of spec?.volumes ?? []) this.#normaliser.addGenerated('kube-api-access-', name);
    }
    this.#revision = this.#etcd.revision;
  }
}
