import { pathOf, versionOf, type Mapping } from './discovery.ts';
import { dryRunQuery, type DryRun } from './dry-run.ts';
import type { Info } from './builder.ts';
import { CliError } from './errors.ts';
import { goQuote } from './go-format.ts';
import type { Session } from './session.ts';
import { text, withAt, type Obj } from './value.ts';

export const STRATEGIC_MERGE = 'application/strategic-merge-patch+json';
export const MERGE = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const APPLY = 'application/apply-patch+yaml';

export interface WriteOptions {
  readonly dryRun?: DryRun;
  readonly fieldManager?: string;
  readonly fieldValidation?: string;
  readonly subresource?: string;
  readonly force?: boolean;
}

const queryOf = (options: WriteOptions): Record<string, string | undefined> => ({
  ...dryRunQuery(options.dryRun ?? 'none'),
  fieldManager: options.fieldManager,
  fieldValidation: options.fieldValidation,
  ...(options.force === undefined ? {} : { force: String(options.force) }),
});

/** `--validate` as the API's fieldValidation. */
export const fieldValidationOf = (session: Session): string => {
  const value = session.flags.string('validate');
  if (value === 'strict' || value === 'true') return 'Strict';
  if (value === 'warn') return 'Warn';
  if (value === 'ignore' || value === 'false') return 'Ignore';
  throw new CliError(
    `invalid - validate option ${goQuote(value)}; must be one of: strict (or true), warn, ignore (or false)`,
  );
};

export const createObject = (
  session: Session,
  mapping: Mapping,
  namespace: string,
  object: Obj,
  options: WriteOptions,
): Obj => session.rest.post(pathOf(mapping, namespace), object, { query: queryOf(options) });

export const replaceObject = (session: Session, info: Info, object: Obj, options: WriteOptions): Obj => {
  const path = pathOf(info.mapping, info.namespace, info.name, options.subresource);
  return session.rest.put(path, withCurrentVersion(session, path, object), { query: queryOf(options) });
};

/** An object to replace another says which version it replaces: the one that is there now, unless it names one. */
function withCurrentVersion(session: Session, path: string, object: Obj): Obj {
  if (text(object, 'metadata', 'resourceVersion')) return object;
  try {
    const resourceVersion = text(session.rest.get(path), 'metadata', 'resourceVersion');
    return withAt(object, ['metadata', 'resourceVersion'], resourceVersion);
  } catch {
    // The replacement itself finds out what is wrong.
    return object;
  }
}

export const patchObject = (
  session: Session,
  info: Info,
  contentType: string,
  patch: unknown,
  options: WriteOptions,
): Obj =>
  session.rest.patch(pathOf(info.mapping, info.namespace, info.name, options.subresource), contentType, patch, {
    query: queryOf(options),
  });

/** An object of a kind, begun. */
export const newObject = (mapping: { group: string; version: string; kind: string }, rest: Obj): Obj => ({
  kind: mapping.kind,
  apiVersion: versionOf(mapping.group, mapping.version),
  ...rest,
});
