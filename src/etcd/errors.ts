/** The revision asked for lies before the last compaction. */
export class CompactedError extends Error {
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super('etcdserver: mvcc: required revision has been compacted');
    this.name = 'CompactedError';
    this.compactedRevision = compactedRevision;
  }
}

/** The revision asked for has not happened yet. */
export class FutureRevisionError extends Error {
  constructor() {
    super('etcdserver: mvcc: required revision is a future revision');
    this.name = 'FutureRevisionError';
  }
}

/** The lease named by a put, a keep-alive or a revocation does not exist (any more). */
export class LeaseNotFoundError extends Error {
  constructor() {
    super('etcdserver: requested lease not found');
    this.name = 'LeaseNotFoundError';
  }
}
