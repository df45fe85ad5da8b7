import {
  allNamespacesFlags,
  dryRunFlags,
  fieldSelectorFlags,
  filenameFlags,
  managerFlags,
  printFlags,
  selectorFlags,
} from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, type Info } from '../builder.ts';
import { dryRunOf, saidWith, type DryRun } from '../dry-run.ts';
import { CliError, combine } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { printerFor, type Printer } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { record, sortedKeys, withAt, type Obj } from '../value.ts';
import { patchObject, MERGE } from '../write.ts';

const flags = (manager: string) => ({
  ...printFlags,
  ...filenameFlags,
  ...selectorFlags,
  ...fieldSelectorFlags,
  ...allNamespacesFlags,
  ...dryRunFlags,
  ...managerFlags(manager),
  all: { type: 'bool' as const },
  list: { type: 'bool' as const },
  local: { type: 'bool' as const },
  overwrite: { type: 'bool' as const },
  'resource-version': { type: 'string' as const },
});

export const labelCommand: Command = {
  name: 'label',
  short: 'Update the labels on a resource',
  flags: flags('kubectl-label'),
  run: (session) =>
    change(session, { field: 'labels', word: 'label', done: 'labeled', undone: 'unlabeled', not: 'not labeled' }),
};

export const annotateCommand: Command = {
  name: 'annotate',
  short: 'Update the annotations on a resource',
  flags: flags('kubectl-annotate'),
  run: (session) =>
    change(session, {
      field: 'annotations',
      word: 'annotation',
      done: 'annotated',
      undone: 'annotated',
      not: 'not annotated',
    }),
};

interface Words {
  readonly field: 'labels' | 'annotations';
  readonly word: string;
  readonly done: string;
  readonly undone: string;
  readonly not: string;
}

const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const LABEL_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

const isChange = (arg: string): boolean => arg.includes('=') || (arg.endsWith('-') && arg !== '-');

const parseChanges = (specs: readonly string[], words: Words): { set: Record<string, string>; remove: string[] } => {
  const set: Record<string, string> = {};
  const remove: string[] = [];
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    if (equals >= 0) {
      const parts = words.field === 'labels' ? spec.split('=') : [spec.slice(0, equals), spec.slice(equals + 1)];
      if (parts.length !== 2 || parts[0] === '') throw new CliError(`invalid ${words.word} spec: ${spec}`);
      const value = parts[1]!;
      if (words.field === 'labels' && !LABEL_VALUE.test(value)) {
        if (value.includes(',')) throw new CliError(`invalid label spec: ${spec}`);
        throw new CliError(`invalid label value: ${goQuote(spec)}: ${LABEL_RULE}`);
      }
      if (words.field === 'labels' && value.length > 63)
        throw new CliError(`invalid label value: ${goQuote(spec)}: must be no more than 63 characters`);
      set[parts[0]!] = value;
    } else remove.push(spec.slice(0, -1));
  }
  if (remove.some((key) => key in set))
    throw new CliError(
      `can not both modify and remove ${words.field === 'labels' ? 'a label' : 'an annotation'} in the same command`,
    );
  return { set, remove };
};

const change = (session: Session, words: Words): void => {
  const { flags, args } = session;
  const first = args.findIndex(isChange);
  const resources = first < 0 ? args : args.slice(0, first);
  const specs = first < 0 ? [] : args.slice(first);
  const stray = specs.find((arg) => !isChange(arg));
  if (stray !== undefined) throw new CliError(`all resources must be specified before ${words.word} changes: ${stray}`);
  const dryRun = dryRunOf(session);
  const { set, remove } = parseChanges(specs, words);
  const all = flags.bool('all');
  if (all && flags.string('selector')) throw new CliError('cannot set --all and --selector at the same time');
  if (all && flags.string('field-selector'))
    throw new CliError('cannot set --all and --field-selector at the same time');
  const listing = flags.bool('list');
  const hasFiles = flags.list('filename').length > 0 || flags.string('kustomize') !== '';
  if (resources.length === 0 && !hasFiles)
    throw new CliError('one or more resources must be specified as <resource> <name> or <resource>/<name>');
  if (specs.length === 0 && !listing) throw new CliError(`at least one ${words.word} update is required`);
  const local = flags.bool('local');
  const { infos, errors } = build(session, {
    args: resources,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    selectAll: all,
    allNamespaces: flags.bool('all-namespaces'),
    fetchFiles: !local,
    local,
  });
  const version = flags.string('resource-version');
  if (version && infos.length > 1) throw new CliError('--resource-version may only be used with a single resource');
  const failures = [...errors];
  for (const info of infos) {
    try {
      if (listing) listOne(session, info, words, infos.length > 1);
      else changeOne(session, info, { set, remove, words, dryRun, version, local });
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};

const listOne = (session: Session, info: Info, words: Words, several: boolean): void => {
  const values = record(info.object, 'metadata', words.field);
  const head = several
    ? `Listing ${words.field} for ${info.mapping.kind}.${info.mapping.group ? `${info.mapping.group}/` : ''}${info.name}:\n`
    : '';
  session.io.stdout(
    head +
      sortedKeys(values)
        .map((key) => `${several ? ' ' : ''}${key}=${values[key]}\n`)
        .join(''),
  );
};

interface Change {
  readonly set: Readonly<Record<string, string>>;
  readonly remove: readonly string[];
  readonly words: Words;
  readonly dryRun: DryRun;
  readonly version: string;
  readonly local: boolean;
}

const changeOne = (session: Session, info: Info, { set, remove, words, dryRun, version, local }: Change): void => {
  const before = record(info.object, 'metadata', words.field);
  if (!session.flags.bool('overwrite'))
    for (const [key, value] of Object.entries(set))
      if (before[key] !== undefined && before[key] !== value) {
        throw new CliError(
          words.field === 'labels'
            ? `'${key}' already has a value (${before[key]}), and --overwrite is false`
            : `--overwrite is false but found the following declared annotation(s): '${key}' already has a value (${before[key]})`,
        );
      }
  if (words.field === 'labels')
    for (const key of remove) if (before[key] === undefined) session.io.stdout(`label "${key}" not found.\n`);
  const after: Record<string, string> = { ...before, ...set };
  for (const key of remove) delete after[key];
  const removed = remove.some((key) => before[key] !== undefined);
  const same =
    Object.keys(after).length === Object.keys(before).length &&
    Object.entries(after).every(([key, value]) => before[key] === value);
  const said =
    words.field === 'annotations'
      ? words.done
      : same && !version
        ? words.not
        : removed && !Object.entries(set).some(([key, value]) => before[key] !== value)
          ? words.undone
          : words.done;
  let object: Obj = withAt(info.object, ['metadata', words.field], Object.keys(after).length > 0 ? after : undefined);
  if (!local && dryRun !== 'client' && !(same && !version && words.field === 'labels')) {
    const patch = {
      metadata: {
        ...(version ? { resourceVersion: version } : {}),
        [words.field]: {
          ...differing(before, set),
          ...Object.fromEntries(remove.filter((key) => before[key] !== undefined).map((key) => [key, null])),
        },
      },
    };
    object = patchObject(session, info, MERGE, patch, { dryRun, fieldManager: session.flags.string('field-manager') });
  }
  const printer: Printer = printerFor(session, { operation: saidWith(said, dryRun) });
  session.io.stdout(printer(object));
};

const differing = (
  before: Readonly<Record<string, string>>,
  set: Readonly<Record<string, string>>,
): Record<string, string> => Object.fromEntries(Object.entries(set).filter(([key, value]) => before[key] !== value));
