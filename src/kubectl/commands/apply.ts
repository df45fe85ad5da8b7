import {
  dryRunFlags,
  filenameFlags,
  managerFlags,
  printFlags,
  selectorFlags,
  validateFlags,
} from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, fetchObject, type Info } from '../builder.ts';
import { gvrText, pathOf } from '../discovery.ts';
import { dryRunOf, saidWith, type DryRun } from '../dry-run.ts';
import { CliError, combine, isConflict, isInvalid, isNotFound, StatusError, withSource } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { goJson } from '../../api/go-text.ts';
import { LAST_APPLIED, lastApplied, withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import { threeWayPatch } from '../three-way.ts';
import { seeHelp, type Session } from '../session.ts';
import { at, record, text, type Obj } from '../value.ts';
import { APPLY, createObject, fieldValidationOf, MERGE, patchObject, STRATEGIC_MERGE } from '../write.ts';
import { migrate } from './apply-migration.ts';
import { applyLastAppliedCommands } from './apply-last-applied.ts';

export const applyCommand: Command = {
  name: 'apply',
  short: 'Apply a configuration to a resource by file name or stdin',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...selectorFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...managerFlags('kubectl-client-side-apply'),
    all: { type: 'bool' },
    cascade: { type: 'string', default: 'background', bare: 'background' },
    force: { type: 'bool' },
    'force-conflicts': { type: 'bool' },
    'grace-period': { type: 'int', default: -1 },
    'openapi-patch': { type: 'bool', default: true },
    overwrite: { type: 'bool', default: true },
    prune: { type: 'bool' },
    'prune-allowlist': { type: 'array' },
    'server-side': { type: 'bool' },
    subresource: { type: 'string' },
    timeout: { type: 'duration' },
    wait: { type: 'bool' },
  },
  commands: applyLastAppliedCommands,
  run: (session) => apply(session),
};

