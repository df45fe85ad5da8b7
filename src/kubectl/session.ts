import type { Discovery } from './discovery.ts';
import type { Flags } from './cli/flags.ts';
import type { KubectlIo } from './io.ts';
import type { Rest } from './rest.ts';

/** One run of a command: its flags and arguments, and the server it talks to. */
export interface Session {
  readonly io: KubectlIo;
  readonly rest: Rest;
  readonly discovery: Discovery;
  readonly flags: Flags;
  readonly args: readonly string[];
  /** How many arguments came before `--`; -1 without it. */
  readonly dash: number;
  /** The namespace of `-n`, or of the context. */
  readonly namespace: string;
  /** `-n` was given (and not overruled by `-A`). */
  readonly explicitNamespace: boolean;
  /** `kubectl create deployment`. */
  readonly commandPath: string;
  /** `--request-timeout` in milliseconds; 0: none. */
  readonly requestTimeoutMs: number;
}

/** `See 'kubectl get -h' for help and examples`, as after wrong usage. */
export const seeHelp = (session: { readonly commandPath: string }, message: string): string =>
  `${message}\nSee '${session.commandPath} -h' for help and examples`;
