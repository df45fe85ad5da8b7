export { isTombstone, type Change, type Entry, type Tombstone } from './entry.ts';
export { CompactedError, FutureRevisionError, LeaseNotFoundError } from './errors.ts';
export { Etcd, prefixEnd, type RangeOptions, type RangeResult } from './etcd.ts';
export type { LeaseClock } from './leases.ts';
export type { Compare, Operation, Transaction, TransactionResult } from './transaction.ts';
export type { EtcdWatch, WatchListener } from './watchers.ts';
