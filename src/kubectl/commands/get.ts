import { humanDuration } from '../../api/duration.ts';
import {
  allNamespacesFlags,
  chunkFlags,
  fieldSelectorFlags,
  filenameFlags,
  printFlags,
  selectorFlags,
} from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build, listItems, type Built, type BuildOptions } from '../builder.ts';
import { gvrText, pathOf, type Mapping } from '../discovery.ts';
import { goQuote } from '../go-format.ts';
import { AggregateFailure, CliError, isNotFound, throwAggregate } from '../errors.ts';
import { readText } from '../manifest/files.ts';
import { parseCustomColumns, parseCustomColumnsFile, printCustomColumns } from '../print/custom-columns.ts';
import { printerFor, type Printer } from '../print/printer.ts';
import { sortByPath } from '../print/sort.ts';
import { alignTable, plainTable, TableLines, type TableOptions } from '../print/table.ts';
import { seeHelp, type Session } from '../session.ts';
import { list, text, type Obj } from '../value.ts';
import { EventStream } from '../wait-stream.ts';

export const TABLE_ACCEPT = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

export const getCommand: Command = {
  name: 'get',
  short: 'Display one or many resources',
  suggestFor: ['list', 'ps'],
  usage:
    'kubectl get\n[(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file|custom-columns|custom-columns-file|wide]\n(TYPE[.VERSION][.GROUP] [NAME | -l label] | TYPE[.VERSION][.GROUP]/NAME ...) [flags] [options]',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...selectorFlags,
    ...fieldSelectorFlags,
    ...allNamespacesFlags,
    ...chunkFlags,
    raw: { type: 'string' },
    watch: { type: 'bool', short: 'w' },
    'watch-only': { type: 'bool' },
    'output-watch-events': { type: 'bool' },
    'ignore-not-found': { type: 'bool' },
    'no-headers': { type: 'bool' },
    'show-labels': { type: 'bool' },
    'show-kind': { type: 'bool' },
    'label-columns': { type: 'list', short: 'L' },
    'sort-by': { type: 'string' },
    'server-print': { type: 'bool', default: true },
    subresource: { type: 'string' },
  },
  run: (session) => get(session),
};

const SUGGEST = 'Use "kubectl api-resources" for a complete list of supported resources.';

const get = (session: Session): void | Promise<void> => {
  const { flags, args, io } = session;
  const raw = flags.string('raw');
  const output = flags.string('output');
  const watch = flags.bool('watch') || flags.bool('watch-only');
  if (raw && args.length > 0) throw new CliError('arguments may not be passed when --raw is specified');
  if (watch && flags.string('sort-by'))
    io.stderr('warning: --watch requested, --sort-by will be ignored for watch events received\n');
  if (!raw && !watch && args.length === 0 && flags.list('filename').length === 0 && !flags.string('kustomize')) {
    io.stderr(`You must specify the type of resource to get. ${SUGGEST}\n\n`);
    throw new CliError(
      seeHelp(
        session,
        'Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).',
      ),
    );
  }
  if (raw) {
    if (watch || flags.string('selector'))
      throw new CliError(
        '--raw may not be specified with other flags that filter the server request or alter the output',
      );
    if (output) throw new CliError(seeHelp(session, '--raw and --output are mutually exclusive'));
    if (!raw.startsWith('/'))
      throw new CliError(`--raw must be a valid URL path: parse ${goQuote(raw)}: invalid URI for request`);
    return printRaw(session, session.rest.request('GET', raw));
  }
  if (flags.bool('show-labels') && output !== '' && output !== 'wide')
    throw new CliError(`--show-labels option cannot be used with ${output} printer`);
  if (flags.bool('output-watch-events') && !watch)
    throw new CliError('--output-watch-events option can only be used with --watch or --watch-only');
  if (watch) return watchObjects(session);
  if (output === '' || output === 'wide') {
    if (!flags.string('template')) return printTables(session);
  }
  printGeneric(session);
};

/** The answer of `--raw`: text as it is, JSON as the server would write it. */
export const printRaw = (session: Session, body: unknown): void =>
  session.io.stdout(typeof body === 'string' ? body : body === undefined ? '' : `${JSON.stringify(body)}\n`);

