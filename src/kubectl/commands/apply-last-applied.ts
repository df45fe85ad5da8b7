import { dryRunFlags, filenameFlags, printFlags, selectorFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { build } from '../builder.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { CliError, combine } from '../errors.ts';
import { goJson } from '../../api/go-text.ts';
import { LAST_APPLIED, lastApplied, withLastApplied } from '../last-applied.ts';
import { printerFor } from '../print/printer.ts';
import { toYaml } from '../print/yaml.ts';
import type { Session } from '../session.ts';
import { record } from '../value.ts';
import { MERGE, patchObject } from '../write.ts';

const view: Command = {
  name: 'view-last-applied',
  short: 'View the latest last-applied-configuration annotations of a resource/object',
  flags: {
    ...filenameFlags,
    ...selectorFlags,
    all: { type: 'bool' },
    output: { type: 'string', short: 'o', default: 'yaml' },
  },
  run: (session) => {
    const { flags, io } = session;
    const output = flags.string('output');
    if (output !== 'yaml' && output !== 'json')
      throw new CliError(`Unexpected -o output mode: ${output}, the flag 'output' must be one of yaml|json`);
    const { infos, errors } = build(session, {
      args: session.args,
      filenames: flags.list('filename'),
      kustomize: flags.string('kustomize'),
      recursive: flags.bool('recursive'),
      labelSelector: flags.string('selector'),
      selectAll: flags.bool('all'),
    });
    for (const info of infos) {
      const saved = lastApplied(info.object);
      if (!saved) continue;
      const value = JSON.parse(saved) as unknown;
      io.stdout(output === 'yaml' ? toYaml(value) : `${goJson(value, { indent: '  ' })}\n`);
    }
    const failure = combine(errors);
    if (failure) throw failure;
  },
};

const edit: Command = {
  name: 'edit-last-applied',
  short: 'Edit latest last-applied-configuration annotations of a resource/object',
  flags: { ...printFlags, ...filenameFlags, 'field-manager': { type: 'string', default: 'kubectl-client-side-apply' } },
  run: (session) => {
    const { errors } = build(session, {
      args: session.args,
      filenames: session.flags.list('filename'),
      kustomize: session.flags.string('kustomize'),
      recursive: session.flags.bool('recursive'),
    });
    const failure = combine(errors);
    throw failure ?? new CliError('unable to launch the editor "vi"');
  },
};

const set: Command = {
  name: 'set-last-applied',
  short: 'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  flags: { ...printFlags, ...filenameFlags, ...dryRunFlags, 'create-annotation': { type: 'bool' } },
  run: (session) => setLastApplied(session),
};

const setLastApplied = (session: Session): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  const printer = printerFor(session, { operation: saidWith('configured', dryRun) });
  const { infos, errors } = build(session, {
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    fetch: false,
  });
  if (errors.length > 0) throw errors[0]!;
  for (const info of infos) {
    const current = build(session, {
      args: [`${info.mapping.resource}.${info.mapping.version}.${info.mapping.group}/${info.name}`],
    });
    if (current.errors.length > 0) throw current.errors[0]!;
    const before = current.infos[0]!.object;
    if (lastApplied(before) === '' && !flags.bool('create-annotation'))
      throw new CliError(
        `no last-applied-configuration annotation found on resource: ${info.name}, to create the annotation, run the command with --create-annotation`,
      );
    const annotation = record(withLastApplied(info.object), 'metadata', 'annotations')[LAST_APPLIED];
    const object =
      dryRun === 'client'
        ? before
        : patchObject(session, info, MERGE, { metadata: { annotations: { [LAST_APPLIED]: annotation } } }, { dryRun });
    io.stdout(printer(object));
  }
};

export const applyLastAppliedCommands: readonly Command[] = [edit, set, view];
