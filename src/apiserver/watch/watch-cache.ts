import type { UntypedObject } from '../../api/object.ts';
import type { ChangeEvent } from './change-event.ts';
import type { Selection } from './selection.ts';
import type { Watcher } from './watcher.ts';

const EMPTY: ReadonlySet<never> = new Set();

/** Values to sets; sets that become empty are dropped. */
class Buckets<T> {
  readonly #sets = new Map<string, Set<T>>();

  get(value: string): ReadonlySet<T> {
    return this.#sets.get(value) ?? EMPTY;
  }

  add(value: string, item: T): void {
    const set = this.#sets.get(value);
    if (set) set.add(item);
    else this.#sets.set(value, new Set([item]));
  }

  get size(): number {
    let size = 0;
    for (const set of this.#sets.values()) size += set.size;
    return size;
  }

  delete(value: string, item: T): void {
    const set = this.#sets.get(value);
    if (set?.delete(item) && set.size === 0) this.#sets.delete(value);
  }
}

const nameKey = (namespace: string | undefined, name: string): string => `${namespace ?? ''}/${name}`;

/**
 * What the API server remembers of one resource beside the store: who watches what, and which keys have which
 * value in the indexed field. Every watcher is filed under the narrowest thing that its selection names, so a
 * change visits only those it may concern: one Pod's change reaches one kubelet, not five thousand.
 */
export class WatchCache {
  readonly #namespaced: boolean;
  readonly #indexValue: ((object: UntypedObject) => string) | undefined;
  readonly #keysByIndex = new Buckets<string>();
  readonly #everything = new Set<Watcher>();
  readonly #byNamespace = new Buckets<Watcher>();
  readonly #byName = new Buckets<Watcher>();
  readonly #byIndex = new Buckets<Watcher>();
  readonly #bookmarked = new Set<Watcher>();
  readonly #all = new Set<Watcher>();

  constructor(namespaced: boolean, indexValue: ((object: UntypedObject) => string) | undefined) {
    this.#namespaced = namespaced;
    this.#indexValue = indexValue;
  }

  /** Keys of the store whose objects have this value in the indexed field. */
  keysWith(indexed: string): ReadonlySet<string> {
    return this.#keysByIndex.get(indexed);
  }

  /** How many watch. */
  get watcherCount(): number {
    return this.#everything.size + this.#byNamespace.size + this.#byName.size + this.#byIndex.size;
  }

  /** Those who asked for bookmarks. */
  get bookmarked(): ReadonlySet<Watcher> {
    return this.#bookmarked;
  }

  /** Passes a change of the store on to the watchers it may concern. */
  apply(key: string, change: ChangeEvent): void {
    const { metadata } = (change.object ?? change.previous)!;
    const now = change.object && this.#indexValue?.(change.object);
    const before = change.previous && this.#indexValue?.(change.previous);
    if (now !== before) {
      if (before) this.#keysByIndex.delete(before, key);
      if (now) this.#keysByIndex.add(now, key);
      if (before) for (const watcher of this.#byIndex.get(before)) watcher.offer(change);
    }
    if (now) for (const watcher of this.#byIndex.get(now)) watcher.offer(change);
    for (const watcher of this.#everything) watcher.offer(change);
    if (metadata.namespace) for (const watcher of this.#byNamespace.get(metadata.namespace)) watcher.offer(change);
    for (const watcher of this.#byName.get(nameKey(metadata.namespace, metadata.name))) watcher.offer(change);
  }

  /** Everyone who watches. */
  get watchers(): ReadonlySet<Watcher> {
    return this.#all;
  }

  add(watcher: Watcher): void {
    this.#all.add(watcher);
    if (watcher.wantsBookmarks) this.#bookmarked.add(watcher);
    this.#file(
      watcher.selection,
      (bucket, value) => bucket.add(value, watcher),
      () => this.#everything.add(watcher),
    );
  }

  remove(watcher: Watcher): void {
    this.#all.delete(watcher);
    this.#bookmarked.delete(watcher);
    this.#file(
      watcher.selection,
      (bucket, value) => bucket.delete(value, watcher),
      () => this.#everything.delete(watcher),
    );
  }

  #file(
    { namespace, name, indexed }: Selection,
    narrow: (bucket: Buckets<Watcher>, value: string) => void,
    wide: () => void,
  ): void {
    // An empty value selects objects without one, which no index lists.
    if (indexed) narrow(this.#byIndex, indexed);
    else if (name !== undefined && (namespace !== undefined || !this.#namespaced))
      narrow(this.#byName, nameKey(namespace, name));
    else if (namespace !== undefined) narrow(this.#byNamespace, namespace);
    else wide();
  }
}
