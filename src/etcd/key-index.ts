import BTreeModule from 'sorted-btree';
import { isTombstone, type Entry, type Tombstone } from './entry.ts';

// sorted-btree is CommonJS: under Node's loader the class is the `default` of the default import.
const BTree = ((BTreeModule as unknown as { default?: typeof BTreeModule }).default ??
  BTreeModule) as typeof BTreeModule;

const byCodeUnits = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

type Version = Entry | Tombstone;

/**
 * Versions of one key, oldest first; the last one may be a tombstone, and so may ones between. Most keys have but
 * one, which stands without a list.
 */
export type Versions = Version | Version[];

const before = (version: Version, revision: number): Entry | undefined =>
  version.modRevision > revision || isTombstone(version) ? undefined : version;

/** The newest version at or before a revision, unless the key was absent then. */
export function versionAt(versions: Versions, revision: number): Entry | undefined {
  if (!Array.isArray(versions)) return before(versions, revision);
  for (let i = versions.length - 1; i >= 0; i--) {
    const version = versions[i]!;
    if (version.modRevision <= revision) return before(version, revision);
  }
  return undefined;
}

/** Lists of up to so many versions have room for no more: one that is pushed to keeps room for sixteen. */
const FEW = 8;

/** Every key that ever was and is not yet compacted, in order, with its versions. */
export class KeyIndex {
  readonly #byKey = new Map<string, Versions>();
  readonly #sorted = new BTree<string, true>(undefined, byCodeUnits);
  /** The key that was looked up last: a write looks its own up four times. */
  #lastKey = '';
  #lastVersions: Versions | undefined;
  /** New keys, put in order when something is asked in order: many are never asked for so. */
  #unsorted: string[] = [];

  get(key: string): Versions | undefined {
    if (key !== this.#lastKey) {
      this.#lastKey = key;
      this.#lastVersions = this.#byKey.get(key);
    }
    return this.#lastVersions;
  }

  #set(key: string, versions: Versions): void {
    this.#byKey.set(key, versions);
    if (key === this.#lastKey) this.#lastVersions = versions;
  }

  /** The newest version of a key that exists now. */
  current(key: string): Entry | undefined {
    const versions = this.get(key);
    if (versions === undefined) return undefined;
    const last = Array.isArray(versions) ? versions[versions.length - 1]! : versions;
    return isTombstone(last) ? undefined : last;
  }

  append(version: Version): void {
    const { key } = version;
    const versions = this.get(key);
    if (versions === undefined) {
      this.#set(key, version);
      this.#unsorted.push(key);
    } else if (!Array.isArray(versions)) this.#set(key, [versions, version]);
    else if (versions.length < FEW) this.#set(key, versions.concat(version));
    else versions.push(version);
  }

  /** Visits the keys of [start, end) in order until `visit` returns false. */
  scan(start: string, end: string, visit: (versions: Versions) => boolean): void {
    this.#sort();
    this.#sorted.forRange(start, end, false, (key) => (visit(this.#byKey.get(key)!) ? undefined : { break: true }));
  }

  #sort(): void {
    for (const key of this.#unsorted) this.#sorted.set(key, true);
    this.#unsorted = [];
  }

  /** Forgets what no range at `revision` or later can see of a key. */
  compact(key: string, revision: number): void {
    const known = this.#byKey.get(key);
    if (known === undefined) return;
    const versions = Array.isArray(known) ? known : [known];
    let keep = versions.length - 1;
    while (keep > 0 && versions[keep]!.modRevision > revision) keep--;
    const oldest = versions[keep]!;
    if (isTombstone(oldest) && oldest.modRevision <= revision) keep++;
    if (keep === 0) return;
    if (keep < versions.length) {
      this.#set(key, keep === versions.length - 1 ? versions[keep]! : versions.slice(keep));
      return;
    }
    this.#byKey.delete(key);
    if (key === this.#lastKey) this.#lastVersions = undefined;
    this.#sort();
    this.#sorted.delete(key);
  }
}
