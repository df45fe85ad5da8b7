import { filenameFlags, managerFlags, printFlags, selectorFlags, dryRunFlags } from '../../cli/flag-sets.ts';
import type { Command } from '../../cli/command.ts';
import { build, type Info } from '../../builder.ts';
import { resourceName } from '../../discovery.ts';
import { AggregateFailure, CliError, combine } from '../../errors.ts';
import { nameOf, printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';
import { at, record } from '../../value.ts';
import { patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { history, printedRevisions } from './history.ts';
import { rolloutStatus } from './status.ts';
import { undo } from './undo.ts';

const flags = { ...printFlags, ...filenameFlags, ...selectorFlags };

const find = (session: Session): { infos: Info[]; errors: Error[] } => {
  const { flags: given, args } = session;
  if (args.length === 0 && given.list('filename').length === 0 && !given.string('kustomize'))
    throw new CliError('required resource not specified');
  return build(session, {
    args,
    filenames: given.list('filename'),
    kustomize: given.string('kustomize'),
    recursive: given.bool('recursive'),
    labelSelector: given.string('selector'),
    allowEmptySelector: true,
  });
};

const each = (session: Session, work: (info: Info) => void): void => {
  const { infos, errors } = find(session);
  const failures = [...errors];
  for (const info of infos) {
    try {
      work(info);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};

const historyCommand: Command = {
  name: 'history',
  short: 'View rollout history',
  flags: { ...flags, revision: { type: 'int' } },
  run: (session) => {
    const revision = session.flags.int('revision');
    if (revision < 0) throw new CliError(`revision must be a positive integer: ${revision}`);
    each(session, (info) => {
      if (session.flags.string('output')) {
        const printer = printerFor(session);
        for (const object of printedRevisions(session, info, revision)) session.io.stdout(printer(object));
        return;
      }
      const heading = revision > 0 ? `${nameOf(info.object)} with revision #${revision}` : `${nameOf(info.object)} `;
      session.io.stdout(`${heading}\n${history(session, info, revision)}\n`);
    });
  },
};

const statusCommand: Command = {
  name: 'status',
  short: 'Show the status of the rollout',
  flags: {
    ...filenameFlags,
    ...selectorFlags,
    watch: { type: 'bool', short: 'w', default: true },
    revision: { type: 'int' },
    timeout: { type: 'duration' },
  },
  run: (session) => {
    const { infos, errors } = find(session);
    if (session.flags.int('revision') < 0)
      throw new CliError(`revision must be a positive integer: ${session.flags.int('revision')}`);
    if (errors.length > 0) throw errors.length === 1 ? errors[0]! : new AggregateFailure(errors);
    if (infos.length === 0) throw new CliError('no resources found');
    return rolloutStatus(session, infos);
  },
};

const undoCommand: Command = {
  name: 'undo',
  short: 'Undo a previous rollout',
  flags: { ...flags, ...dryRunFlags, 'to-revision': { type: 'int' } },
  run: (session) => each(session, (info) => undo(session, info)),
};

const restartCommand: Command = {
  name: 'restart',
  short: 'Restart a resource',
  flags: { ...flags, ...managerFlags('kubectl-rollout') },
  run: (session) =>
    each(session, (info) => {
      const { object } = info;
      if (!['Deployment', 'DaemonSet', 'StatefulSet'].includes(info.mapping.kind))
        throw new CliError(`${resourceText(info)} "${info.name}" restarting is not supported`);
      if (at(object, 'spec', 'paused'))
        throw new CliError(
          `${resourceText(info)} "${info.name}" can't restart paused deployment (run rollout resume first)`,
        );
      const restartedAt = new Date(session.io.now()).toISOString().replace(/\.\d+Z$/, 'Z');
      const patch = {
        spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': restartedAt } } } },
      };
      const before = record(object, 'spec', 'template', 'metadata', 'annotations')['kubectl.kubernetes.io/restartedAt'];
      if (before === restartedAt)
        throw new CliError(
          'if restart has already been triggered within the past second, please wait before attempting to trigger another',
        );
      const changed = patchObject(session, info, STRATEGIC_MERGE, patch, {
        fieldManager: session.flags.string('field-manager'),
      });
      session.io.stdout(printerFor(session, { operation: 'restarted' })(changed));
    }),
};

const resourceText = (info: Info): string => resourceName(info.mapping);

const pausing = (name: 'pause' | 'resume', done: string, already: string): Command => ({
  name,
  short: name === 'pause' ? 'Mark the provided resource as paused' : 'Resume a paused resource',
  flags: { ...flags, ...managerFlags('kubectl-rollout') },
  run: (session) =>
    each(session, (info) => {
      if (info.mapping.kind !== 'Deployment')
        throw new CliError(
          `${resourceText(info)} "${info.name}" ${name === 'pause' ? 'pausing' : 'resuming'} is not supported`,
        );
      const paused = Boolean(at(info.object, 'spec', 'paused'));
      if (paused === (name === 'pause')) throw new CliError(`${resourceText(info)} "${info.name}" is ${already}`);
      const changed = patchObject(
        session,
        info,
        STRATEGIC_MERGE,
        { spec: { paused: name === 'pause' ? true : null } },
        { fieldManager: session.flags.string('field-manager') },
      );
      session.io.stdout(printerFor(session, { operation: done })(changed));
    }),
});

export const rolloutCommand: Command = {
  name: 'rollout',
  short: 'Manage the rollout of a resource',
  long: 'Manage the rollout of one or many resources.\n        \n Valid resource types include:\n\n  *  deployments\n  *  daemonsets\n  *  statefulsets',
  examples: [
    ['Rollback to the previous deployment', 'kubectl rollout undo deployment/abc'],
    ['Check the rollout status of a daemonset', 'kubectl rollout status daemonset/foo'],
    ['Restart a deployment', 'kubectl rollout restart deployment/abc'],
    ["Restart deployments with the 'app=nginx' label", 'kubectl rollout restart deployment --selector=app=nginx'],
  ],
  usage: 'kubectl rollout SUBCOMMAND [options]',
  alone: { to: 'stdout', code: 1 },
  commands: [
    historyCommand,
    pausing('pause', 'paused', 'already paused'),
    restartCommand,
    pausing('resume', 'resumed', 'not paused'),
    statusCommand,
    undoCommand,
  ],
};
