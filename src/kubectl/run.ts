import type { Command } from './cli/command.ts';
import { globalFlags } from './cli/flag-sets.ts';
import { FlagError, parseDuration, parseFlags, type Flags, type FlagSet } from './cli/flags.ts';
import { helpText } from './cli/help.ts';
import { suggestions } from './cli/suggest.ts';
import { rootCommand } from './commands/root.ts';
import { Discovery, type DiscoveryCache } from './discovery.ts';
import { CliError, Complaint, errorText, Exit } from './errors.ts';
import { goQuote } from './go-format.ts';
import type { KubectlConfig, KubectlIo } from './io.ts';
import { Rest } from './rest.ts';
import type { Session } from './session.ts';

/**
 * Runs one kubectl command line (without the word kubectl). Returns its exit code; a promise of it when the command
 * waits for something.
 */
export const runKubectl = (argv: readonly string[], io: KubectlIo): number | Promise<number> => {
  try {
    const waiting = dispatch(argv, io);
    return waiting instanceof Promise
      ? waiting.then(
          () => 0,
          (error: unknown) => failed(error, io),
        )
      : 0;
  } catch (error) {
    return failed(error, io);
  }
};

const failed = (error: unknown, io: KubectlIo): number => {
  if (error instanceof Exit) return error.exitCode;
  if (io.signal?.aborted) return 130;
  const text = errorText(error);
  if (text) io.stderr(text);
  return error instanceof CliError ? error.exitCode : 1;
};

const dispatch = (argv: readonly string[], io: KubectlIo): void | Promise<void> => {
  const { command, path, rest } = find(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv);
  const flagSet: FlagSet = { ...globalFlags, ...command.flags };
  let parsed;
  try {
    parsed = parseFlags(rest, flagSet, (text) => io.stderr(text));
  } catch (error) {
    if (error instanceof FlagError)
      throw command.flagError?.(error, path) ?? new CliError(`${error.message}\nSee '${path} --help' for usage.`);
    throw error;
  }
  const { flags, args, dash } = parsed;
  if (flags.bool('help')) return io.stdout(helpText(path, command));
  if (!command.run) return groupOnly(command, path, args, io);
  const missing = (command.required ?? []).filter((name) => !flags.changed(name));
  if (missing.length > 0) throw new CliError(`required flag(s) ${missing.map(goQuote).join(', ')} not set`);
  if (!path.startsWith('kubectl config')) refuseMissingContext(flags, io.config);
  const impersonation = impersonationOf(flags, io.config.userName ?? 'admin');
  const rest_ = new Rest(io, impersonation);
  const allNamespaces = 'all-namespaces' in flagSet && flags.bool('all-namespaces');
  const session: Session = {
    io,
    rest: rest_,
    discovery: new Discovery(rest_, cacheOf(io.config)),
    flags,
    args,
    dash,
    namespace: flags.string('namespace') || io.config.namespace || 'default',
    explicitNamespace: flags.changed('namespace') && !allNamespaces,
    commandPath: path,
    requestTimeoutMs: timeoutOf(flags.string('request-timeout')),
  };
  return command.run(session);
};

/** A context that is not there leads nowhere; only `kubectl config` has use for such a configuration. */
const refuseMissingContext = (flags: Flags, { context, contexts }: KubectlConfig): void => {
  const wanted = flags.string('context');
  if (wanted && wanted !== context && !contexts?.has(wanted))
    throw new CliError(`context ${goQuote(wanted)} does not exist`);
  if (!wanted && context && contexts && !contexts.has(context))
    throw new Complaint(`Error in configuration: context was not found for specified context: ${context}`);
};

const caches = new WeakMap<KubectlConfig, DiscoveryCache>();

/** What commands with the same configuration remember. */
const cacheOf = (config: KubectlConfig): DiscoveryCache => {
  let cache = caches.get(config);
  if (!cache) caches.set(config, (cache = {}));
  return cache;
};

/** Finds the command that the words before and between flags name. */
const find = (argv: readonly string[]): { command: Command; path: string; rest: string[] } => {
  let command = rootCommand;
  let path = 'kubectl';
  const rest = [...argv];
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === '--') break;
    if (word.startsWith('-') && word.length > 1) {
      if (takesValue(word, { ...globalFlags, ...command.flags })) i++;
      continue;
    }
    const next = command.commands?.find(({ name, aliases }) => name === word || aliases?.includes(word));
    if (!next) {
      if (command === rootCommand) throw unknownCommand(word);
      break;
    }
    command = next;
    path = `${path} ${next.name}`;
    rest.splice(i, 1);
    i--;
    if (!command.commands) break;
  }
  return { command, path, rest };
};

const takesValue = (word: string, flags: FlagSet): boolean => {
  if (word.includes('=')) return false;
  const flag = word.startsWith('--')
    ? flags[word.slice(2)]
    : word.length === 2
      ? Object.values(flags).find(({ short }) => short === word[1])
      : undefined;
  return flag !== undefined && flag.type !== 'bool' && flag.bare === undefined;
};

const unknownCommand = (word: string): CliError => {
  const meant = suggestions(word, rootCommand.commands!);
  const hint = meant.length > 0 ? `\n\nDid you mean this?\n${meant.map((name) => `\t${name}\n`).join('')}` : '';
  return new CliError(`unknown command ${goQuote(word)} for "kubectl"${hint}`);
};

const groupOnly = (command: Command, path: string, args: readonly string[], io: KubectlIo): void => {
  if (args.length > 0 && command.alone?.code !== 0)
    throw new CliError(`unknown command ${goQuote(args.join(' '))}\nSee '${path} -h' for help and examples`);
  const { to, code } = command.alone ?? { to: 'stderr', code: 1 };
  io[to](helpText(path, command));
  if (code !== 0) throw new Exit(code);
};

/** The headers that --as and the flags beside it stand for. `user` is the kubeconfig's name for who one is. */
const impersonationOf = (flags: Flags, user: string): Record<string, string> => {
  const as = flags.string('as');
  const groups = flags.list('as-group');
  const uid = flags.string('as-uid');
  const extra: Record<string, string> = {};
  for (const pair of flags.list('as-user-extra')) {
    const equals = pair.indexOf('=');
    const name = `impersonate-extra-${pair.slice(0, equals).toLowerCase()}`;
    const value = pair.slice(equals + 1);
    extra[name] = extra[name] ? `${extra[name]},${value}` : value;
  }
  if (!as && (groups.length > 0 || uid || Object.keys(extra).length > 0))
    throw new CliError(`requesting uid, groups or user-extra for ${user} without impersonating a user`);
  return {
    ...(as ? { 'impersonate-user': as } : {}),
    ...(groups.length > 0 ? { 'impersonate-group': groups.join(',') } : {}),
    ...(uid ? { 'impersonate-uid': uid } : {}),
    ...extra,
  };
};

const timeoutOf = (value: string): number => {
  const ms = /^-?\d+$/.test(value) ? Number(value) * 1000 : parseDuration(value);
  if (ms === undefined)
    throw new CliError(
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    );
  return ms;
};
