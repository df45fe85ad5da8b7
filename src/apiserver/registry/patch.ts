import { notFound, unsupportedMediaType } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import { applyPatch } from '../../api/patch/apply-patch.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import { hasReason } from '../../api/status.ts';
import { present } from '../endpoint.ts';
import { applyObject } from './apply-object.ts';
import { checkName } from './check-name.ts';
import { complete } from './decode-body.ts';
import { managedFieldsOf } from './field-ownership.ts';
import type { Registry } from './registry.ts';
import { settleNamespace, type Scope } from './scope.ts';
import { replace } from './update.ts';

const noServerSideApply = (): Error =>
  unsupportedMediaType('the body of the request was in an unknown format - accepted media types include: ');

const noStrategicMerge = (): Error =>
  unsupportedMediaType(
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  );

/** Whether a patch is about metadata.managedFields, which objects otherwise do not carry. */
function namesManagedFields(patch: unknown): boolean {
  if (Array.isArray(patch)) {
    return (patch as ({ path?: unknown } | null)[]).some((one) =>
      String(one?.path).startsWith('/metadata/managedFields'),
    );
  }
  return (patch as { metadata?: { managedFields?: unknown } } | null)?.metadata?.managedFields !== undefined;
}

function withManagedFields(object: UntypedObject): UntypedObject {
  const managedFields = managedFieldsOf(object) as UntypedObject['metadata']['managedFields'] & object;
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

/** The patched and decoded form of an object, which is not changed itself. */
export function patched<T extends object>(scope: Scope, type: Decodable, current: T, patch: unknown): T {
  const { patchType = 'merge', options } = scope.request;
  if (patchType === 'apply') throw noServerSideApply();
  const { fieldValidation = 'Warn' } = options;
  const { object, warnings } = applyPatch(type, patchType, current, patch, { fieldValidation, unchanged: current });
  scope.warnings.push(...warnings);
  return object;
}

/** The patched object; for custom resources, a refusal shows everything that was patched. */
function patchedObject(scope: Scope, old: UntypedObject, current: UntypedObject, patch: unknown): UntypedObject {
  const { kind } = scope.endpoint;
  try {
    return patched(scope, kind, current, patch);
  } catch (error) {
    if (kind.custom && current === old && hasReason(error, 'Invalid'))
      return patched(scope, kind, withManagedFields(old), patch);
    throw error;
  }
}

/** The patch verb, for the object or its status. */
export function patchObject(
  registry: Registry,
  scope: Scope,
  patch: unknown,
): { object: UntypedObject; created: boolean } {
  const { endpoint, request } = scope;
  const name = request.name!;
  if (request.patchType === 'apply') return applyObject(registry, scope, patch);
  if (request.patchType === 'strategic' && endpoint.kind.custom) throw noStrategicMerge();
  const stored = endpoint.store.get(request.namespace, name);
  if (!stored) throw notFound(endpoint.kind, name);
  const old = present(endpoint, stored);
  const current = namesManagedFields(patch) ? withManagedFields(old) : old;
  const draft = complete(endpoint.kind, patchedObject(scope, old, current, patch));
  checkName(draft, name);
  settleNamespace(scope, draft);
  return { object: replace(registry, scope, draft, stored, old), created: false };
}