const buildOptions = (session: Session, tables: boolean): BuildOptions => {
  const { flags } = session;
  const sorting = flags.string('sort-by') !== '';
  return {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    fieldSelector: flags.string('field-selector'),
    allNamespaces: flags.bool('all-namespaces'),
    subresource: flags.string('subresource'),
    chunkSize: sorting ? 0 : flags.int('chunk-size'),
    allowEmptySelector: true,
    ...(tables && flags.bool('server-print')
      ? { accept: TABLE_ACCEPT, ...(sorting ? { query: { includeObject: 'Object' } } : {}) }
      : {}),
  };
};

const built = (session: Session, tables: boolean): Built => {
  const result = build(session, buildOptions(session, tables));
  if (!session.flags.bool('ignore-not-found')) return result;
  return { ...result, errors: result.errors.filter((error) => !isNotFound(error)) };
};

const tableOptions = (session: Session, mapping: Mapping | undefined, withKind: boolean): TableOptions => ({
  wide: session.flags.string('output') === 'wide',
  noHeaders: session.flags.bool('no-headers'),
  withNamespace: session.flags.bool('all-namespaces') && (mapping?.namespaced ?? true),
  withKind: withKind || session.flags.bool('show-kind') ? mapping : undefined,
  labelColumns: session.flags.list('label-columns'),
  showLabels: session.flags.bool('show-labels'),
});

const ageOf =
  (session: Session) =>
  (timestamp: string): string =>
    timestamp ? humanDuration(session.io.now() - Date.parse(timestamp)) : '<unknown>';

const asTable = (session: Session, object: Obj): Obj =>
  object['kind'] === 'Table' ? object : plainTable([object], ageOf(session));

const printTables = (session: Session): void => {
  const { io, flags } = session;
  const { infos: unsorted, errors } = built(session, true);
  const sortBy = flags.string('sort-by');
  // Several tables cannot be sorted as one: kubectl looks for the field in the tables themselves.
  const infos = sortBy && unsorted.length > 1 ? sortByPath(unsorted, sortBy, (info) => info.object) : unsorted;
  const withKind =
    new Set(infos.map((info) => `${info.mapping.kind}.${info.mapping.version}.${info.mapping.group}`)).size > 1;
  let written = '';
  let lastMapping: Mapping | undefined;
  let lines: TableLines | undefined;
  const flush = (): void => {
    if (!lines?.lines) return;
    written += (written && !flags.bool('no-headers') ? '\n' : '') + alignTable(lines.lines);
  };
  for (const info of infos) {
    if (!lines || !lastMapping || gvrText(lastMapping) !== gvrText(info.mapping)) {
      flush();
      lines = new TableLines(tableOptions(session, info.mapping, withKind));
      lastMapping = info.mapping;
    }
    const table = sorted(asTable(session, info.object), sortBy);
    if (table) lines.add(table);
  }
  flush();
  if (written) io.stdout(written);
  else if (!flags.bool('ignore-not-found') && errors.length === 0) {
    const namespaced = !flags.bool('all-namespaces') && infos.every((info) => info.mapping.namespaced);
    io.stderr(namespaced ? `No resources found in ${session.namespace} namespace.\n` : 'No resources found\n');
  }
  throwAggregate(errors);
};

/** A table in the order of `--sort-by`; undefined where that fails, which kubectl passes over in silence. */
const sorted = (table: Obj, sortBy: string): Obj | undefined => {
  const rows = list(table, 'rows');
  if (!sortBy || rows.length < 2) return table;
  try {
    return { ...table, rows: sortByPath(rows, sortBy, (row) => row['object']) };
  } catch {
    return undefined;
  }
};

const customColumnsPrinter = (session: Session): ((objects: readonly Obj[]) => string) | undefined => {
  const output = session.flags.string('output');
  const found = /^(custom-columns|custom-columns-file)(?:=([^]*))?$/.exec(output);
  if (!found) return undefined;
  const source = found[2] ?? '';
  if (source === '') throw new CliError('custom-columns format specified but no custom columns given');
  const noHeaders = session.flags.bool('no-headers');
  if (found[1] === 'custom-columns') {
    const columns = parseCustomColumns(source);
    return (objects) => printCustomColumns(columns, objects, noHeaders);
  }
  const content = readText(session.io, source);
  if (content === undefined)
    throw new CliError(`error reading template ${source}, open ${source}: no such file or directory`);
  const columns = parseCustomColumnsFile(content);
  return (objects) => printCustomColumns(columns, objects, false);
};

