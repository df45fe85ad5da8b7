import { isTombstone, type Change, type Entry, type Put, type Tombstone } from './entry.ts';
import { CompactedError, FutureRevisionError, LeaseNotFoundError } from './errors.ts';
import { KeyIndex, versionAt } from './key-index.ts';
import { Leases, type LeaseClock } from './leases.ts';
import { holds, type Operation, type Transaction, type TransactionResult } from './transaction.ts';
import { WatcherSet, type EtcdWatch, type WatchListener } from './watchers.ts';

export interface RangeOptions {
  /** Keys that begin with it; or give start and end. */
  readonly prefix?: string;
  /** First key, inclusive. */
  readonly start?: string;
  /** Last key, exclusive. */
  readonly end?: string;
  /** The revision to read at; the current one unless given. */
  readonly revision?: number;
  readonly limit?: number;
}

export interface RangeResult {
  readonly entries: readonly Entry[];
  /** Whether the limit left some out. */
  readonly more: boolean;
  /** How many keys the range holds, whatever the limit. */
  readonly count: number;
  /** Revision of the store when it was read. */
  readonly revision: number;
}

/** First key after every key that has the prefix. */
export const prefixEnd = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/**
 * The store: a multi-version map from keys to immutable values. Every transaction that writes makes one new
 * revision of the whole store; revisions stay readable until they are compacted. It behaves as etcd v3's MVCC
 * does, for one member.
 */
export class Etcd {
  readonly #index = new KeyIndex();
  readonly #leases: Leases;
  readonly #watchers = new WatcherSet();
  /** What was written, in order, from compactedRevision on. */
  #log: (Entry | Tombstone)[] = [];
  #revision = 1;
  #compacted = 0;

