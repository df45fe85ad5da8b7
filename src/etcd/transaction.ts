import type { Entry } from './entry.ts';

/** One condition of a transaction; an absent key has version, createRevision and modRevision 0. */
export interface Compare {
  readonly key: string;
  readonly target: 'version' | 'create' | 'mod';
  readonly result?: '=' | '!=' | '<' | '>';
  readonly value: number;
}

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: object; readonly lease?: number }
  | { readonly type: 'delete'; readonly key: string }
  | { readonly type: 'get'; readonly key: string };

export interface Transaction {
  /** All must hold for `success`; otherwise `failure` runs. */
  readonly compare?: readonly Compare[];
  readonly success?: readonly Operation[];
  readonly failure?: readonly Operation[];
}

export interface TransactionResult {
  readonly succeeded: boolean;
  /** Revision of the store afterwards; every write of the transaction has it. */
  readonly revision: number;
  /** One per operation that ran: the entry put or read, or the one that was deleted. */
  readonly responses: readonly (Entry | undefined)[];
}

/** Whether a condition holds for what a key is now. */
export function holds(compare: Compare, current: Entry | undefined): boolean {
  const actual = !current
    ? 0
    : compare.target === 'mod'
      ? current.modRevision
      : compare.target === 'create'
        ? current.createRevision
        : current.version;
  switch (compare.result ?? '=') {
    case '=':
      return actual === compare.value;
    case '!=':
      return actual !== compare.value;
    case '<':
      return actual < compare.value;
    case '>':
      return actual > compare.value;
  }
}
