/** Patching an object as a request does: apply, decode the result, and answer errors as the server does. */
import { badRequest } from '../errors.ts';
import { invalid as invalidValue } from '../field-error.ts';
import { goJson } from '../go-text.ts';
import { DecodeError, decodeRaw, type Decodable, type Decoded, type DecodeOptions } from '../schema/decode.ts';
import { jsonType } from '../schema/reading.ts';
import { ApiError } from '../status.ts';
import { operationsOf, unknownMembers } from './json-patch-form.ts';
import { applyJsonPatch, PatchError } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';
import { goValue, isObject, StrategicPatchError } from './strategic-schema.ts';

export type PatchKind = 'json' | 'merge' | 'strategic';

/** More operations than this are too many for one JSON patch. */
const MAX_OPERATIONS = 10_000;

/** 422 without words: what the server answers when a patch does not apply. */
const unprocessable = (): ApiError =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/** 422 for a patch whose result is no object of its kind. */
function invalidResult(shown: string, message: string): ApiError {
  const error = invalidValue('patch', shown, message);
  return new ApiError(422, 'Invalid', ` "" is invalid: ${error.field}: ${error.detail}`, {
    causes: [{ reason: error.type, message: error.detail, field: error.field }],
  });
}

const notAnObject = (patch: unknown): ApiError =>
  badRequest(
    `error decoding patch: json: cannot unmarshal ${jsonType(patch)} into Go value of type map[string]interface {}`,
  );

function result(type: PatchKind, current: object, patch: unknown, schema: string): unknown {
  switch (type) {
    case 'json': {
      const operations = operationsOf(patch);
      if (operations.length > MAX_OPERATIONS)
        throw new ApiError(
          413,
          'RequestEntityTooLarge',
          `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`,
        );
      return applyJsonPatch(current, operations);
    }
    case 'merge':
      if (patch === null) throw badRequest('Invalid JSON Patch');
      if (!isObject(patch)) throw notAnObject(patch);
      return applyMergePatch(current, patch);
    case 'strategic':
      if (patch === null) return current;
      if (!isObject(patch)) throw notAnObject(patch);
      return applyStrategicMergePatch(current, patch, schema);
  }
}

/**
 * Applies a patch to a stored object and decodes the result. The object is not changed; the result is a draft.
 * `changed` is false when the patch said nothing new, which makes a no-op cheap to see.
 */
export function applyPatch<T extends object>(
  kind: Decodable,
  type: PatchKind,
  current: T,
  patch: unknown,
  options: DecodeOptions = {},
): Decoded<T> & { readonly changed: boolean } {
  let patched: unknown;
  try {
    patched = result(type, current, patch, kind.schema);
  } catch (error) {
    if (error instanceof PatchError) throw unprocessable();
    if (error instanceof StrategicPatchError)
      throw error.code === 400
        ? badRequest(error.message)
        : error.code === 422
          ? unprocessable()
          : new ApiError(500, '', error.message);
    throw error;
  }
  try {
    const decoded = decodeRaw<T>(kind, patched, { ...options, converting: type === 'strategic', unchanged: current });
    const unknown = type === 'json' && Array.isArray(patch) ? unknownMembers(patch) : [];
    if (unknown.length === 0 || options.fieldValidation === 'Ignore')
      return { ...decoded, changed: patched !== current };
    if (options.fieldValidation === 'Strict') throw new DecodeError(`strict decoding error: ${unknown.join(', ')}`);
    return { ...decoded, warnings: [...unknown, ...decoded.warnings], changed: patched !== current };
  } catch (error) {
    if (error instanceof DecodeError)
      throw invalidResult(
        type === 'strategic' ? goValue(patch) : kind.custom ? goJson(patched) : JSON.stringify(patched),
        error.message,
      );
    throw error;
  }
}
