import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import type { KubectlConfig, KubectlIo } from '../io.ts';
import { clustersOf, CONFIG_FILE, contextsOf, setProperty, useContext, usersOf } from '../kubeconfig.ts';
import { printerFor } from '../print/printer.ts';
import { printFlags } from '../cli/flag-sets.ts';
import { alignTable } from '../print/table.ts';
import type { Session } from '../session.ts';
import { byText, type Obj } from '../value.ts';

const sub = (
  name: string,
  short: string,
  run: (session: Session, config: KubectlConfig) => void,
  flags: Command['flags'] = {},
): Command => ({
  name,
  short,
  flags,
  run: (session) => run(session, session.io.config),
});

/** Lists the names of clusters or users. */
const named = ({ stdout }: KubectlIo, entries: ReadonlyMap<string, unknown>): void =>
  stdout(['NAME', ...[...entries.keys()].sort(byText)].map((name) => `${name}\n`).join(''));

/** A command that sets what its flags say of a cluster or a user. */
const setting = (
  name: string,
  what: 'Cluster' | 'User',
  short: string,
  flags: readonly string[],
  entriesOf: (config: KubectlConfig) => Map<string, Record<string, unknown>>,
): Command =>
  sub(name, short, (session, config) => {
    const entry = one(session);
    const entries = entriesOf(config);
    const given = flags.filter((flag) => session.flags.changed(flag));
    const values = given.map((flag) => {
      const value = session.flags.string(flag);
      return [flag, session.flags.bool(flag) === true ? true : value] as const;
    });
    entries.set(entry, { ...entries.get(entry), ...Object.fromEntries(values) });
    session.io.stdout(`${what} ${goQuote(entry)} set.\n`);
  });

/** A command that takes a cluster or a user out of the configuration. */
const deleting = (
  name: string,
  what: 'cluster' | 'user',
  entriesOf: (config: KubectlConfig) => Map<string, unknown>,
): Command =>
  sub(name, `Delete the specified ${what} from the kubeconfig`, (session, config) => {
    const entry = one(session);
    if (!entriesOf(config).delete(entry)) throw new CliError(`cannot delete ${what} ${entry}, not in ${CONFIG_FILE}`);
    session.io.stdout(`deleted ${what} ${entry} from ${CONFIG_FILE}\n`);
  });

const one = (session: Session): string => {
  if (session.args.length !== 1)
    throw new CliError(
      `unexpected args: [${session.args.join(' ')}]\nSee '${session.commandPath} -h' for help and examples`,
    );
  return session.args[0]!;
};

/** Secrets are shown only to those who ask for the raw configuration. */
const redacted = (entry: Obj, raw: boolean): Obj =>
  raw
    ? entry
    : Object.fromEntries(
        Object.entries(entry).map(([key, value]) => [key, key === 'token' || key === 'password' ? 'REDACTED' : value]),
      );