const apply = (session: Session): void => {
  const { flags, args } = session;
  if (args.length > 0) throw new CliError(seeHelp(session, `Unexpected args: [${args.join(' ')}]`));
  const serverSide = flags.bool('server-side');
  const dryRun = dryRunOf(session);
  if (flags.bool('force-conflicts') && !serverSide)
    throw new CliError('--force-conflicts only works with --server-side');
  if (dryRun === 'client' && serverSide)
    throw new CliError("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
  if (flags.string('subresource') && !serverSide)
    throw new CliError('--subresource can only be specified for --server-side');
  if (flags.bool('force') && serverSide) throw new CliError('--force cannot be used with --server-side');
  if (flags.list('filename').length === 0 && !flags.string('kustomize'))
    throw new CliError('must specify one of -f and -k');
  if (flags.list('filename').length > 0 && flags.string('kustomize'))
    throw new CliError('only one of -f or -k can be specified');
  const { infos, errors } = build(session, {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    validate: fieldValidationOf(session) !== 'Ignore',
    fetch: false,
  });
  const selector = flags.string('selector');
  const wanted = selector
    ? infos.filter((info) =>
        selector
          .split(',')
          .every((pair) => record(info.object, 'metadata', 'labels')[pair.split('=')[0]!] === pair.split(/==?/)[1]),
      )
    : infos;
  const failures: Error[] = [...errors];
  if (wanted.length === 0 && failures.length === 0) throw new CliError('no objects passed to apply');
  for (const info of wanted) {
    try {
      if (serverSide) applyServerSide(session, info, dryRun);
      else applyOne(session, info, dryRun);
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};

const say = (session: Session, object: Obj, operation: string, dryRun: DryRun): void =>
  session.io.stdout(printerFor(session, { operation: saidWith(operation, dryRun) })(object));

const describeInfo = (info: Info): string => {
  const { group, version, kind } = info.mapping;
  return `Resource: ${goQuote(gvrText(info.mapping))}, GroupVersionKind: ${goQuote(`${group}/${version}, Kind=${kind}`)}\nName: ${goQuote(info.name)}, Namespace: ${goQuote(info.namespace)}`;
};

const managerOf = (session: Session): string =>
  session.flags.bool('server-side') && !session.flags.changed('field-manager')
    ? 'kubectl'
    : session.flags.string('field-manager');

const applyOne = (session: Session, info: Info, dryRun: DryRun): void => {
  const { flags } = session;
  const options = { dryRun, fieldManager: managerOf(session), fieldValidation: fieldValidationOf(session) };
  let current: Obj;
  try {
    current = fetchObject(session, info.mapping, info.namespace, info.name);
  } catch (error) {
    if (!isNotFound(error))
      throw withSentence(`retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`, info, error);
    const modified = withLastApplied(info.object);
    if (dryRun === 'client') return say(session, modified, 'created', dryRun);
    let created: Obj;
    try {
      created = createObject(session, info.mapping, info.namespace, modified, options);
    } catch (failure) {
      throw withSource('creating', info.source, failure);
    }
    return say(session, created, 'created', dryRun);
  }
  if (record(current, 'metadata', 'annotations')[LAST_APPLIED] === undefined)
    session.io.stderr(
      `Warning: resource ${info.mapping.resource}/${info.name} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    );
  const { object, changed } = patchCurrent(session, info, current, options, flags.bool('force'));
  if (text(object, 'metadata', 'deletionTimestamp'))
    session.io.stderr(`Warning: Detected changes to resource ${info.name} which is currently being deleted.\n`);
  say(session, object, changed ? 'configured' : 'unchanged', dryRun);
};

/** `error when VERB "file": ` where the verb is a sentence of its own. */
const withSentence = (verb: string, info: Info, error: unknown): unknown => {
  const message = `error when ${verb} ${goQuote(info.source ?? '')}: ${(error as Error).message}`;
  return error instanceof StatusError ? new StatusError(error.status, message) : new CliError(message);
};

interface Options {
  readonly dryRun: DryRun;
  readonly fieldManager: string;
  readonly fieldValidation: string;
}

const RETRIES = 5;

const patchCurrent = (
  session: Session,
  info: Info,
  first: Obj,
  options: Options,
  force: boolean,
): { object: Obj; changed: boolean } => {
  let current = first;
  for (let attempt = 0; ; attempt++) {
    const modified = withLastApplied(info.object);
    const { patch, strategic } = threeWayPatch(info.mapping, lastApplied(current), modified, current);
    if (Object.keys(patch).length === 0) return { object: current, changed: false };
    if (options.dryRun === 'client') return { object: modified, changed: true };
    try {
      return { object: patchObject(session, info, strategic ? STRATEGIC_MERGE : MERGE, patch, options), changed: true };
    } catch (error) {
      if (isConflict(error) && attempt < RETRIES && at(patch, 'metadata', 'resourceVersion') === undefined) {
        current = fetchObject(session, info.mapping, info.namespace, info.name);
        continue;
      }
      if (force && (isConflict(error) || isInvalid(error)))
        return { object: deleteAndCreate(session, info, modified, options), changed: true };
      const patching = withSource('patching', info.source, error);
      throw withSentence(`applying patch:\n${goJson(patch)}\nto:\n${describeInfo(info)}\nfor:`, info, patching);
    }
  }
};

const deleteAndCreate = (session: Session, info: Info, modified: Obj, options: Options): Obj => {
  session.rest.delete(pathOf(info.mapping, info.namespace, info.name), {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    propagationPolicy: 'Background',
    ...(session.flags.int('grace-period') >= 0 ? { gracePeriodSeconds: session.flags.int('grace-period') } : {}),
  });
  return createObject(session, info.mapping, info.namespace, modified, options);
};

export const CONFLICT_HELP = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

const applyServerSide = (session: Session, info: Info, dryRun: DryRun): void => {
  if (!info.name) throw new CliError('metadata.name is required');
  const { flags } = session;
  const subresource = flags.string('subresource');
  const manager = managerOf(session);
  const send = (to: string): Obj =>
    patchObject(session, info, APPLY, info.object, {
      dryRun,
      fieldManager: manager,
      fieldValidation: fieldValidationOf(session),
      force: flags.bool('force-conflicts'),
      ...(to ? { subresource: to } : {}),
    });
  try {
    const object = send(subresource);
    say(
      session,
      migrate(session, info, object, manager, dryRun, () => send('')),
      'serverside-applied',
      dryRun,
    );
  } catch (error) {
    if (isConflict(error)) throw new CliError(`${(error as Error).message}\n${CONFLICT_HELP}`);
    throw error;
  }
};