const genericPrinter = (session: Session): { one: Printer; many: (objects: readonly Obj[]) => string } => {
  const columns = customColumnsPrinter(session);
  if (columns) return { one: (object) => columns([object]), many: columns };
  const one = printerFor(session, { alsoAllowed: ['custom-columns', 'custom-columns-file', 'wide'] });
  return {
    one,
    many: (objects) => one({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: [...objects] }),
  };
};

const printGeneric = (session: Session): void => {
  const { infos, errors, singleItemImplied } = built(session, false);
  if (errors.length > 0 && singleItemImplied) throw errors[0]!;
  if (infos.length === 0 && session.flags.bool('ignore-not-found')) return throwReduced(errors);
  const printer = genericPrinter(session);
  const sortBy = session.flags.string('sort-by');
  if (singleItemImplied && infos.length === 1) session.io.stdout(printer.one(infos[0]!.object));
  else {
    const objects = infos.map((info) => info.object);
    session.io.stdout(
      printer.many(sortBy && objects.length > 0 ? sortByPath(objects, sortBy, (object) => object) : objects),
    );
  }
  throwReduced(errors);
};

const throwReduced = (errors: readonly Error[]): void => {
  if (errors.length === 1) throw errors[0]!;
  if (errors.length > 1) throw new AggregateFailure(errors);
};

const watchObjects = async (session: Session): Promise<void> => {
  const { io, flags } = session;
  const output = flags.string('output');
  const human = output === '' || output === 'wide';
  const options = buildOptions(session, human);
  const { infos, errors, lists, singleItemImplied } = build(session, options);
  if (errors.length > 0) throw errors[0]!;
  const kinds = new Set([...infos, ...lists].map((each) => gvrText(each.mapping)));
  if (kinds.size > 1)
    throw new CliError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  const mapping = infos[0]?.mapping ?? lists[0]?.mapping;
  if (!mapping) return;
  const single = singleItemImplied && infos.length === 1 ? infos[0]! : undefined;
  if (!single && lists.length === 0)
    throw new CliError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  const print = watchPrinter(session, mapping, human);
  const initial = single ? [single.object] : human ? [lists[0]!.object] : listItems(lists[0]!.object);
  if (!flags.bool('watch-only')) for (const object of initial) print('ADDED', object);
  const resourceVersion = text(single ? single.object : lists[0]!.object, 'metadata', 'resourceVersion');
  const version =
    single && single.object['kind'] === 'Table'
      ? text(list(single.object, 'rows')[0], 'object', 'metadata', 'resourceVersion')
      : resourceVersion;
  const stream = new EventStream(
    session.rest,
    io,
    pathOf(mapping, flags.bool('all-namespaces') ? undefined : session.namespace),
    {
      ...(options.accept ? { accept: options.accept } : {}),
      query: {
        ...options.query,
        watch: true,
        resourceVersion: version,
        labelSelector: options.labelSelector,
        fieldSelector: single ? `metadata.name=${single.name}` : options.fieldSelector,
      },
    },
    session.requestTimeoutMs || undefined,
  );
  try {
    for (let event = await stream.next(); event; event = await stream.next()) {
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'ERROR') throw new CliError(text(event.object, 'message'));
      print(event.type, event.object);
    }
  } finally {
    stream.close();
  }
};

const watchPrinter = (session: Session, mapping: Mapping, human: boolean): ((type: string, object: Obj) => void) => {
  const events = session.flags.bool('output-watch-events');
  if (human) {
    const lines = new TableLines(tableOptions(session, mapping, false));
    const widths: number[] = [];
    let headed = false;
    return (type, object) => {
      lines.lines = '';
      lines.add(asTable(session, object));
      let added = lines.lines;
      if (events && added) {
        const rows = added.replace(/\n$/, '').split('\n');
        added = rows
          .map((row, i) => `${!headed && i === 0 && !session.flags.bool('no-headers') ? 'EVENT' : type}\t${row}\n`)
          .join('');
        headed = true;
      }
      if (added) session.io.stdout(alignTable(added, widths));
    };
  }
  const printer = genericPrinter(session);
  return (type, object) => session.io.stdout(printer.one(events ? { type, object } : object));
};
