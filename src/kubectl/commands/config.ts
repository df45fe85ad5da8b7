import type { Command } from '../cli/command.ts';
import { CliError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import type { KubectlConfig } from '../io.ts';
import { printerFor } from '../print/printer.ts';
import { printFlags } from '../cli/flag-sets.ts';
import { alignTable } from '../print/table.ts';
import type { Session } from '../session.ts';
import { byText, type Obj } from '../value.ts';

type Context = { cluster: string; user: string; namespace: string };

/** The contexts of a configuration; a configuration without any has one, of its own settings. */
const contextsOf = (config: KubectlConfig): Map<string, Context> => {
  config.contexts ??= new Map([
    [
      config.context ?? 'lab',
      { cluster: config.cluster ?? 'lab', user: config.userName ?? 'admin', namespace: config.namespace },
    ],
  ]);
  config.context ??= [...config.contexts.keys()][0]!;
  return config.contexts;
};

const use = (config: KubectlConfig, name: string): void => {
  const context = contextsOf(config).get(name);
  if (!context) throw new CliError(`no context exists with the name: ${goQuote(name)}`);
  config.context = name;
  config.namespace = context.namespace || 'default';
};

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

const one = (session: Session): string => {
  if (session.args.length !== 1)
    throw new CliError(
      `unexpected args: [${session.args.join(' ')}]\nSee '${session.commandPath} -h' for help and examples`,
    );
  return session.args[0]!;
};

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
        const rows = names.map((name) => {
          const context = contexts.get(name);
          if (!context) throw new CliError(`context ${name} not found`);
          return `${name === config.context ? '*' : ''}\t${name}\t${context.cluster}\t${context.user}\t${context.namespace}\n`;
        });
        session.io.stdout(
          alignTable(
            `${session.flags.bool('no-headers') ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n'}${rows.join('')}`,
          ),
        );
      },
      { output: { type: 'string', short: 'o' }, 'no-headers': { type: 'bool' } },
    ),
    sub('get-clusters', 'Display clusters defined in the kubeconfig', ({ io }, config) =>
      io.stdout(
        `NAME\n${[...new Set([...contextsOf(config).values()].map(({ cluster }) => cluster))].sort(byText).join('\n')}\n`,
      ),
    ),
    sub('get-users', 'Display users defined in the kubeconfig', ({ io }, config) =>
      io.stdout(
        `NAME\n${[...new Set([...contextsOf(config).values()].map(({ user }) => user))].sort(byText).join('\n')}\n`,
      ),
    ),
    sub('use-context', 'Set the current-context in a kubeconfig file', (session, config) => {
      const name = one(session);
      use(config, name);
      session.io.stdout(`Switched to context ${goQuote(name)}.\n`);
    }),
    sub(
      'set-context',
      'Set a context entry in kubeconfig',
      (session, config) => {
        const contexts = contextsOf(config);
        const { flags } = session;
        const name = flags.bool('current') ? config.context! : one(session);
        const before = contexts.get(name);
        contexts.set(name, {
          cluster: flags.string('cluster') || before?.cluster || '',
          user: flags.string('user') || before?.user || '',
          namespace: flags.string('namespace') || before?.namespace || '',
        });
        if (name === config.context) use(config, name);
        session.io.stdout(`Context ${goQuote(name)} ${before ? 'modified' : 'created'}.\n`);
      },
      { current: { type: 'bool' } },
    ),
    sub('rename-context', 'Rename a context from the kubeconfig file', (session, config) => {
      const contexts = contextsOf(config);
      const [from = '', to = ''] = session.args;
      const context = contexts.get(from);
      if (!context)
        throw new CliError(`cannot rename the context ${goQuote(from)}, it's not in ${goQuote('~/.kube/config')}`);
      contexts.delete(from);
      contexts.set(to, context);
      if (config.context === from) config.context = to;
      session.io.stdout(`Context ${goQuote(from)} renamed to ${goQuote(to)}.\n`);
    }),
    sub('delete-context', 'Delete the specified context from the kubeconfig', (session, config) => {
      const name = one(session);
      if (!contextsOf(config).delete(name)) throw new CliError(`cannot delete context ${name}, not in ~/.kube/config`);
      session.io.stdout(`deleted context ${name} from ~/.kube/config\n`);
    }),
    sub('unset', 'Unset an individual value in a kubeconfig file', (session, config) => {
      const name = one(session);
      contextsOf(config);
      if (name === 'current-context') config.context = '';
      session.io.stdout(`Property ${goQuote(name)} unset.\n`);
    }),
    sub(
      'view',
      'Display merged kubeconfig settings or a specified kubeconfig file',
      (session, config) => {
        const contexts = contextsOf(config);
        const names = session.flags.bool('minify') ? [config.context!] : [...contexts.keys()].sort(byText);
        const used = names.map((name) => contexts.get(name)!);
        const object: Obj = {
          apiVersion: 'v1',
          clusters: [...new Set(used.map(({ cluster }) => cluster))].map((name) => ({
            cluster: { server: config.server ?? 'https://127.0.0.1:6443' },
            name,
          })),
          contexts: names.map((name, i) => ({
            context: {
              cluster: used[i]!.cluster,
              ...(used[i]!.namespace ? { namespace: used[i]!.namespace } : {}),
              user: used[i]!.user,
            },
            name,
          })),
          'current-context': config.context ?? '',
          kind: 'Config',
          users: [...new Set(used.map(({ user }) => user))].map((name) => ({ name, user: {} })),
        };
        if (!session.flags.changed('output')) session.flags.set('output', 'yaml');
        session.io.stdout(printerFor(session)(object));
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
