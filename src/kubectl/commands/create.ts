import {
  dryRunFlags,
  filenameFlags,
  managerFlags,
  printFlags,
  selectorFlags,
  validateFlags,
} from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build } from '../builder.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError, combine, withSource } from '../errors.ts';
import { withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import { readDocuments } from '../manifest/documents.ts';
import { manifestFiles, type ManifestFile } from '../manifest/files.ts';
import { goQuote } from '../go-format.ts';
import { seeHelp, type Session } from '../session.ts';
import { createObject, fieldValidationOf } from '../write.ts';
import { generators } from './create/generators.ts';
import { printRaw } from './get.ts';

export const createCommand: Command = {
  name: 'create',
  short: 'Create a resource from a file or from stdin',
  long: 'Create a resource from a file or from stdin.\n\n JSON and YAML formats are accepted.',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...selectorFlags,
    ...validateFlags,
    ...managerFlags('kubectl-create'),
    'save-config': { type: 'bool' },
    edit: { type: 'bool' },
    raw: { type: 'string' },
    'windows-line-endings': { type: 'bool' },
  },
  commands: generators,
  run: (session) => create(session),
};

const create = (session: Session): void => {
  const { flags, args } = session;
  if (flags.list('filename').length === 0 && !flags.string('kustomize')) {
    if (args.length > 0) throw new CliError(seeHelp(session, `Unexpected args: [${args.join(' ')}]`));
    throw new CliError('must specify one of -f and -k');
  }
  if (args.length > 0) throw new CliError(seeHelp(session, `Unexpected args: [${args.join(' ')}]`));
  if (flags.string('raw')) {
    if (flags.bool('edit')) throw new CliError('--raw and --edit are mutually exclusive');
    return createRaw(session);
  }
  const dryRun = dryRunOf(session);
  const printer = printerFor(session, { operation: saidWith('created', dryRun) });
  const { infos, errors } = build(session, {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    labelSelector: flags.string('selector'),
    validate: fieldValidationOf(session) !== 'Ignore',
    fetch: false,
  });
  const failures: Error[] = [...errors];
  let created = 0;
  for (const info of infos) {
    try {
      const wanted = flags.bool('save-config') ? withLastApplied(info.object) : info.object;
      const object =
        dryRun === 'client'
          ? wanted
          : createObject(session, info.mapping, info.namespace, wanted, {
              dryRun,
              fieldManager: flags.string('field-manager'),
              fieldValidation: fieldValidationOf(session),
            });
      created++;
      session.io.stdout(printer(object));
    } catch (error) {
      failures.push(withSource('creating', info.source, error) as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
  if (created === 0) throw new CliError('no objects passed to create');
};

/** `create --raw` and `replace --raw` send one file as it is. */
export const rawBody = (session: Session): unknown => {
  const [path, ...more] = session.flags.list('filename');
  if (path === undefined || more.length > 0) throw new CliError('--raw can only use a single local file or stdin');
  if (!session.flags.string('raw').startsWith('/'))
    throw new CliError(
      `--raw must be a valid URL path: parse ${goQuote(session.flags.string('raw'))}: invalid URI for request`,
    );
  if (path !== '-' && session.io.files.read(path) === undefined)
    throw new CliError(`open ${path}: no such file or directory`);
  const [file] = manifestFiles(session.io, [path], false) as [ManifestFile];
  const [document] = readDocuments(file.content, file.source, { validate: false });
  return document && 'object' in document ? document.object : file.content;
};

const createRaw = (session: Session): void =>
  printRaw(session, session.rest.request('POST', session.flags.string('raw'), { body: rawBody(session) }));
