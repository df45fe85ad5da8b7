import { dryRunFlags, managerFlags, printFlags, validateFlags } from '../../cli/flag-sets.ts';
import type { FlagSet } from '../../cli/flags.ts';
import { versionOf, type Mapping } from '../../discovery.ts';
import { dryRunOf, saidWith } from '../../dry-run.ts';
import { CliError } from '../../errors.ts';
import { withLastApplied } from '../../last-applied.ts';
import { printerFor } from '../../print/printer.ts';
import { seeHelp, type Session } from '../../session.ts';
import { text, withAt, type Obj } from '../../value.ts';
import { createObject, fieldValidationOf } from '../../write.ts';

/** Flags of every `kubectl create TYPE`. */
export const generatorFlags: FlagSet = {
  ...printFlags,
  ...dryRunFlags,
  ...validateFlags,
  ...managerFlags('kubectl-create'),
  'save-config': { type: 'bool' },
};

/** The one NAME that `kubectl create TYPE NAME` needs. */
export const nameArg = (session: Session): string => {
  const before = session.dash < 0 ? session.args : session.args.slice(0, session.dash);
  const names = before.length > 0 || session.dash < 0 ? before : [];
  if (names.length !== 1) throw new CliError(seeHelp(session, `exactly one NAME is required, got ${names.length}`));
  return names[0]!;
};

/** What came after `--`. */
export const commandArgs = (session: Session): readonly string[] =>
  session.dash < 0 ? [] : session.args.slice(session.dash);

export interface GeneratedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
}

export const mappingOf = (kind: GeneratedKind): Mapping => ({
  ...kind,
  singular: '',
  shortNames: [],
  categories: [],
  verbs: [],
  subresources: [],
  preferred: true,
});

/**
 * Creates what a generator built, or prints it for a dry run. `failure` words the refusal, `failed to create configmap`;
 * `colon` stands between it and the reason.
 */
export const createGenerated = (
  session: Session,
  kind: GeneratedKind,
  built: Obj,
  failure: string | undefined,
  colon = ': ',
): void => {
  const dryRun = dryRunOf(session);
  const { flags } = session;
  const printer = printerFor(session, { operation: saidWith('created', dryRun), typed: dryRun === 'client' });
  let object: Obj = { kind: kind.kind, apiVersion: versionOf(kind.group, kind.version), ...built };
  if (kind.namespaced && session.explicitNamespace)
    object = withAt(object, ['metadata', 'namespace'], session.namespace);
  if (dryRun !== 'client') {
    if (flags.bool('save-config')) object = withLastApplied(object, true);
    try {
      object = createObject(session, mappingOf(kind), kind.namespaced ? session.namespace : '', object, {
        dryRun,
        fieldManager: flags.string('field-manager'),
        fieldValidation: fieldValidationOf(session),
      });
    } catch (error) {
      if (failure === undefined) throw error;
      throw new CliError(`${failure}${colon}${(error as Error).message}`);
    }
    if (!text(object, 'kind')) object = { kind: kind.kind, apiVersion: versionOf(kind.group, kind.version), ...object };
  }
  session.io.stdout(printer(object));
};
