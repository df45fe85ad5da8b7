import { badRequest, notFound, unsupportedMediaType } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import { applyPatch } from '../../api/patch/apply-patch.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import { present } from '../endpoint.ts';
import { complete } from './decode-body.ts';
import type { Registry } from './registry.ts';
import { settleNamespace, type Scope } from './scope.ts';
import { replace } from './update.ts';

const noServerSideApply = (): Error => unsupportedMediaType('this API server does not apply on the server side yet');

/** The patched and decoded form of an object, which is not changed itself. */
export function patched<T extends object>(scope: Scope, type: Decodable, current: T, patch: unknown): T {
  const { patchType = 'merge', options } = scope.request;
  if (patchType === 'apply') throw noServerSideApply();
  const { fieldValidation = 'Warn' } = options;
  const { object, warnings } = applyPatch(type, patchType, current, patch, { fieldValidation, unchanged: current });
  scope.warnings.push(...warnings);
  return object;
}

/** The patch verb, for the object or its status. */
export function patchObject(registry: Registry, scope: Scope, patch: unknown): UntypedObject {
  const { endpoint, request } = scope;
  const name = request.name!;
  if (request.patchType === 'apply') throw noServerSideApply();
  const stored = endpoint.store.get(request.namespace, name);
  if (!stored) throw notFound(endpoint.kind, name);
  const old = present(endpoint, stored);
  const draft = complete(endpoint.kind, patched(scope, endpoint.kind, old, patch));
  if (draft.metadata.name !== name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`);
  }
  settleNamespace(scope, draft);
  return replace(registry, scope, draft, stored, old);
}
