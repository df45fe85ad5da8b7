import { badRequest, notFound, unsupportedMediaType } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import { present } from '../endpoint.ts';
import type { Decodable } from '../../api/schema/decode.ts';
import type { ApiRequest } from '../request.ts';
import { decodeBody } from './decode-body.ts';
import type { Registry } from './registry.ts';
import { settleNamespace, type Scope } from './scope.ts';
import { replace } from './update.ts';

/** A JSON merge patch (RFC 7386) applied to a value that is not changed. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const out: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else out[key] = mergePatch(out[key], value);
  }
  return out;
}

/** The patched form of an object, before it is decoded again. Nothing of `current` is changed. */
export function applyPatch(request: ApiRequest, _type: Decodable, current: object, patch: unknown): unknown {
  if (request.patchType === 'apply') throw unsupportedMediaType('server-side apply is not served');
  return mergePatch(current, patch);
}

/** The patch verb, for the object or its status. */
export function patchObject(registry: Registry, scope: Scope, body: unknown): UntypedObject {
  const { endpoint, request } = scope;
  const name = request.name!;
  const stored = endpoint.store.get(request.namespace, name);
  if (!stored) throw notFound(endpoint.kind, name);
  const old = present(endpoint, stored);
  const draft = decodeBody(scope, applyPatch(request, endpoint.kind, old, body));
  if (draft.metadata.name !== name) {
    throw badRequest(`the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`);
  }
  settleNamespace(scope, draft);
  return replace(registry, scope, draft, stored, old);
}
