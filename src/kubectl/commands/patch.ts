import { dryRunFlags, filenameFlags, managerFlags, printFlags } from '../cli/flag-sets.ts';
import type { Command } from '../cli/command.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import { build, fetchObject, type Info } from '../builder.ts';
import { dryRunOf, saidWith } from '../dry-run.ts';
import { versionOf } from '../discovery.ts';
import { CliError, combine, StatusError } from '../errors.ts';
import { goQuote } from '../go-format.ts';
import { goJson } from '../../api/go-text.ts';
import { readText } from '../manifest/files.ts';
import { readYaml } from '../manifest/yaml-read.ts';
import { printerFor } from '../print/printer.ts';
import { schemaRef } from '../schema-ref.ts';
import type { Session } from '../session.ts';
import type { Obj } from '../value.ts';
import { JSON_PATCH, MERGE, patchObject, STRATEGIC_MERGE } from '../write.ts';

export const patchCommand: Command = {
  name: 'patch',
  short: 'Update fields of a resource',
  flags: {
    ...printFlags,
    ...filenameFlags,
    ...dryRunFlags,
    ...managerFlags('kubectl-patch'),
    patch: { type: 'string', short: 'p' },
    'patch-file': { type: 'string' },
    type: { type: 'string', default: 'strategic' },
    subresource: { type: 'string' },
    local: { type: 'bool' },
  },
  run: (session) => patch(session),
};

const TYPES: Record<string, string> = { json: JSON_PATCH, merge: MERGE, strategic: STRATEGIC_MERGE };

const patch = (session: Session): void => {
  const { flags, io } = session;
  const dryRun = dryRunOf(session);
  const given = flags.string('patch');
  const file = flags.string('patch-file');
  if (given && file) throw new CliError('cannot specify --patch and --patch-file together');
  if (!flags.changed('patch') && !file)
    throw new CliError('must specify --patch or --patch-file containing the contents of the patch');
  if (!given && !file) throw new CliError('must specify --patch or --patch-file containing the contents of the patch');
  const contentType = TYPES[flags.string('type').toLowerCase()];
  if (!contentType)
    throw new CliError(`--type must be one of [json merge strategic], not ${goQuote(flags.string('type'))}`);
  const body = parsePatch(session, given, file);
  const local = flags.bool('local');
  if (local && session.args.length > 0) throw new CliError('cannot specify --local and server resources');
  const { infos, errors } = build(session, {
    args: session.args,
    filenames: flags.list('filename'),
    kustomize: flags.string('kustomize'),
    recursive: flags.bool('recursive'),
    fetch: false,
    local,
  });
  const failures = [...errors];
  let patched = 0;
  for (const info of infos) {
    try {
      patched++;
      const options = { dryRun, fieldManager: flags.string('field-manager'), subresource: flags.string('subresource') };
      const before = local
        ? info.object
        : fetchObject(session, info.mapping, info.namespace, info.name, { subresource: options.subresource });
      if (local || dryRun === 'client') {
        const after = patchedHere(info, before, contentType, body);
        const said = sameObject(before, after) ? 'patched (no change)' : 'patched';
        io.stdout(printerFor(session, { operation: said })(after));
        continue;
      }
      const after = patchAs(session, info, contentType, body, options);
      const changed = !sameObject(before, after);
      io.stdout(
        printerFor(session, { operation: saidWith(changed ? 'patched' : 'patched (no change)', dryRun) })(after),
      );
    } catch (error) {
      failures.push(error as Error);
    }
  }
  const failure = combine(failures);
  if (failure) throw failure;
  if (patched === 0) throw new CliError('no resources found');
};

/** A patch of a sort that the kind may not understand. */
const patchAs: typeof patchObject = (session, info, contentType, body, options) => {
  try {
    return patchObject(session, info, contentType, body, options);
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.reason !== 'UnsupportedMediaType') throw error;
    const { group, version, kind } = info.mapping;
    const gvk = `${versionOf(group, version)}, Kind=${kind}`;
    throw new CliError(`${contentType} is not supported by ${gvk}: ${error.message}`);
  }
};

/** What a patch makes of an object, worked out without the server. Throws CliError. */
const patchedHere = ({ mapping }: Info, object: Obj, contentType: string, body: unknown): Obj => {
  try {
    if (contentType === JSON_PATCH) return applyJsonPatch(object, body as unknown[]) as Obj;
    const ref = contentType === STRATEGIC_MERGE ? schemaRef(mapping) : undefined;
    if (ref) return applyStrategicMergePatch(object, body as Obj, ref);
    return applyMergePatch(object, body) as Obj;
  } catch (error) {
    throw new CliError((error as Error).message);
  }
};

/** Whether the server wrote anything: a write that changes nothing leaves the resource version alone. */
const sameObject = (a: Obj, b: Obj): boolean => goJson(a) === goJson(b);

const parsePatch = (session: Session, given: string, file: string): unknown => {
  let source = given;
  if (file) {
    const content = readText(session.io, file);
    if (content === undefined) throw new CliError(`unable to read patch file: open ${file}: no such file or directory`);
    source = content;
  }
  // JSON goes to the server as it is: it is the server that refuses what does not parse.
  if (/^\s*\{/.test(source)) {
    try {
      return JSON.parse(source) as unknown;
    } catch {
      return source;
    }
  }
  try {
    const value = readYaml(source);
    return typeof value === 'object' && value !== null ? value : JSON.stringify(value);
  } catch (error) {
    throw new CliError(`unable to parse ${goQuote(source)}: ${(error as Error).message}`);
  }
};
