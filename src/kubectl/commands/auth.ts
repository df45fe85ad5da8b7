import { allNamespacesFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { CliError, Exit, isNotFound } from '../errors.ts';
import { alignTable } from '../print/table.ts';
import type { Session } from '../session.ts';
import { record, sortedKeys, strings, text } from '../value.ts';

const canI: Command = {
  name: 'can-i',
  short: 'Check whether an action is allowed',
  flags: {
    ...allNamespacesFlags,
    list: { type: 'bool' },
    'no-headers': { type: 'bool' },
    quiet: { type: 'bool', short: 'q' },
    subresource: { type: 'string' },
  },
  run: (session) => ask(session),
};

const ask = (session: Session): void => {
  const { args, flags, io, rest } = session;
  const [verb, what, name] = args;
  if (verb === undefined || what === undefined || args.length > 3)
    throw new CliError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    );
  const [type = '', slashName] = what.startsWith('/') ? [what] : what.split('/');
  const mapping = what.startsWith('/') ? undefined : session.discovery.lookUp(type);
  if (!what.startsWith('/') && !mapping && type !== '*')
    io.stderr(`Warning: the server doesn't have a resource type '${type}'\n\n`);
  else if (mapping && !mapping.namespaced)
    io.stderr(
      `Warning: resource '${mapping.resource}' is not namespace scoped${mapping.group ? ` in group '${mapping.group}'` : ''}\n\n`,
    );
  const spec = what.startsWith('/')
    ? { nonResourceAttributes: { verb, path: what } }
    : {
        resourceAttributes: {
          ...(flags.bool('all-namespaces') ? {} : { namespace: session.namespace }),
          verb,
          group: mapping?.group ?? '',
          resource: mapping?.resource ?? type,
          ...(flags.string('subresource') ? { subresource: flags.string('subresource') } : {}),
          ...((slashName ?? name) ? { name: slashName ?? name } : {}),
        },
      };
  const answer = rest.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    kind: 'SelfSubjectAccessReview',
    apiVersion: 'authorization.k8s.io/v1',
    spec,
  });
  const allowed = text(answer, 'status', 'allowed') === 'true';
  const reason = text(answer, 'status', 'reason');
  if (!flags.bool('quiet')) io.stdout(`${allowed ? 'yes' : `no${reason ? ` - ${reason}` : ''}`}\n`);
  if (!allowed) throw new Exit(1);
};

const whoami: Command = {
  name: 'whoami',
  short: 'Experimental: Check self subject attributes',
  run: ({ io, rest }) => {
    try {
      const answer = rest.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {
        kind: 'SelfSubjectReview',
        apiVersion: 'authentication.k8s.io/v1',
      });
      const extra = record(answer, 'status', 'userInfo', 'extra');
      const rows: [string, string][] = [
        ['Username', text(answer, 'status', 'userInfo', 'username')],
        ...(text(answer, 'status', 'userInfo', 'uid')
          ? [['UID', text(answer, 'status', 'userInfo', 'uid')] as [string, string]]
          : []),
        ['Groups', `[${strings(answer, 'status', 'userInfo', 'groups').join(' ')}]`],
        ...sortedKeys(extra).map((key): [string, string] => [`Extra: ${key}`, `[${strings(extra, key).join(' ')}]`]),
      ];
      io.stdout(alignTable(`ATTRIBUTE\tVALUE\n${rows.map((row) => `${row.join('\t')}\n`).join('')}`));
    } catch (error) {
      if (isNotFound(error)) throw new CliError('the selfsubjectreviews API is not enabled in the cluster');
      throw error;
    }
  },
};

export const authCommand: Command = {
  name: 'auth',
  short: 'Inspect authorization',
  usage: 'kubectl auth [flags] [options]',
  commands: [canI, whoami],
};

const noMetrics = (name: string, short: string): Command => ({
  name,
  short,
  run: () => {
    throw new CliError('Metrics API not available');
  },
});

/** No metrics are gathered here, as on a cluster without metrics-server. */
export const topCommand: Command = {
  name: 'top',
  short: 'Display resource (CPU/memory) usage',
  commands: [
    { ...noMetrics('node', 'Display resource (CPU/memory) usage of nodes'), aliases: ['nodes', 'no'] },
    { ...noMetrics('pod', 'Display resource (CPU/memory) usage of pods'), aliases: ['pods', 'po'] },
  ],
};