  /** The kernel gives leases their time; without one they do not expire. */
  constructor(kernel?: LeaseClock) {
    this.#leases = new Leases(kernel, (id, keys) => {
      const held = keys.filter((key) => this.#index.current(key)?.lease === id);
      if (held.length > 0) this.txn({ success: held.map((key) => ({ type: 'delete', key })) });
    });
  }

  /** The current revision; an empty store has revision 1. */
  get revision(): number {
    return this.#revision;
  }

  /** The oldest revision that can still be read; 0 when nothing was compacted. */
  get compactedRevision(): number {
    return this.#compacted;
  }

  get(key: string, options: { readonly revision?: number } = {}): Entry | undefined {
    if (options.revision === undefined || options.revision === 0) return this.#index.current(key);
    this.#checkReadable(options.revision);
    const versions = this.#index.get(key);
    return versions && versionAt(versions, options.revision);
  }

  range(options: RangeOptions): RangeResult {
    const revision = options.revision || this.#revision;
    this.#checkReadable(revision);
    const start = options.start ?? options.prefix ?? '';
    const end = options.end ?? (options.prefix ? prefixEnd(options.prefix) : '\uffff');
    const limit = options.limit || Infinity;
    const entries: Entry[] = [];
    let count = 0;
    this.#index.scan(start, end, (versions) => {
      const entry = versionAt(versions, revision);
      if (!entry) return true;
      if (count++ < limit) entries.push(entry);
      return true;
    });
    return { entries, more: count > entries.length, count, revision: this.#revision };
  }

  put(key: string, value: object, options: { readonly lease?: number } = {}): Entry {
    return this.txn({ success: [{ type: 'put', key, value, ...options }] }).responses[0]!;
  }

  /** Deletes a key; returns what it was, or undefined when it was not there. */
  delete(key: string): Entry | undefined {
    return this.txn({ success: [{ type: 'delete', key }] }).responses[0];
  }

  /** Runs `success` when every comparison holds, otherwise `failure`: atomically, as one revision. */
  txn(transaction: Transaction): TransactionResult {
    const compare = transaction.compare ?? [];
    const succeeded = compare.every((condition) => holds(condition, this.#index.current(condition.key)));
    const operations = (succeeded ? transaction.success : transaction.failure) ?? [];
    for (const operation of operations) {
      if (operation.type === 'put' && operation.lease && !this.#leases.exists(operation.lease))
        throw new LeaseNotFoundError();
    }
    const next = this.#revision + 1;
    const changes: Change[] = [];
    const responses = operations.map((operation) => this.#run(operation, next, changes));
    if (changes.length > 0) this.#commit(changes);
    return { succeeded, revision: this.#revision, responses };
  }

  /**
   * The transaction that nearly every write is, at less cost: puts a key, or deletes it where `value` is undefined, if
   * it was last written at this revision (0: if it is not there). Returns false when it was not.
   */
  replaceAt(modRevision: number, key: string, value: object | undefined, lease = 0): boolean {
    if (lease !== 0 && !this.#leases.exists(lease)) throw new LeaseNotFoundError();
    const previous = this.#index.current(key);
    if ((previous?.modRevision ?? 0) !== modRevision) return false;
    const next = this.#revision + 1;
    if (value !== undefined) this.#commit([this.#put(key, value, lease, previous, next)]);
    else if (previous) this.#commit([this.#remove(key, previous, next)]);
    return true;
  }

  #commit(changes: readonly Change[]): void {
    this.#revision++;
    for (let i = 0; i < changes.length; i++) this.#log.push(changes[i]!.entry);
    this.#watchers.notify(changes);
  }

  /**
   * Tells of every change under the prefix, at once after the transaction that made it; with a start revision
   * first, before it returns, of those that already happened from it on.
   */
  watch(options: { readonly prefix: string; readonly startRevision?: number }, listener: WatchListener): EtcdWatch {
    if (options.startRevision !== undefined && options.startRevision <= this.#revision) {
      const missed = this.history(options.startRevision).filter((change) =>
        change.entry.key.startsWith(options.prefix),
      );
      if (missed.length > 0) listener(missed);
    }
    return this.#watchers.add(options.prefix, listener);
  }

  /** Every change from a revision on, oldest first. */
  history(fromRevision: number): readonly Change[] {
    if (fromRevision < this.#compacted) throw new CompactedError(this.#compacted);
    const changes: Change[] = [];
    for (let i = this.#logPosition(fromRevision); i < this.#log.length; i++)
      changes.push(this.#changeTo(this.#log[i]!));
    return changes;
  }

  /** Forgets what only revisions before this one could see. */
  compact(revision: number): void {
    if (revision <= this.#compacted) throw new CompactedError(this.#compacted);
    if (revision > this.#revision) throw new FutureRevisionError();
    const end = this.#logPosition(revision + 1);
    for (let i = 0; i < end; i++) this.#index.compact(this.#log[i]!.key, revision);
    this.#log = this.#log.slice(this.#logPosition(revision));
    this.#compacted = revision;
  }

  /** Opens a lease of so many seconds; returns its id. */
  grantLease(ttlSeconds: number): number {
    return this.#leases.grant(ttlSeconds);
  }

  /** Starts the lease's time anew. */
  keepAlive(lease: number): void {
    this.#leases.keepAlive(lease);
  }

  /** Ends the lease and deletes its keys. */
  revoke(lease: number): void {
    this.#leases.revoke(lease);
  }

  #run(operation: Operation, revision: number, changes: Change[]): Entry | undefined {
    const { key } = operation;
    const previous = this.#index.current(key);
    if (operation.type === 'get') return previous;
    if (operation.type === 'put') {
      const change = this.#put(key, operation.value, operation.lease ?? 0, previous, revision);
      changes.push(change);
      return change.entry;
    }
    if (!previous) return undefined;
    changes.push(this.#remove(key, previous, revision));
    return previous;
  }

  #put(key: string, value: object, lease: number, previous: Entry | undefined, revision: number): Put {
    const entry: Entry = {
      key,
      value,
      createRevision: previous ? previous.createRevision : revision,
      modRevision: revision,
      version: previous ? previous.version + 1 : 1,
      lease,
    };
    if (lease !== 0 && lease !== previous?.lease) this.#leases.attach(lease, key);
    this.#index.append(entry);
    return { type: 'put', entry, previous };
  }

  #remove(key: string, previous: Entry, revision: number): Change {
    const tombstone: Tombstone = { key, modRevision: revision, version: 0, previous };
    this.#index.append(tombstone);
    return { type: 'delete', entry: tombstone, previous };
  }

  /** The change that wrote a version; what was there before it may have been compacted. */
  #changeTo(entry: Entry | Tombstone): Change {
    if (isTombstone(entry)) return { type: 'delete', entry, previous: entry.previous };
    const versions = entry.version > 1 ? this.#index.get(entry.key) : undefined;
    return { type: 'put', entry, previous: versions && versionAt(versions, entry.modRevision - 1) };
  }

  #checkReadable(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError();
    if (revision < this.#compacted) throw new CompactedError(this.#compacted);
  }

  /** Index of the first change of the log at or after a revision. */
  #logPosition(revision: number): number {
    let low = 0;
    let high = this.#log.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#log[middle]!.modRevision < revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
