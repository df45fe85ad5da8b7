import type { Info } from '../builder.ts';
import type { Session } from '../session.ts';
import type { Obj } from '../value.ts';
import type { DescribeWriter } from './writer.ts';

/** What a describer gets. */
export interface DescribeContext {
  readonly session: Session;
  readonly info: Info;
  readonly object: Obj;
  readonly showEvents: boolean;
  readonly now: number;
}

export type Describer = (context: DescribeContext, w: DescribeWriter) => void;
