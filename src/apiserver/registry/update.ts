import { sameManagers } from '../../api/apply/managers.ts';
import { conflict, invalid, notFound, OPTIMISTIC_LOCK } from '../../api/errors.ts';
import { invalid as invalidField } from '../../api/field-error.ts';
import { equal } from '../../api/draft.ts';
import { nextGeneration } from '../../api/generation.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { present } from '../endpoint.ts';
import { checkName } from './check-name.ts';
import { createDraft } from './create.ts';
import { decodeBody } from './decode-body.ts';
import { managersOf, namedManagers, noteNamed, noteWrite, setManagers } from './field-ownership.ts';
import { isNotedAsWritten, writerOf } from './field-writers.ts';
import { isFinished } from './deletion-hold.ts';
import { shareStructure } from './share-structure.ts';
import { checkUpdatedMetadata } from './object-meta.ts';
import type { Registry } from './registry.ts';
import { admissionRequest, settleNamespace, type Scope } from './scope.ts';

/** Kinds whose PUT creates what is not there (AllowCreateOnUpdate). */
const CREATE_ON_UPDATE: ReadonlySet<string> = new Set([
  'events',
  'endpoints',
  'leases',
  'limitranges',
  'podtemplates',
  'runtimeclasses',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
]);

/** Kinds that must be updated with the version they were read at (AllowUnconditionalUpdate is false). */
const CONDITIONAL_ONLY: ReadonlySet<string> = new Set(['leases']);

/** The update verb, for the object or its status. `body` is the whole object. */
export function updateObject(
  registry: Registry,
  scope: Scope,
  body: unknown,
): { object: UntypedObject; created: boolean } {
  const { endpoint, request } = scope;
  const name = request.name!;
  const stored = endpoint.store.get(request.namespace, name);
  const old = stored && present(endpoint, stored);
  const draft = decodeBody(scope, body, old);
  checkName(draft, name);
  settleNamespace(scope, draft);
  if (!stored || !old) {
    if (endpoint.kind.custom || !CREATE_ON_UPDATE.has(endpoint.kind.resource) || request.subresource)
      throw notFound(endpoint.kind, name);
    registry.authorize({ ...request, verb: 'create' });
    return { object: createDraft(registry, scope, draft), created: true };
  }
  return { object: replace(registry, scope, draft, stored, old), created: false };
}

/** Puts a draft in the place of an object: admission, versions, metadata, validation, and the write if anything differs. */
export function replace(
  registry: Registry,
  scope: Scope,
  draft: UntypedObject,
  stored: UntypedObject,
  old: UntypedObject,
): UntypedObject {
  const { endpoint, request } = scope;
  const { kind, store, conversion } = endpoint;
  checkPrecondition(scope, draft, old);
  const named = namedManagers(draft);
  const side = sideOf(request.subresource);
  keepOtherSide(draft, old, kind.hasStatus === true, side);
  const admission = admissionRequest(scope, 'UPDATE', old.metadata.name, draft, old);
  registry.admission.mutate(admission);
  keepSystemMetadata(draft, old);
  const hooks = side === 'object' ? registry.hooksOf(kind) : undefined;
  const given = hooks && { ...draft, spec: { ...(draft['spec'] as object) } };
  const transaction = hooks?.begin?.(draft, old, scope.dryRun);
  try {
    if (side === 'status') kind.prepareForStatusUpdate?.(draft, old, formatTime(registry.kernel.now));
    else if (side === 'object') kind.prepareForUpdate?.(draft, old);
    const generation = side === 'status' ? undefined : nextGeneration(kind, draft, old);
    if (generation !== undefined) draft.metadata.generation = generation;
    const validate =
      side === 'status' ? kind.validateStatusUpdate : side === 'object' ? kind.validateUpdate : undefined;
    const errors = [...checkUpdatedMetadata(kind, draft, old), ...(validate?.(draft, old) ?? [])];
    if (errors.length > 0) {
      if (kind.custom) scope.warnings.push(...kind.custom.tolerated(draft));
      throw invalid(kind, draft.metadata.name, errors);
    }
    const warnings = kind.warnings?.(draft, old);
    if (warnings) scope.warnings.push(...warnings);
    registry.admission.validate(admission);
    let next = shareStructure(conversion ? conversion.toStored(draft) : draft, stored);
    const managers = scope.managers ?? (side === 'object' ? named : undefined);
    if (next === stored) {
      // What a client gives up and the server puts back is written all the same: the client no longer manages it.
      const putBack = given !== undefined && !equal(given.spec, old['spec']);
      if (!putBack && (!managers || sameManagers(managers, managersOf(stored)))) {
        transaction?.undo();
        return old;
      }
      next = { ...stored };
    }
    next = unshared(next, stored);
    const { now } = registry.kernel;
    if (scope.managers) setManagers(next, scope.managers);
    else {
      const inOwnVersion = isNotedAsWritten(scope);
      const writer = writerOf(inOwnVersion ? kind : store.kind, request, scope.writtenBy);
      if (managers) noteNamed(next, stored, writer, now, managers);
      else if (inOwnVersion && conversion) noteWrite(next, old, writer, now, draft);
      else noteWrite(next, stored, writer, now, given);
    }
    if (scope.dryRun) {
      transaction?.undo();
      return present(endpoint, next);
    }
    if (isFinished(next)) {
      next.metadata.resourceVersion = stored.metadata.resourceVersion!;
      if (!store.remove(stored)) throw conflict(kind, old.metadata.name, OPTIMISTIC_LOCK);
      registry.hooksOf(kind)?.removed?.(next);
      return present(endpoint, next);
    }
    if (!store.write(next, stored)) throw conflict(kind, old.metadata.name, OPTIMISTIC_LOCK);
    transaction?.done();
    return present(endpoint, next);
  } catch (error) {
    transaction?.undo();
    throw error;
  }
}

