import type { Kernel } from '../../kernel/index.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Change, Etcd } from '../../etcd/index.ts';
import { WatchCache } from '../watch/watch-cache.ts';

interface IndexedField {
  readonly name: string;
  readonly value: (object: UntypedObject) => string;
}

/** The field by which a kind's objects are indexed for lists and watches; so far only Pods have one. */
const INDEXED_FIELDS: Readonly<Record<string, IndexedField>> = {
  pods: { name: 'spec.nodeName', value: (pod) => (pod['spec'] as { nodeName?: string } | undefined)?.nodeName ?? '' },
};

/** Leases are shared by objects written within this time, so that an hour of Events needs sixty and not thousands. */
const LEASE_SHARING_MS = 60_000;

const NOTHING: readonly UntypedObject[] = [];

export interface ObjectStoreOptions {
  readonly kernel: Kernel;
  readonly etcd: Etcd;
  /** The kind in the version that is stored. */
  readonly kind: Kind;
  /** `/registry/pods/` */
  readonly prefix: string;
  /** Objects go this long after they were last written. */
  readonly ttlSeconds?: number | undefined;
}

/**
 * Where the objects of one resource are: their part of etcd and the watch cache over it. All reads and writes
 * of the resource, in whatever version, end here.
 */
export class ObjectStore {
  /** The kind in the version that is stored; a changed definition of a custom resource makes it another. */
  kind: Kind;
  readonly prefix: string;
  readonly cache: WatchCache;
  /** Name of the indexed field, if there is one. */
  readonly indexedField: string | undefined;
  readonly indexValue: ((object: UntypedObject) => string) | undefined;
  readonly #kernel: Kernel;
  readonly #etcd: Etcd;
  readonly #ttlSeconds: number | undefined;
  #lease = { id: 0, until: -Infinity };
  /** How many objects there are. */
  #size = 0;
  /** What listed() found since the last change, by namespace. */
  #listed: Map<string, readonly UntypedObject[]> | undefined;
  /** The object whose key was asked for last. */
  #last: { readonly namespace: string | undefined; readonly name: string; key: string } | undefined;

  constructor({ kernel, etcd, kind, prefix, ttlSeconds }: ObjectStoreOptions) {
    this.#kernel = kernel;
    this.#etcd = etcd;
    this.#ttlSeconds = ttlSeconds;
    this.kind = kind;
    this.prefix = prefix;
    const indexed = kind.group === '' ? INDEXED_FIELDS[kind.resource] : undefined;
    this.indexedField = indexed?.name;
    this.indexValue = indexed?.value;
    this.cache = new WatchCache(kind.namespaced, this.indexValue);
  }

  get revision(): number {
    return this.#etcd.revision;
  }

  /** The key of an object; asked for twice in a row, it is the same text, which the store then knows at once. */
  key(namespace: string | undefined, name: string): string {
    const last = this.#last;
    if (last?.name === name && last.namespace === namespace) return last.key;
    const key = this.kind.namespaced ? `${this.prefix}${namespace ?? ''}/${name}` : this.prefix + name;
    this.#last = { namespace, name, key };
    return key;
  }

  get(namespace: string | undefined, name: string): UntypedObject | undefined {
    const entry = this.#etcd.get(this.key(namespace, name));
    if (!entry) return undefined;
    this.#last!.key = entry.key;
    return entry.value as UntypedObject;
  }

  /** Whether there is a namespace of that name. */
  hasNamespace(name: string): boolean {
    return this.#etcd.get(`/registry/namespaces/${name}`) !== undefined;
  }

  /** The key range of one namespace, or of all. */
  range(namespace: string | undefined): string {
    return this.kind.namespaced && namespace ? `${this.prefix}${namespace}/` : this.prefix;
  }

  /**
   * Everything in a namespace, or at all, in the order of the keys. Asked again before anything changes, it costs
   * nothing: every request asks for the quotas of its namespace, which seldom change and mostly are none.
   */
  listed(namespace: string | undefined): readonly UntypedObject[] {
    if (this.#size === 0) return NOTHING;
    const range = this.range(namespace);
    let objects = this.#listed?.get(range);
    if (!objects) {
      objects = this.#etcd.range({ prefix: range }).entries.map(({ value }) => value as UntypedObject);
      (this.#listed ??= new Map()).set(range, objects);
    }
    return objects;
  }

  /** Writes a draft, which becomes the stored object; `old` is what it replaces. Returns false when someone was faster. */
  write(draft: UntypedObject, old: UntypedObject | undefined): boolean {
    const { metadata } = draft;
    const key = this.key(metadata.namespace, metadata.name);
    metadata.resourceVersion = String(this.#etcd.revision + 1);
    const revision = old ? Number(old.metadata.resourceVersion) : 0;
    return this.#replace('put', revision, key, draft, this.#currentLease());
  }

  /** Removes an object if it is still the one given. */
  remove(old: UntypedObject): boolean {
    const key = this.key(old.metadata.namespace, old.metadata.name);
    return this.#replace('delete', Number(old.metadata.resourceVersion), key, undefined, 0);
  }

  /** Takes note of a change of the store under the prefix. */
  changed(change: Change): void {
    this.#listed = undefined;
    if (change.type === 'delete') this.#size--;
    else if (!change.previous) this.#size++;
    this.cache.apply(change.entry.key, {
      revision: change.entry.modRevision,
      object: change.type === 'put' ? (change.entry.value as UntypedObject) : undefined,
      previous: change.previous?.value as UntypedObject | undefined,
      cause: this.#kernel.trace.current,
    });
  }

  #replace(
    operation: 'put' | 'delete',
    at: number,
    key: string,
    value: UntypedObject | undefined,
    lease: number,
  ): boolean {
    const { trace } = this.#kernel;
    if (!trace.enabled) return this.#etcd.replaceAt(at, key, value, lease);
    const id = trace.start('etcd', `${operation} ${key}`);
    const outer = trace.current;
    trace.current = id;
    try {
      return this.#etcd.replaceAt(at, key, value, lease);
    } finally {
      trace.current = outer;
      trace.end(id, { key, revision: this.#etcd.revision });
    }
  }

  #currentLease(): number {
    if (this.#ttlSeconds === undefined) return 0;
    const { now } = this.#kernel;
    if (now >= this.#lease.until) {
      this.#lease = {
        id: this.#etcd.grantLease(this.#ttlSeconds + LEASE_SHARING_MS / 1000),
        until: now + LEASE_SHARING_MS,
      };
    }
    return this.#lease.id;
  }
}