export const configCommand: Command = {
  name: 'config',
  short: 'Modify kubeconfig files',
  usage: 'kubectl config SUBCOMMAND [options]',
  commands: [
    sub('current-context', 'Display the current-context', ({ io }, config) => {
      contextsOf(config);
      if (!config.context) throw new CliError('current-context is not set');
      io.stdout(`${config.context}\n`);
    }),
    sub(
      'get-contexts',
      'Describe one or many contexts',
      (session, config) => {
        const contexts = contextsOf(config);
        const names = (session.args.length > 0 ? [...session.args] : [...contexts.keys()]).sort(byText);
        if (session.flags.string('output') === 'name')
          return session.io.stdout(names.map((name) => `${name}\n`).join(''));
        const known = names.filter((name) => contexts.has(name));
        const rows = known.map((name) => {
          const { cluster, user, namespace } = contexts.get(name)!;
          return `${name === config.context ? '*' : ''}\t${name}\t${cluster}\t${user}\t${namespace}\n`;
        });
        session.io.stdout(
          alignTable(
            `${session.flags.bool('no-headers') ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n'}${rows.join('')}`,
          ),
        );
        const missing = names.filter((name) => !contexts.has(name)).map((name) => `context ${name} not found`);
        if (missing.length > 0) throw new CliError(missing.length === 1 ? missing[0]! : `[${missing.join(', ')}]`);
      },
      { output: { type: 'string', short: 'o' }, 'no-headers': { type: 'bool' } },
    ),
    sub('get-clusters', 'Display clusters defined in the kubeconfig', ({ io }, config) =>
      named(io, clustersOf(config)),
    ),
    sub('get-users', 'Display users defined in the kubeconfig', ({ io }, config) => named(io, usersOf(config))),
    sub('use-context', 'Set the current-context in a kubeconfig file', (session, config) => {
      const name = one(session);
      useContext(config, name);
      session.io.stdout(`Switched to context ${goQuote(name)}.\n`);
    }),
    sub(
      'set-context',
      'Set a context entry in kubeconfig',
      (session, config) => {
        const contexts = contextsOf(config);
        const { flags } = session;
        if (!flags.bool('current') && session.args.length === 0)
          throw new CliError('you must specify a non-empty context name or --current');
        const name = flags.bool('current') ? config.context! : one(session);
        const before = contexts.get(name);
        contexts.set(name, {
          cluster: flags.string('cluster') || before?.cluster || '',
          user: flags.string('user') || before?.user || '',
          namespace: flags.string('namespace') || before?.namespace || '',
        });
        if (name === config.context) useContext(config, name);
        session.io.stdout(`Context ${goQuote(name)} ${before ? 'modified' : 'created'}.\n`);
      },
      { current: { type: 'bool' } },
    ),
    sub('rename-context', 'Rename a context from the kubeconfig file', (session, config) => {
      const contexts = contextsOf(config);
      const [from = '', to = ''] = session.args;
      if (session.args.length !== 2) throw new CliError(`Unexpected args: [${session.args.join(' ')}]`);
      const context = contexts.get(from);
      if (!context) throw new CliError(`cannot rename the context ${goQuote(from)}, it's not in ${CONFIG_FILE}`);
      if (contexts.has(to))
        throw new CliError(
          `cannot rename the context ${goQuote(from)}, the context ${goQuote(to)} already exists in ${CONFIG_FILE}`,
        );
      contexts.delete(from);
      contexts.set(to, context);
      if (config.context === from) config.context = to;
      session.io.stdout(`Context ${goQuote(from)} renamed to ${goQuote(to)}.\n`);
    }),
    sub('delete-context', 'Delete the specified context from the kubeconfig', (session, config) => {
      const name = one(session);
      if (!contextsOf(config).delete(name)) throw new CliError(`cannot delete context ${name}, not in ${CONFIG_FILE}`);
      session.io.stdout(`deleted context ${name} from ${CONFIG_FILE}\n`);
    }),
    deleting('delete-cluster', 'cluster', clustersOf),
    deleting('delete-user', 'user', usersOf),
    setting(
      'set-cluster',
      'Cluster',
      'Set a cluster entry in kubeconfig',
      ['certificate-authority', 'insecure-skip-tls-verify', 'server', 'tls-server-name'],
      clustersOf,
    ),
    setting(
      'set-credentials',
      'User',
      'Set a user entry in kubeconfig',
      ['client-certificate', 'client-key', 'password', 'token', 'username'],
      usersOf,
    ),
    sub('set', 'Set an individual value in a kubeconfig file', (session, config) => {
      const [path, value, ...more] = session.args;
      if (path === undefined || value === undefined || more.length > 0)
        throw new CliError(`unexpected args: [${session.args.join(' ')}]`);
      setProperty(config, path, value);
      session.io.stdout(`Property ${goQuote(path)} set.\n`);
    }),
    sub('unset', 'Unset an individual value in a kubeconfig file', (session, config) => {
      const path = one(session);
      setProperty(config, path, undefined);
      session.io.stdout(`Property ${goQuote(path)} unset.\n`);
    }),
    sub(
      'view',
      'Display merged kubeconfig settings or a specified kubeconfig file',
      (session, config) => {
        const contexts = contextsOf(config);
        const { flags } = session;
        const current = flags.string('context') || config.context!;
        if (flags.bool('minify') && !contexts.has(current)) throw new CliError(`cannot locate context ${current}`);
        const names = flags.bool('minify') ? [current] : [...contexts.keys()].sort(byText);
        const used = names.map((name) => contexts.get(name)!);
        const shown = (entries: ReadonlyMap<string, unknown>, field: 'cluster' | 'user'): Obj[] =>
          [...entries.keys()]
            .filter((name) => !flags.bool('minify') || used.some((context) => context[field] === name))
            .sort(byText)
            .map((name) => ({ name, [field]: redacted(entries.get(name) as Obj, flags.bool('raw')) }));
        const object: Obj = {
          kind: 'Config',
          apiVersion: 'v1',
          clusters: shown(clustersOf(config), 'cluster'),
          users: shown(usersOf(config), 'user'),
          contexts: names.map((name, i) => ({
            name,
            context: {
              cluster: used[i]!.cluster,
              user: used[i]!.user,
              ...(used[i]!.namespace ? { namespace: used[i]!.namespace } : {}),
            },
          })),
          'current-context': flags.bool('minify') ? current : (config.context ?? ''),
        };
        if (!session.flags.changed('output')) session.flags.set('output', 'yaml');
        session.io.stdout(printerFor(session, { typed: true })(object));
      },
      {
        ...printFlags,
        minify: { type: 'bool' },
        raw: { type: 'bool' },
        flatten: { type: 'bool' },
        merge: { type: 'bool', default: true },
      },
    ),
  ],
};
