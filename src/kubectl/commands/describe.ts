import { allNamespacesFlags, chunkFlags, filenameFlags, selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { describerFor } from '../describe/describers.ts';
import { DescribeWriter } from '../describe/writer.ts';
import { CliError, isNotFound, throwAggregate } from '../errors.ts';
import type { Session } from '../session.ts';

export const describeCommand: Command = {
  name: 'describe',
  short: 'Show details of a specific resource or group of resources',
  suggestFor: ['inspect'],
  usage: 'kubectl describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]',
  flags: {
    ...filenameFlags,
    ...selectorFlags,
    ...allNamespacesFlags,
    ...chunkFlags,
    'show-events': { type: 'bool', default: true },
  },
  run: (session) => describe(session),
};

const describe = (session: Session): void => {
  const { flags, args, io } = session;
  if (args.length === 0 && flags.list('filename').length === 0 && !flags.string('kustomize'))
    throw new CliError(
      'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.\n',
    );
  const options = {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    allNamespaces: flags.bool('all-namespaces'),
    chunkSize: flags.int('chunk-size'),
    allowEmptySelector: true,
  };
  const { infos, errors } = build(session, { ...options, args });
  const showEvents = flags.changed('show-events')
    ? flags.bool('show-events')
    : errors.length === 0 && infos.length <= 1;
  if (errors.length > 0 && args.length === 2 && isNotFound(errors[0]) && errors.length === 1) {
    const [type, prefix] = args as [string, string];
    const all = build(session, { ...options, args: [type], allNamespaces: false, labelSelector: '' });
    if (all.errors.length > 0) throw all.errors[0]!;
    const matching = all.infos.filter((info) => info.name.startsWith(prefix));
    for (const info of matching) io.stdout(`${descriptionOf(session, info, showEvents)}\n`);
    if (matching.length === 0) throw errors[0]!;
    return;
  }
  io.stdout(infos.map((info) => descriptionOf(session, info, showEvents)).join('\n\n'));
  if (infos.length === 0 && errors.length === 0)
    io.stderr(
      flags.bool('all-namespaces') ? 'No resources found\n' : `No resources found in ${session.namespace} namespace.\n`,
    );
  throwAggregate(errors);
};

const descriptionOf = (session: Session, info: Info, showEvents: boolean): string => {
  const w = new DescribeWriter();
  describerFor(info.mapping)({ session, info, object: info.object, showEvents, now: session.io.now() }, w);
  return w.toString();
};
