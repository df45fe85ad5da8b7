import { build, type Info } from '../builder.ts';
import { filenameFlags, managerFlags, printFlags, validateFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { goJson } from '../../api/go-text.ts';
import { CliError, combine, Complaint, StatusError } from '../errors.ts';
import { goQuote, goSyntax } from '../go-format.ts';
import { readDocuments } from '../manifest/documents.ts';
import { readText } from '../manifest/files.ts';
import { nameOf, printerFor, withoutManagedFields } from '../print/printer.ts';
import { toYaml } from '../print/yaml.ts';
import type { Session } from '../session.ts';
import { twoWayPatch } from '../three-way.ts';
import { at, list, text, type Obj } from '../value.ts';
import { fieldValidationOf, MERGE, patchObject, STRATEGIC_MERGE } from '../write.ts';
import { schemaRef } from '../schema-ref.ts';

export const editCommand: Command = {
  name: 'edit',
  short: 'Edit a resource on the server',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...validateFlags,
    ...managerFlags('kubectl-edit'),
    'output-patch': { type: 'bool' },
    'save-config': { type: 'bool' },
    subresource: { type: 'string' },
    'windows-line-endings': { type: 'bool' },
  },
  run: (session) => edit(session),
};

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`;
const FILE = '/tmp/kubectl-edit-1.yaml';
const PRINTED = ['', 'json', 'kyaml', 'yaml'];

const NO_EDITOR =
  'there is no editor here: name a program that changes a file in place, ' +
  "as in KUBE_EDITOR='sed -i s/old/new/' kubectl edit TYPE NAME";

const withoutComments = (source: string): string =>
  source
    .split('\n')
    .filter((line) => !/^\s*#/.test(line) && line.trim() !== '')
    .join('\n');

/**
 * Has the reader's editor change what the server has, and patches the server with the difference. What the server does
 * not take is given back to the editor; an editor that leaves it as it is ends that.
 */
const edit = async (session: Session): Promise<void> => {
  const { flags, io } = session;
  const output = flags.string('output');
  if (!PRINTED.includes(output))
    throw new CliError(
      `unable to match a printer suitable for the output format ${goQuote(output)}, allowed formats are: json,kyaml,yaml`,
    );
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    allowEmptySelector: true,
    subresource: flags.string('subresource'),
  });
  const failure = combine(errors);
  if (failure) throw failure;
  if (infos.length === 0) throw new CliError('edit cancelled, no objects found');
  const { editor, files } = io;
  if (!editor || !files.write) throw new CliError(NO_EDITOR);
  const original = `${HEADER}${printed(infos)}`;
  let given = original;
  for (let refused = false; ;) {
    files.write(FILE, given);
    if ((await editor.open(FILE)) !== 0)
      throw new CliError(`there was a problem with the editor ${goQuote(editor.command)}`);
    const edited = readText(io, FILE) ?? '';
    if (refused && withoutComments(edited) === withoutComments(given))
      throw kept(session, 'Edit cancelled, no valid changes were saved.');
    if (withoutComments(edited) === withoutComments(original)) return io.stderr('Edit cancelled, no changes made.\n');
    const complaints = save(session, infos, edited);
    if (complaints.length === 0) return;
    refused = true;
    given = `${HEADER}${complaints.map((line) => `# ${line}\n`).join('')}#\n${edited.replace(/^#.*\n/gm, '')}`;
  }
};

/** What ends an edit, once it has been said where the changes are. */
const kept = ({ io }: Session, complaint: string): CliError => {
  io.stderr(`A copy of your changes has been stored to ${goQuote(FILE)}\n`);
  return new CliError(complaint);
};

const printed = (infos: readonly Info[]): string => {
  const objects = infos.map(({ object }) => withoutManagedFields(object));
  if (objects.length === 1) return toYaml(objects[0]!);
  return toYaml({ apiVersion: 'v1', items: objects, kind: 'List', metadata: {} });
};

/** Sends what has been changed; the complaints of those that it is worth editing again for. */
const save = (session: Session, infos: readonly Info[], edited: string): string[] => {
  const objects: Obj[] = [];
  const invalid = (reason: string): string[] => {
    session.io.stderr(`error: ${resourceText(infos[0]!)} ${goQuote(infos[0]!.name)} is invalid\n`);
    return [`The edited file failed validation: ${reason}`];
  };
  if (withoutComments(edited) === '') return invalid('nothing is left');
  for (const document of readDocuments(edited, FILE, { validate: true })) {
    if ('error' in document) return invalid(document.error.message);
    objects.push(...(document.object['kind'] === 'List' ? list(document.object, 'items') : [document.object]));
  }
  const complaints: string[] = [];
  for (const object of objects) {
    const info = infos.find(
      (each) => each.object['kind'] === object['kind'] && each.name === text(object, 'metadata', 'name'),
    );
    if (!info)
      throw kept(
        session,
        text(object, 'metadata', 'name')
          ? 'At least one of apiVersion, kind and name was changed'
          : `no original object found for &unstructured.Unstructured{Object:${goSyntax(object)}}`,
      );
    const complaint = saveOne(session, info, object);
    if (complaint !== undefined) complaints.push(...complaint);
  }
  return complaints;
};

const saveOne = (session: Session, info: Info, object: Obj): string[] | undefined => {
  const { flags, io } = session;
  const before = withoutManagedFields(info.object);
  if (goJson(before) === goJson(object)) {
    io.stdout(printerFor(session, { operation: 'skipped' })(info.object));
    return undefined;
  }
  try {
    const patch = twoWayPatch(info.mapping, before, object);
    const after = patchObject(session, info, schemaRef(info.mapping) ? STRATEGIC_MERGE : MERGE, patch, {
      fieldManager: flags.string('field-manager'),
      fieldValidation: fieldValidationOf(session),
      subresource: flags.string('subresource'),
    });
    if (flags.bool('output-patch')) io.stdout(`Patch: ${goJson(patch)}\n`);
    io.stdout(printerFor(session, { operation: 'edited' })(after));
    return undefined;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { reason } = error.status;
    if (reason === 'NotFound') {
      io.stderr(`error: ${info.mapping.resource} ${goQuote(info.name)} could not be found on the server\n`);
      return undefined;
    }
    if (reason !== 'Invalid') {
      io.stderr(`error: ${info.mapping.resource} ${goQuote(info.name)} could not be patched: ${error.message}\n`);
      throw new Complaint(`You can run \`kubectl replace -f ${FILE}\` to try this update again.\n`);
    }
    io.stderr(`error: ${resourceText(info)} ${goQuote(info.name)} is invalid\n`);
    const causes = list(at(error.status, 'details'), 'causes').map(
      (cause) => `* ${text(cause, 'field')}: ${text(cause, 'message')}`,
    );
    return [`${nameOf(info.object).replace('/', ' ')} was not valid:`, ...causes];
  }
};

const resourceText = ({ mapping }: Info): string => `${mapping.resource}${mapping.group ? `.${mapping.group}` : ''}`;
