/**
 * What server-side apply does about objects that kubectl applied from its own side before: the fields of that manager
 * become its own, so that what later manifests leave out goes (k8s.io/client-go/util/csaupgrade).
 */
import { difference, union, type FieldSet } from '../../api/apply/field-set.ts';
import { fetchObject, type Info } from '../builder.ts';
import type { DryRun } from '../dry-run.ts';
import { isConflict } from '../errors.ts';
import { LAST_APPLIED, lastApplied } from '../last-applied.ts';
import type { Session } from '../session.ts';
import { at, text, type Obj } from '../value.ts';
import { APPLY, JSON_PATCH, patchObject } from '../write.ts';

interface Entry {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: FieldSet;
}

const RETRIES = 5;
/** Keeps the annotation in the name of a manager that never gives it up. */
const ANNOTATION_MANAGER = 'kubectl-last-applied';
const ANNOTATION: FieldSet = { 'f:metadata': { 'f:annotations': { [`f:${LAST_APPLIED}`]: {} } } };

const entriesOf = (object: Obj): readonly Entry[] =>
  (at(object, 'metadata', 'managedFields') as readonly Entry[] | undefined) ?? [];

const ownsAnnotation = ({ fieldsV1 = {} }: Entry): boolean =>
  fieldsV1['f:metadata']?.['f:annotations']?.[`f:${LAST_APPLIED}`] !== undefined;

const owners = (object: Obj, operation: string): Entry[] =>
  entriesOf(object).filter((entry) => entry.operation === operation && ownsAnnotation(entry));

/** The entries with those of one client-side manager given to the server-side one. */
function handedOver(entries: readonly Entry[], from: string, to: string): readonly Entry[] {
  const isOld = ({ manager, operation, subresource }: Entry): boolean =>
    manager === from && operation === 'Update' && !subresource;
  const old = entries.filter(isOld);
  const own = entries.find(
    ({ manager, operation, subresource }) => manager === to && operation === 'Apply' && !subresource,
  );
  const heir = own ?? old[0];
  if (!heir) return entries;
  const fields = old.reduce<FieldSet>((sum, { fieldsV1 = {} }) => union(sum, fieldsV1), heir.fieldsV1 ?? {});
  const fieldsV1 = difference(fields, ANNOTATION);
  return entries
    .map((entry) => (entry === heir ? { ...heir, manager: to, operation: 'Apply', fieldsV1 } : entry))
    .filter((entry) => !isOld(entry));
}

/** The object, its annotation kept by a manager of its own where it has one. */
function keepAnnotation(session: Session, info: Info, object: Obj, manager: string, dryRun: DryRun): Obj {
  const annotation = lastApplied(object);
  if (manager !== 'kubectl' || !annotation || owners(object, 'Apply').length > 0) return object;
  const name = text(object, 'metadata', 'name');
  const namespace = text(object, 'metadata', 'namespace');
  const configuration = {
    apiVersion: object['apiVersion'],
    kind: object['kind'],
    metadata: { name, ...(namespace ? { namespace } : {}), annotations: { [LAST_APPLIED]: annotation } },
  };
  return patchObject(session, info, APPLY, configuration, { dryRun, fieldManager: ANNOTATION_MANAGER });
}

/** Hands client-side managers' fields to `manager`; undefined where there is nothing to hand over. */
function handOver(session: Session, info: Info, first: Obj, manager: string, dryRun: DryRun): Obj | undefined {
  const names = new Set(owners(first, 'Update').map((entry) => entry.manager));
  let object = first;
  for (let attempt = 1; ; attempt++) {
    const before = entriesOf(object);
    let after = before;
    for (const name of names) after = handedOver(after, name, manager);
    if (after === before) return undefined;
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: after },
      { op: 'replace', path: '/metadata/resourceVersion', value: text(object, 'metadata', 'resourceVersion') },
    ];
    try {
      return patchObject(session, info, JSON_PATCH, patch, { dryRun, fieldManager: manager });
    } catch (error) {
      if (!isConflict(error) || attempt === RETRIES) throw error;
      object = fetchObject(session, info.mapping, info.namespace, info.name);
    }
  }
}

const failed = (what: string, error: unknown): string =>
  `Warning: ${what}. This is non-fatal and will be retried next time you apply. Error: ${(error as Error).message}\n`;

const ANNOTATION_LOST = `failed to migrate ${LAST_APPLIED} for Server-Side Apply`;
const HAND_OVER_REJECTED = 'server rejected managed fields migration to Server-Side Apply';
const NOT_APPLIED_AGAIN = 'failed to re-apply configuration after performing Server-Side Apply migration';

/** What remains to be done behind a server-side apply that gave `object`; `again` applies once more. */
export function migrate(
  session: Session,
  info: Info,
  object: Obj,
  manager: string,
  dryRun: DryRun,
  again: () => Obj,
): Obj {
  let latest = object;
  let trouble = ANNOTATION_LOST;
  try {
    latest = keepAnnotation(session, info, object, manager, dryRun);
    trouble = HAND_OVER_REJECTED;
    const migrated = handOver(session, info, latest, manager, dryRun);
    if (!migrated) return latest;
    latest = migrated;
    trouble = NOT_APPLIED_AGAIN;
    return again();
  } catch (error) {
    session.io.stderr(failed(trouble, error));
    return latest;
  }
}
