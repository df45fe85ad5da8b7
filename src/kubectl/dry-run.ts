import { CliError } from './errors.ts';
import type { Session } from './session.ts';

export type DryRun = 'none' | 'client' | 'server';

/** `--dry-run`; a bare `--dry-run` means client, with a remark. */
export const dryRunOf = (session: Session): DryRun => {
  const value = session.flags.string('dry-run');
  if (value === 'none' || value === 'client' || value === 'server' || value === '')
    return value === '' ? 'none' : value;
  if (value === 'unchanged' || value === 'true' || value === 'false') {
    const replacement = value === 'false' ? 'none' : 'client';
    const now = new Date(session.io.now());
    const two = (n: number): string => String(n).padStart(2, '0');
    const time = `${two(now.getUTCMonth() + 1)}${two(now.getUTCDate())} ${now.toISOString().slice(11, 23)}000`;
    const about =
      value === 'unchanged' ? '--dry-run is deprecated' : `--dry-run=${value} is deprecated (boolean value)`;
    session.io.stderr(`W${time}   1 helpers.go:719] ${about} and can be replaced with --dry-run=${replacement}.\n`);
    return replacement;
  }
  throw new CliError(`Invalid dry-run value (${value}). Must be "none", "server", or "client".`);
};

/** `created` → `created (server dry run)`. */
export const saidWith = (operation: string, dryRun: DryRun): string =>
  dryRun === 'none' ? operation : `${operation} (${dryRun === 'server' ? 'server dry run' : 'dry run'})`;

export const dryRunQuery = (dryRun: DryRun): { dryRun?: string } => (dryRun === 'server' ? { dryRun: 'All' } : {});
