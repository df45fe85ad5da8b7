import { allNamespacesFlags, dryRunFlags, fieldSelectorFlags, filenameFlags, selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { kindName, pathOf } from '../discovery.ts';
import { dryRunOf, saidWith, type DryRun } from '../dry-run.ts';
import { CliError, combine, isNotFound, withSource } from '../errors.ts';
import type { Session } from '../session.ts';
import { text } from '../value.ts';
import { EventStream } from '../wait-stream.ts';
import { printRaw } from './get.ts';

export const deleteCommand: Command = {
  name: 'delete',
  short: 'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  suggestFor: ['remove', 'rm'],
  flags: {
    ...filenameFlags,
    ...selectorFlags,
    ...fieldSelectorFlags,
    ...allNamespacesFlags,
    ...dryRunFlags,
    all: { type: 'bool' },
    cascade: { type: 'string', default: 'background', bare: 'background' },
    force: { type: 'bool' },
    'grace-period': { type: 'int', default: -1 },
    'ignore-not-found': { type: 'bool' },
    interactive: { type: 'bool', short: 'i' },
    now: { type: 'bool' },
    output: { type: 'string', short: 'o' },
    raw: { type: 'string' },
    timeout: { type: 'duration' },
    wait: { type: 'bool', default: true },
  },
  run: (session) => remove(session),
};

const IMMEDIATE =
  'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n';

const propagation: Record<string, string> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  true: 'Background',
  false: 'Orphan',
};

const remove = (session: Session): void | Promise<void> => {
  const { flags, io } = session;
  if (flags.string('raw')) return printRaw(session, session.rest.request('DELETE', flags.string('raw')));
  const selector = flags.string('selector');
  const all = flags.bool('all');
  const dryRun = dryRunOf(session);
  const policy = propagation[flags.string('cascade')];
  if (!policy)
    throw new CliError(
      `invalid cascade value (${flags.string('cascade')}). Must be "background", "foreground", or "orphan"`,
    );
  const force = flags.bool('force');
  let grace = flags.int('grace-period');
  if (all && selector) throw new CliError("setting 'all' parameter but found a non empty selector. ");
  if (flags.bool('now')) {
    if (grace !== -1) throw new CliError('--now and --grace-period cannot be specified together');
    grace = 1;
  }
  if (force && grace > 0) throw new CliError('--force and --grace-period greater than 0 cannot be specified together');
  if (grace === 0 && !force) {
    // Without --force a grace period of zero would not wait for the kubelet; kubectl asks for one second.
    grace = 1;
  } else if (force && grace < 0) grace = 0;
  const output = flags.string('output');
  if (output !== '' && output !== 'name')
    throw new CliError(`unexpected -o output mode: ${output}. We only support '-o name'`);
  const ignoreNotFound =
    flags.bool('ignore-not-found') ||
    (all && !flags.changed('ignore-not-found')) ||
    (selector !== '' && !flags.changed('ignore-not-found'));
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: selector,
    fieldSelector: flags.string('field-selector'),
    selectAll: all,
    allNamespaces: flags.bool('all-namespaces'),
    fetch: false,
  });
  if (force && grace === 0) io.stderr(IMMEDIATE);
  const failures = [...errors];
  const deleted: { info: Info; uid: string }[] = [];
  let found = 0;
  for (const info of infos) {
    found++;
    try {
      const uid = deleteOne(session, info, { grace, policy, dryRun });
      if (!output) io.stdout(deletedText(info, force && grace === 0, dryRun));
      else io.stdout(`${kindName(info.mapping.group, info.mapping.kind)}/${info.name}\n`);
      if (uid !== undefined) deleted.push({ info, uid });
    } catch (error) {
      if (ignoreNotFound && isNotFound(error)) {
        found--;
        continue;
      }
      failures.push(withSource('deleting', info.source, error) as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
  if (found === 0 && !(flags.bool('ignore-not-found') && !selector && !all)) io.stdout('No resources found\n');
  if (!flags.bool('wait') || dryRun !== 'none' || deleted.length === 0) return;
  return waitDeleted(session, deleted, flags.int('timeout'));
};

/** Returns the uid of what was deleted, as far as the answer tells it. */
const deleteOne = (
  session: Session,
  info: Info,
  options: { grace: number; policy: string; dryRun: DryRun },
): string | undefined => {
  const path = pathOf(info.mapping, info.namespace, info.name);
  if (options.dryRun === 'client') {
    session.rest.get(path);
    return undefined;
  }
  const answer = session.rest.delete(path, {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...(options.grace >= 0 ? { gracePeriodSeconds: options.grace } : {}),
    propagationPolicy: options.policy,
    ...(options.dryRun === 'server' ? { dryRun: ['All'] } : {}),
  });
  return text(answer, 'details', 'uid') || text(answer, 'metadata', 'uid');
};

const deletedText = (info: Info, forced: boolean, dryRun: DryRun): string => {
  const from = info.namespace ? ` from ${info.namespace} namespace` : '';
  return `${kindName(info.mapping.group, info.mapping.kind)} "${info.name}" ${saidWith(`${forced ? 'force ' : ''}deleted${from}`, dryRun)}\n`;
};

const WEEK_MS = 7 * 24 * 3_600_000;

/** Waits until each is gone, or replaced by another of its name. Returns undefined when nothing is left to wait for. */
const waitDeleted = (
  session: Session,
  deleted: readonly { info: Info; uid: string }[],
  timeoutMs: number,
): void | Promise<void> => {
  const remaining = deleted.filter(({ info, uid }) => stillThere(session, info, uid));
  if (remaining.length === 0) return;
  return (async () => {
    const end = session.io.now() + (timeoutMs > 0 ? timeoutMs : WEEK_MS);
    for (const { info, uid } of remaining) await gone(session, info, uid, end);
  })();
};

const stillThere = (session: Session, info: Info, uid: string): boolean => {
  try {
    const object = session.rest.get(pathOf(info.mapping, info.namespace, info.name));
    return uid === '' || text(object, 'metadata', 'uid') === uid;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
};

/** Resolves when the object is gone; throws kubectl's text at `end`. */
export const gone = async (session: Session, info: Info, uid: string, end: number): Promise<void> => {
  const timedOut = (): CliError =>
    new CliError(`timed out waiting for the condition on ${info.mapping.resource}/${info.name}`);
  while (stillThere(session, info, uid)) {
    const left = end - session.io.now();
    if (left <= 0) throw timedOut();
    const stream = new EventStream(
      session.rest,
      session.io,
      pathOf(info.mapping, info.namespace),
      { query: { watch: true, fieldSelector: `metadata.name=${info.name}` } },
      left,
    );
    try {
      for (let event = await stream.next(); event; event = await stream.next())
        if (event.type === 'DELETED' || event.type === 'ERROR') break;
    } finally {
      stream.close();
    }
    if (session.io.signal?.aborted) throw new CliError('interrupted', 130);
  }
};
