import { dryRunFlags, filenameFlags, printFlags, selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, dryRunQuery, saidWith } from '../dry-run.ts';
import { CliError, combine } from '../errors.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { num, text, withAt } from '../value.ts';
import { MERGE } from '../write.ts';

export const scaleCommand: Command = {
  name: 'scale',
  short: 'Set a new size for a deployment, replica set, or replication controller',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...selectorFlags,
    ...dryRunFlags,
    all: { type: 'bool' },
    'current-replicas': { type: 'int', default: -1 },
    replicas: { type: 'int' },
    'resource-version': { type: 'string' },
    timeout: { type: 'duration' },
  },
  required: ['replicas'],
  run: (session) => scale(session),
};

const scale = (session: Session): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  const printer = printerFor(session, { operation: saidWith('scaled', dryRun) });
  const replicas = flags.int('replicas');
  const current = flags.int('current-replicas');
  if (replicas < 0)
    throw new CliError('The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0');
  if (current < -1) throw new CliError('The --current-replicas must specify an integer of -1 or greater');
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    selectAll: flags.bool('all'),
  });
  if (flags.string('resource-version') && infos.length > 1)
    throw new CliError('cannot use --resource-version with multiple resources');
  const failures = [...errors];
  let scaled = 0;
  for (const info of infos) {
    try {
      if (dryRun !== 'client') scaleOne(session, info, replicas, current, dryRunQuery(dryRun));
      scaled++;
      io.stdout(printer(info.object));
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
  if (scaled === 0) throw new CliError('no objects passed to scale');
};

/** With preconditions the size is read, checked and written back; without, simply patched. */
const scaleOne = (
  session: Session,
  info: Info,
  replicas: number,
  current: number,
  query: Record<string, string>,
): void => {
  const path = pathOf(info.mapping, info.namespace, info.name, 'scale');
  const version = session.flags.string('resource-version');
  if (current < 0 && version === '') {
    session.rest.patch(path, MERGE, { spec: { replicas } }, { query });
    return;
  }
  const found = session.rest.get(path);
  const was = num(found, 'spec', 'replicas');
  if (current >= 0 && was !== current) throw new CliError(`Expected replicas to be ${current}, was ${was}`);
  const wasVersion = text(found, 'metadata', 'resourceVersion');
  if (version !== '' && wasVersion !== version)
    throw new CliError(`Expected resource version to be ${version}, was ${wasVersion}`);
  session.rest.put(path, withAt(found, ['spec', 'replicas'], replicas), { query });
};
