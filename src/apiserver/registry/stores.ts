import type { Kernel } from '../../kernel/index.ts';
import type { Kind } from '../../api/kind.ts';
import type { Change, Etcd } from '../../etcd/index.ts';
import { conversionOf } from '../conversions.ts';
import type { Conversion, Endpoint } from '../endpoint.ts';
import { storagePrefix } from '../storage-keys.ts';
import { ObjectStore } from './object-store.ts';

const REGISTRY = '/registry/';

/** What follows /registry/ in a key or prefix, up to the next slash. */
const segmentOf = (key: string): string => key.slice(REGISTRY.length, key.indexOf('/', REGISTRY.length));

/** The stores of all resources, and the one watch of etcd that keeps their caches up to date. */
export class Stores {
  readonly #kernel: Kernel;
  readonly #etcd: Etcd;
  readonly #eventTtlSeconds: number;
  readonly #bySegment = new Map<string, ObjectStore[]>();

  constructor(kernel: Kernel, etcd: Etcd, eventTtlSeconds: number) {
    this.#kernel = kernel;
    this.#etcd = etcd;
    this.#eventTtlSeconds = eventTtlSeconds;
    etcd.watch({ prefix: REGISTRY }, (changes) => this.#changed(changes));
  }

  /** How a kind is served: from the store of its resource, which it may share with the kind of another version. */
  endpoint(kind: Kind, kinds: readonly Kind[]): Endpoint {
    const conversion = conversionOf(kind);
    const stored = conversion && kinds.find((other) => isStoredAs(conversion.stored, other));
    return { kind, store: this.#storeOf(stored ?? kind), conversion };
  }

  /** The store of a resource that the API was extended with, kept under its group's and its own name. */
  custom(kind: Kind): ObjectStore {
    return this.#storeOf(kind, `${REGISTRY}${kind.group}/${kind.resource}/`);
  }

  /** Forgets a store whose resource is no longer served. */
  remove(store: ObjectStore): void {
    const segment = segmentOf(store.prefix);
    const left = (this.#bySegment.get(segment) ?? []).filter((other) => other !== store);
    if (left.length > 0) this.#bySegment.set(segment, left);
    else this.#bySegment.delete(segment);
  }

  #storeOf(kind: Kind, prefix = storagePrefix(kind)): ObjectStore {
    const stores = this.#bySegment.get(segmentOf(prefix)) ?? [];
    this.#bySegment.set(segmentOf(prefix), stores);
    let store = stores.find((candidate) => candidate.prefix === prefix);
    if (!store) {
      const ttlSeconds = kind.resource === 'events' ? this.#eventTtlSeconds : undefined;
      store = new ObjectStore({ kernel: this.#kernel, etcd: this.#etcd, kind, prefix, ttlSeconds });
      stores.push(store);
    }
    return store;
  }

  /** Hands the changes of a transaction to the stores they belong to. */
  #changed(changes: readonly Change[]): void {
    for (const change of changes) {
      const { key } = change.entry;
      for (const store of this.#bySegment.get(segmentOf(key)) ?? []) {
        if (key.startsWith(store.prefix)) store.changed(change);
      }
    }
  }
}

const isStoredAs = ({ group, version, resource }: Conversion['stored'], kind: Kind): boolean =>
  kind.group === group && kind.resource === resource && (version === undefined || kind.version === version);
