import { unifiedDiff } from '../../api/core/unified-diff.ts';
import { build, fetchObject, type Info } from '../builder.ts';
import type { Command } from '../cli/command.ts';
import { filenameFlags, managerFlags, selectorFlags } from '../cli/flag-sets.ts';
import { CliError, Complaint, errorText, Exit, isConflict, isNotFound } from '../errors.ts';
import { LAST_APPLIED, lastApplied } from '../last-applied.ts';
import { toYaml } from '../print/yaml.ts';
import { seeHelp, type Session } from '../session.ts';
import { threeWayPatch } from '../three-way.ts';
import { isObject, record, withAt, type Obj } from '../value.ts';
import { APPLY, createObject, MERGE, patchObject, STRATEGIC_MERGE } from '../write.ts';
import { CONFLICT_HELP } from './apply.ts';

export const diffCommand: Command = {
  name: 'diff',
  short: 'Diff the live version against a would-be applied version',
  flags: {
    ...filenameFlags,
    ...selectorFlags,
    ...managerFlags('kubectl-client-side-apply'),
    concurrency: { type: 'int', default: 1 },
    'force-conflicts': { type: 'bool' },
    prune: { type: 'bool' },
    'prune-allowlist': { type: 'array' },
    'server-side': { type: 'bool' },
    'show-managed-fields': { type: 'bool' },
  },
  flagError: ({ message }, path) => new CliError(`${message}\nSee '${path} -h' for help and examples`, 2),
  run: (session) => {
    try {
      diff(session);
    } catch (error) {
      throw inTrouble(error);
    }
  },
};

/** That something went wrong is told from a difference, which is 1, by the exit code. */
const inTrouble = (error: unknown): unknown => {
  if (error instanceof Exit) return error;
  const said = errorText(error).trimEnd();
  return new Complaint(said, 2);
};

/** One object as it is, where it is, and as it would be. */
interface Pair {
  readonly name: string;
  readonly live: Obj | undefined;
  readonly merged: Obj;
}

const diff = (session: Session): void => {
  const { flags, args } = session;
  if (args.length > 0) throw new CliError(seeHelp(session, `Unexpected args: [${args.join(' ')}]`));
  if (flags.list('filename').length === 0 && !flags.string('kustomize'))
    throw new CliError('must specify one of -f and -k');
  if (flags.bool('force-conflicts') && !flags.bool('server-side'))
    throw new CliError('--force-conflicts only works with --server-side');
  const { infos, errors } = build(session, {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fetch: false,
  });
  if (errors.length > 0) throw errors[0]!;
  const pairs = infos.map((info) => pairOf(session, info)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = pairs.map((pair) => differenceOf(session, pair)).join('');
  if (!found) return;
  session.io.stdout(found);
  throw new Exit(1);
};

const pairOf = (session: Session, info: Info): Pair => {
  const { group, version, kind } = info.mapping;
  const name = `${group ? `${group}.` : ''}${version}.${kind}.${info.namespace ?? ''}.${info.name}`;
  let live: Obj | undefined;
  try {
    live = fetchObject(session, info.mapping, info.namespace, info.name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  return { name, live, merged: mergedOf(session, info, live) };
};

/** The object as an apply would leave it, which the server is asked. */
const mergedOf = (session: Session, info: Info, live: Obj | undefined): Obj => {
  const { flags } = session;
  const serverSide = flags.bool('server-side');
  const fieldManager = serverSide && !flags.changed('field-manager') ? 'kubectl' : flags.string('field-manager');
  const options = { dryRun: 'server', fieldManager } as const;
  if (serverSide) {
    try {
      return patchObject(session, info, APPLY, info.object, { ...options, force: flags.bool('force-conflicts') });
    } catch (error) {
      if (isConflict(error)) throw new CliError(`${(error as Error).message}\n${CONFLICT_HELP}`);
      throw error;
    }
  }
  if (!live) return createObject(session, info.mapping, info.namespace, info.object, options);
  const { [LAST_APPLIED]: _, ...annotations } = record(info.object, 'metadata', 'annotations');
  const modified = withAt(info.object, ['metadata', 'annotations'], annotations);
  const { patch, strategic } = threeWayPatch(info.mapping, lastApplied(live), modified, live);
  return patchObject(session, info, strategic ? STRATEGIC_MERGE : MERGE, patch, options);
};

const differenceOf = (session: Session, { name, live, merged }: Pair): string => {
  const [before, after] = masked(shown(session, live), shown(session, merged));
  const text = unifiedDiff(before ? toYaml(before).trimEnd() : '', toYaml(after).trimEnd());
  if (!text) return '';
  const time = `${new Date(session.io.now()).toISOString().replace('T', ' ').replace('Z', '')}000000 +0000`;
  const [from, to] = [`/tmp/LIVE-1/${name}`, `/tmp/MERGED-2/${name}`];
  return `diff -u -N ${from} ${to}\n--- ${from}\t${time}\n+++ ${to}\t${time}\n${text}`;
};

const shown = (session: Session, object: Obj | undefined): Obj | undefined =>
  object && !session.flags.bool('show-managed-fields')
    ? (withAt(object, ['metadata', 'managedFields'], undefined) as Obj)
    : object;

/** Values of Secrets are not shown, only whether they differ. */
const masked = (before: Obj | undefined, after: Obj | undefined): [Obj | undefined, Obj] => {
  const next = after ?? {};
  if (next['kind'] !== 'Secret') return [before, next];
  const [old, now] = [before?.['data'], next['data']];
  const hide = (data: unknown, other: unknown, mark: string): Obj =>
    Object.fromEntries(
      Object.entries(isObject(data) ? data : {}).map(([key, value]) => {
        const there = isObject(other) ? other[key] : undefined;
        return [key, there === undefined || there === value ? '***' : `*** (${mark})`];
      }),
    );
  return [
    before && isObject(old) ? { ...before, data: hide(old, now, 'before') } : before,
    isObject(now) ? { ...next, data: hide(now, old, 'after') } : next,
  ];
};
