/** One version of a key (mvccpb.KeyValue). The value is immutable JSON, held by reference. */
export interface Entry {
  readonly key: string;
  readonly value: object;
  /** Revision at which the key was last created. */
  readonly createRevision: number;
  /** Revision that wrote this version. */
  readonly modRevision: number;
  /** 1 when created, one more with every write since. */
  readonly version: number;
  /** Id of the lease that keeps the key alive; 0 for none. */
  readonly lease: number;
}

/** What is left of a key that was deleted, until compaction takes it away. */
export interface Tombstone {
  readonly key: string;
  /** Revision of the deletion. */
  readonly modRevision: number;
  readonly version: 0;
  /** What was deleted. */
  readonly previous: Entry;
}

export const isTombstone = (version: Entry | Tombstone): version is Tombstone => version.version === 0;

export interface Put {
  readonly type: 'put';
  readonly entry: Entry;
  readonly previous: Entry | undefined;
}

/** One change of one key, as watches see it and history keeps it. */
export type Change = Put | { readonly type: 'delete'; readonly entry: Tombstone; readonly previous: Entry };
