import type { Session } from '../session.ts';
import type { FlagSet } from './flags.ts';

/** A command of kubectl, or a group of commands. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, as help lists it. */
  readonly short: string;
  /** What help says first; `short` unless given. */
  readonly long?: string;
  readonly usage?: string;
  readonly flags?: FlagSet;
  /** Flags that must be given. */
  readonly required?: readonly string[];
  readonly commands?: readonly Command[];
  /** Other words that people type for it. */
  readonly suggestFor?: readonly string[];
  /** Returns a promise only when it waits for something. */
  readonly run?: (session: Session) => void | Promise<void>;
}
