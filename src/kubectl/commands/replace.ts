import { dryRunFlags, filenameFlags, managerFlags, printFlags, validateFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build } from '../builder.ts';
import { pathOf } from '../discovery.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError, combine, isNotFound, withSource } from '../errors.ts';
import { withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import type { Session } from '../session.ts';
import { createObject, fieldValidationOf, replaceObject } from '../write.ts';
import { rawBody } from './create.ts';
import { printRaw } from './get.ts';

export const replaceCommand: Command = {
  name: 'replace',
  short: 'Replace a resource by file name or stdin',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...validateFlags,
    ...managerFlags('kubectl-replace'),
    cascade: { type: 'string', default: 'background', bare: 'background' },
    force: { type: 'bool' },
    'grace-period': { type: 'int', default: -1 },
    raw: { type: 'string' },
    'save-config': { type: 'bool' },
    subresource: { type: 'string' },
    timeout: { type: 'duration' },
    wait: { type: 'bool' },
  },
  run: (session) => replace(session),
};

const replace = (session: Session): void => {
  const { flags } = session;
  if (flags.string('raw'))
    return printRaw(session, session.rest.request('PUT', flags.string('raw'), { body: rawBody(session) }));
  if (flags.list('filename').length === 0 && !flags.string('kustomize'))
    throw new CliError('must specify one of -f and -k');
  const dryRun = dryRunOf(session);
  const force = flags.bool('force');
  const { infos, errors } = build(session, {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    validate: fieldValidationOf(session) !== 'Ignore',
    fetch: false,
  });
  const options = {
    dryRun,
    fieldManager: flags.string('field-manager'),
    fieldValidation: fieldValidationOf(session),
    subresource: flags.string('subresource'),
  };
  const failures: Error[] = [...errors];
  const deletedFirst = force
    ? infos.map((info) => {
        try {
          session.rest.delete(pathOf(info.mapping, info.namespace, info.name), {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            propagationPolicy: 'Background',
            gracePeriodSeconds: 0,
          });
          session.io.stdout(
            `${info.mapping.singular || info.mapping.kind.toLowerCase()}${info.mapping.group ? `.${info.mapping.group}` : ''} "${info.name}" deleted${info.namespace ? ` from ${info.namespace} namespace` : ''}\n`,
          );
        } catch (error) {
          if (!isNotFound(error)) throw error;
        }
        return info;
      })
    : infos;
  for (const info of deletedFirst) {
    try {
      const wanted = flags.bool('save-config') ? withLastApplied(info.object) : info.object;
      if (!info.name) throw new CliError('resource name may not be empty');
      const object =
        dryRun === 'client'
          ? wanted
          : force
            ? createObject(session, info.mapping, info.namespace, wanted, options)
            : replaceObject(session, info, wanted, options);
      session.io.stdout(printerFor(session, { operation: saidWith('replaced', dryRun) })(object));
    } catch (error) {
      failures.push(withSource('replacing', info.source, error) as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
};
