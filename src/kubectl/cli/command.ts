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
  /** What each is for, and its command line. */
  readonly examples?: readonly (readonly [about: string, line: string])[];
  readonly usage?: string;
  readonly flags?: FlagSet;
  /** Flags that must be given. */
  readonly required?: readonly string[];
  readonly commands?: readonly Command[];
  /** Other words that people type for it. */
  readonly suggestFor?: readonly string[];
  /** How a group of commands answers when it is named alone: with its help, where to, and the exit code. */
  readonly alone?: { readonly to: 'stdout' | 'stderr'; readonly code: number };
  /** What to say of flags that cannot be read, where that is not what others say. */
  readonly flagError?: (error: Error, path: string) => Error;
  /** Returns a promise only when it waits for something. */
  readonly run?: (session: Session) => void | Promise<void>;
}
