import { filenameFlags, managerFlags, printFlags, selectorFlags, dryRunFlags } from '../../cli/flag-sets.ts';
import type { Command } from '../../cli/command.ts';
import { build, type Info } from '../../builder.ts';
import { resourceName } from '../../discovery.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { AggregateFailure, CliError, combine } from '../../errors.ts';
import { LAST_APPLIED } from '../../last-applied.ts';
import { nameOf, printerFor } from '../../print/printer.ts';
import type { Session } from '../../session.ts';
import { at, record, type Obj } from '../../value.ts';
import { JSON_PATCH, patchObject, STRATEGIC_MERGE } from '../../write.ts';
import { describePodTemplateRaw } from '../../describe/pod-template.ts';
import { history, revisionTemplate } from './history.ts';
import { rolloutStatus } from './status.ts';
import { replicaSetsOf, REVISION, revisionOf, sameTemplate, withoutHash } from './objects.ts';

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
        const template = revisionTemplate(session, info, revision);
        session.io.stdout(printerFor(session)(template));
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

const warnApplied = (session: Session, info: Info): void => {
  if (record(info.object, 'metadata', 'annotations')[LAST_APPLIED] === undefined) return;
  session.io.stderr(
    `Warning: resource ${info.mapping.resource}/${info.name} was previously managed with 'kubectl apply'. Rolling back will not update the ${LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. Consider using 'kubectl apply' with your previous configuration file instead.\n`,
  );
};

const undoCommand: Command = {
  name: 'undo',
  short: 'Undo a previous rollout',
  flags: { ...flags, ...dryRunFlags, 'to-revision': { type: 'int' } },
  run: (session) => {
    const dryRun = dryRunOf(session);
    const target = session.flags.int('to-revision');
    each(session, (info) => {
      if (info.mapping.kind === 'Deployment') warnApplied(session, info);
      const say = (operation: string): void =>
        session.io.stdout(printerFor(session, { operation: saidWith(operation, dryRun) })(info.object));
      if (info.mapping.kind !== 'Deployment')
        throw new CliError(`no rollbacker has been implemented for ${gvkText(info)}`);
      const { object } = info;
      const replicaSet = rollbackTarget(replicaSetsOf(session, object), target, info.name);
      const template = at(replicaSet, 'spec', 'template') as Obj;
      if (dryRun === 'client') return say(describePodTemplateRaw(template));
      if (at(object, 'spec', 'paused'))
        throw new CliError(
          "you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
        );
      if (sameTemplate(template, at(object, 'spec', 'template') as Obj)) {
        session.io.stdout(
          `${nameOf(object)} skipped rollback (current template already matches revision ${revisionOf(replicaSet)})\n`,
        );
        return;
      }
      const patch = [
        { op: 'replace', path: '/spec/template', value: withoutHash(template) },
        { op: 'replace', path: '/metadata/annotations', value: rolledBackAnnotations(object, replicaSet) },
      ];
      patchObject(session, info, JSON_PATCH, patch, { dryRun, fieldManager: undefined });
      say('rolled back');
    });
  },
};

const gvkText = (info: Info): string => `{${info.mapping.group} ${info.mapping.kind}}`;

const rollbackTarget = (replicaSets: readonly Obj[], target: number, name: string): Obj => {
  const byRevision = [...replicaSets].sort((a, b) => revisionOf(b) - revisionOf(a));
  if (target > 0) {
    const found = byRevision.find((each) => revisionOf(each) === target);
    if (!found) throw new CliError(`unable to find specified revision ${target} in history`);
    return found;
  }
  const [, previous] = byRevision;
  if (!previous) throw new CliError(`no rollout history found for deployment "${name}"`);
  return previous;
};

/** The annotations of the revision, but for those that say where it came from. */
const KEPT = [
  LAST_APPLIED,
  REVISION,
  'deployment.kubernetes.io/revision-history',
  'deployment.kubernetes.io/desired-replicas',
  'deployment.kubernetes.io/max-replicas',
  'deprecated.deployment.rollback.to',
];
const rolledBackAnnotations = (deployment: Obj, replicaSet: Obj): Record<string, string> => {
  const annotations: Record<string, string> = {};
  for (const key of KEPT) {
    const value = record(deployment, 'metadata', 'annotations')[key];
    if (value !== undefined) annotations[key] = value;
  }
  for (const [key, value] of Object.entries(record(replicaSet, 'metadata', 'annotations')))
    if (!KEPT.includes(key)) annotations[key] = value;
  return annotations;
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
  usage: 'kubectl rollout SUBCOMMAND [options]',
  commands: [
    historyCommand,
    pausing('pause', 'paused', 'already paused'),
    restartCommand,
    pausing('resume', 'resumed', 'not paused'),
    statusCommand,
    undoCommand,
  ],
};
