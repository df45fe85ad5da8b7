import { formatTime } from '../../api/meta.ts';
import { alreadyExists, invalid } from '../../api/errors.ts';
import { generateName } from '../../api/names.ts';
import type { UntypedObject } from '../../api/object.ts';
import { present } from '../endpoint.ts';
import { decodeBody } from './decode-body.ts';
import { namedManagers, noteWrite, setManagers } from './field-ownership.ts';
import { isNotedAsWritten, writerOf } from './field-writers.ts';
import { checkCreatedMetadata } from './object-meta.ts';
import type { Registry } from './registry.ts';
import { admissionRequest, settleNamespace, type Scope } from './scope.ts';

/** How often a generated name that is taken is drawn anew. */
const NAME_ATTEMPTS = 8;

/** The create verb: decode, admit, complete, validate, store. */
export function createObject(registry: Registry, scope: Scope, body: unknown): UntypedObject {
  const draft = decodeBody(scope, body);
  settleNamespace(scope, draft);
  return createDraft(registry, scope, draft);
}

/** From admission on; for drafts that come from elsewhere than a request's body (create by update or apply). */
export function createDraft(registry: Registry, scope: Scope, draft: UntypedObject): UntypedObject {
  const { endpoint } = scope;
  const { kind, store, conversion } = endpoint;
  const { metadata } = draft;
  const admission = admissionRequest(scope, 'CREATE', metadata.name ?? '', draft, undefined);
  let given = conversion || scope.managers ? undefined : snapshot(draft);
  registry.admission.mutate(admission);
  if (given && isUnchanged(given, draft)) given = undefined;
  namedManagers(draft);
  metadata.uid = registry.uids.uuid();
  metadata.creationTimestamp = formatTime(registry.kernel.now);
  delete metadata.resourceVersion;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.generation;
  if (kind.hasGeneration) metadata.generation = 1;
  const generated = !metadata.name && metadata.generateName ? metadata.generateName : undefined;
  if (generated !== undefined) metadata.name = freeName(registry, scope, generated);
  const transaction = registry.hooksOf(kind)?.begin?.(draft, undefined, scope.dryRun);
  try {
    kind.prepareForCreate?.(draft);
    stampConditions(draft, metadata.creationTimestamp);
    const errors = [...checkCreatedMetadata(kind, draft, generated !== undefined), ...(kind.validate?.(draft) ?? [])];
    if (errors.length > 0) throw invalid(kind, metadata.name ?? '', errors);
    const warnings = kind.warnings?.(draft, undefined);
    if (warnings) scope.warnings.push(...warnings);
    registry.admission.validate({ ...admission, name: metadata.name });
    const existing = store.get(metadata.namespace, metadata.name);
    if (existing) throw taken(scope, existing);
    const stored = conversion ? conversion.toStored(draft) : draft;
    if (scope.managers) setManagers(stored, scope.managers);
    else {
      const inOwnVersion = isNotedAsWritten(scope);
      const writer = writerOf(inOwnVersion ? kind : store.kind, scope.request);
      noteWrite(stored, undefined, writer, registry.kernel.now, inOwnVersion && conversion ? draft : given);
    }
    if (scope.dryRun) {
      transaction?.undo();
      return present(endpoint, stored);
    }
    store.write(stored, undefined);
    transaction?.done();
    // Programs of this process know what they created: nobody reads an answer made for them.
    return scope.request.options.trusted ? draft : present(endpoint, stored);
  } catch (error) {
    transaction?.undo();
    throw error;
  }
}

/** The draft as it is now; what lies below its own parts is shared. */
function snapshot(draft: UntypedObject): UntypedObject {
  const { metadata, spec } = draft;
  const copy: UntypedObject = { ...draft, metadata: { ...metadata } };
  if (spec) copy['spec'] = { ...spec };
  return copy;
}

/** Whether admission left a draft as it was. */
const isUnchanged = (before: UntypedObject, draft: UntypedObject): boolean =>
  alike(before.metadata, draft.metadata, '') &&
  alike((before['spec'] ?? {}) as object, (draft['spec'] ?? {}) as object, '') &&
  alike(before, draft, 'spec');

/** Whether two objects have the very same values, metadata and one more field aside. */
function alike(a: object, b: object, except: string): boolean {
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  for (const key in left) if (left[key] !== right[key] && key !== 'metadata' && key !== except) return false;
  for (const key in right) if (left[key] === undefined && right[key] !== undefined) return false;
  return true;
}

/** Conditions that an object is born with began now. */
function stampConditions(draft: UntypedObject, now: string): void {
  const status = draft['status'] as { conditions?: { lastTransitionTime?: string | null }[] } | undefined;
  if (!status?.conditions?.some(({ lastTransitionTime }) => lastTransitionTime === null)) return;
  draft['status'] = {
    ...status,
    conditions: status.conditions.map((condition) => ({
      ...condition,
      lastTransitionTime: condition.lastTransitionTime ?? now,
    })),
  };
}

/** A generated name that nobody has; after some attempts whatever was drawn last. */
function freeName(registry: Registry, { endpoint, request }: Scope, base: string): string {
  let name = generateName(base, registry.names);
  for (let i = 1; i < NAME_ATTEMPTS && endpoint.store.get(request.namespace, name); i++) {
    name = generateName(base, registry.names);
  }
  return name;
}

function taken({ endpoint }: Scope, existing: UntypedObject): Error {
  const refusal = alreadyExists(endpoint.kind, existing.metadata.name);
  if (!existing.metadata.deletionTimestamp) return refusal;
  const message = `object is being deleted: ${refusal.message}`;
  refusal.status.message = message;
  refusal.message = message;
  return refusal;
}
