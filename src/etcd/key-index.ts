import BTreeModule from 'sorted-btree';
import { isTombstone, type Entry, type Tombstone } from './entry.ts';

// sorted-btree is CommonJS: under Node's loader the class is the `default` of the default import.
const BTree = ((BTreeModule as unknown as { default?: typeof BTreeModule }).default ??
  BTreeModule) as typeof BTreeModule;

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Versions of one key, oldest first; the last one may be a tombstone, and so may ones between. */
export type Versions = (Entry | Tombstone)[];

/** The newest version at or before a revision, unless the key was absent then. */
export function versionAt(versions: Versions, revision: number): Entry | undefined {
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i]!;
    if (version.modRevision <= revision) return isTombstone(version) ? undefined : version;
  }
  return undefined;
}

/** Every key that ever was and is not yet compacted, in order, with its versions. */
export class KeyIndex {
  readonly #byKey = new Map<string, Versions>();
  readonly #sorted = new BTree<string, Versions>(undefined, byCodeUnits);
  /** New keys, put in order when something is asked in order: many are never asked for so. */
  #unsorted: Versions[] = [];

  get(key: string): Versions | undefined {
    return this.#byKey.get(key);
  }

  /** The newest version of a key that exists now. */
  current(key: string): Entry | undefined {
    const versions = this.#byKey.get(key);
    const last = versions?.[versions.length - 1];
    return last === undefined || isTombstone(last) ? undefined : last;
  }

  append(version: Entry | Tombstone): void {
    const versions = this.#byKey.get(version.key);
    if (versions) {
      versions.push(version);
      return;
    }
    const first = [version];
    this.#byKey.set(version.key, first);
    this.#unsorted.push(first);
  }

  /** Visits the keys of [start, end) in order until `visit` returns false. */
  scan(start: string, end: string, visit: (versions: Versions) => boolean): void {
    this.#sort();
    this.#sorted.forRange(start, end, false, (_key, versions) => (visit(versions) ? undefined : { break: true }));
  }

  #sort(): void {
    for (const versions of this.#unsorted) this.#sorted.set(versions[0]!.key, versions);
    this.#unsorted = [];
  }

  /** Forgets what no range at `revision` or later can see of a key. */
  compact(key: string, revision: number): void {
    const versions = this.#byKey.get(key);
    if (!versions) return;
    let keep = versions.length - 1;
    while (keep > 0 && versions[keep]!.modRevision > revision) keep--;
    const oldest = versions[keep]!;
    if (isTombstone(oldest) && oldest.modRevision <= revision) keep++;
    if (keep === 0) return;
    if (keep < versions.length) {
      versions.splice(0, keep);
      return;
    }
    this.#byKey.delete(key);
    this.#sort();
    this.#sorted.delete(key);
  }
}
