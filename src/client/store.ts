import type { KubeObject } from '../api/object.ts';

/** Computes under which values an index finds an object. */
export type IndexFunction<T> = (object: T) => readonly string[];

interface Index<T> {
  readonly values: IndexFunction<T>;
  readonly buckets: Map<string, Map<string, T>>;
}

const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();
const NAMESPACE = 'namespace';

/** The key that was put together last: a change reaches many informers, one after the other. */
let last = { namespace: '', name: '', key: '' };

/** `namespace/name`, or `name` where there is no namespace. */
export function objectKey(namespace: string | undefined, name: string): string {
  if (!namespace) return name;
  if (last.name === name && last.namespace === namespace) return last.key;
  last = { namespace, name, key: `${namespace}/${name}` };
  return last.key;
}

export const keyOfObject = (object: KubeObject): string => objectKey(object.metadata.namespace, object.metadata.name);

/** Objects by key, with indexes kept up to date on every change (client-go's thread-safe store). */
export class ObjectStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  list(namespace?: string): T[] {
    if (namespace === undefined) return [...this.#objects.values()];
    if (!this.#indexes.has(NAMESPACE)) this.addIndex(NAMESPACE, (object) => [object.metadata.namespace ?? '']);
    return this.byIndex(NAMESPACE, namespace);
  }

  addIndex(name: string, values: IndexFunction<T>): void {
    if (this.#indexes.has(name)) return;
    const index: Index<T> = { values, buckets: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) insert(index, key, object);
  }

  byIndex(name: string, value: string): T[] {
    return [...this.bucket(name, value).values()];
  }

  /** The live bucket of an index: for counting and looking up without a copy. */
  bucket(name: string, value: string): ReadonlyMap<string, T> {
    const index = this.#indexes.get(name);
    if (!index) throw new Error(`No index "${name}": add it with addIndex before the informer starts.`);
    return index.buckets.get(value) ?? EMPTY;
  }

  /** Stores an object and returns the one it replaces. */
  set(key: string, object: T): T | undefined {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (old) replace(index, key, old, object);
      else insert(index, key, object);
    }
    return old;
  }

  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) remove(index, key, old);
    return old;
  }
}

function insert<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    let bucket = index.buckets.get(value);
    if (!bucket) index.buckets.set(value, (bucket = new Map()));
    bucket.set(key, object);
  }
}

function remove<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.values(object)) {
    const bucket = index.buckets.get(value);
    if (bucket?.delete(key) && bucket.size === 0) index.buckets.delete(value);
  }
}

function replace<T>(index: Index<T>, key: string, old: T, object: T): void {
  const before = index.values(old);
  const after = index.values(object);
  if (before.length === 1 && after.length === 1 && before[0] === after[0]) {
    index.buckets.get(after[0]!)!.set(key, object);
    return;
  }
  remove(index, key, old);
  insert(index, key, object);
}