/** An object about to be written gets a metadata of its own, which takes the new version. */
function unshared(next: UntypedObject, stored: UntypedObject): UntypedObject {
  if (next.metadata === stored.metadata) next.metadata = { ...stored.metadata };
  return next;
}

/** Optimistic concurrency: the version and uid of a body, where it has them, must be those of the object. */
function checkPrecondition({ endpoint, request }: Scope, { metadata }: UntypedObject, old: UntypedObject): void {
  const { kind, store } = endpoint;
  const { name, namespace, uid, resourceVersion } = old.metadata;
  // A patch changes the uid like any field, which validation refuses.
  if (metadata.uid && metadata.uid !== uid && request.verb !== 'patch') {
    throw conflict(
      kind,
      name,
      `StorageError: invalid object, Code: 4, Key: ${store.key(namespace, name)}, ResourceVersion: 0, ` +
        `AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    );
  }
  const expected = metadata.resourceVersion;
  if (!expected || expected === '0') {
    if (!kind.conditionalUpdates && (kind.custom || !CONDITIONAL_ONLY.has(kind.resource))) return;
    throw invalid(kind, name, [invalidField('metadata.resourceVersion', 0, 'must be specified for an update')]);
  }
  if (expected !== resourceVersion) throw conflict(kind, name, OPTIMISTIC_LOCK);
}

/** What an update may change: the object, its status, or, for actions on the object, whatever the action changed. */
type Side = 'object' | 'status' | 'action';

const sideOf = (subresource: string | undefined): Side =>
  subresource === undefined ? 'object' : subresource === 'status' ? 'status' : 'action';

/** A write to the object leaves its status alone; a write to the status leaves all but status and metadata alone. */
function keepOtherSide(draft: UntypedObject, old: UntypedObject, hasStatus: boolean, side: Side): void {
  if (!hasStatus || side === 'action') return;
  if (side === 'object') {
    if (old['status'] === undefined) delete draft['status'];
    else draft['status'] = old['status'];
    return;
  }
  for (const field in draft) {
    if (field === 'metadata' || field === 'status' || field === 'kind' || field === 'apiVersion') continue;
    if (old[field] === undefined) delete draft[field];
  }
  for (const field in old) if (field !== 'metadata' && field !== 'status') draft[field] = old[field];
}

/** What only the server writes keeps its value. */
function keepSystemMetadata(draft: UntypedObject, old: UntypedObject): void {
  const { metadata } = draft;
  const was = old.metadata;
  metadata.uid ||= was.uid!;
  metadata.creationTimestamp = was.creationTimestamp!;
  metadata.resourceVersion = was.resourceVersion!;
  if (was.deletionTimestamp) metadata.deletionTimestamp = was.deletionTimestamp;
  if (was.deletionGracePeriodSeconds !== undefined)
    metadata.deletionGracePeriodSeconds ??= was.deletionGracePeriodSeconds;
  if (was.generation === undefined) delete metadata.generation;
  else metadata.generation = was.generation;
}
