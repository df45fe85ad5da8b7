import type { Write } from './audit-log.ts';
import type { Normaliser } from './normalise.ts';

/** Where a recording is played: a cluster, a namespace of its own in it, a shell with a kubectl. */
export interface Stage {
  readonly normaliser: Normaliser;
  /** Milliseconds on the cluster's clock. */
  readonly now: number;
  start(): Promise<void>;
  /** Runs a command line; `$NAMESPACE` in it is the recording's own. */
  run(line: string): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }>;
  /** Lets time pass. */
  advance(ms: number): void | Promise<void>;
  /** Tells the normaliser what names and hashes were generated since it last looked. */
  learnNames(): void;
  startAudit(): void;
  stopAudit(): readonly Write[];
  /** Gives back what the stage holds. */
  end?(): void | Promise<void>;
}
