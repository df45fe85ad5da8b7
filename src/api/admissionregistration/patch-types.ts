/** The types that mutating policies make patches of (apiserver's cel/mutation). */
import { global, type Library } from '../cel/functions.ts';
import { DYN, objectType, STRING, type ObjectType } from '../cel/types.ts';

const JSON_PATCH = objectType('JSONPatch', { op: STRING, from: STRING, path: STRING, value: DYN });

/** The type of patches by operations. */
export const JSON_PATCH_TYPE: ObjectType = JSON_PATCH;

/**
 * `Object`, `Object.spec`, `Object.spec.template` and so on: what an apply configuration is made of. Each has any field,
 * whose values are not checked; only objects must be of the type that is named for their place.
 */
function applyType(name: string): ObjectType {
  return { kind: 'object', name, field: () => DYN };
}

/** The root of apply configurations. */
export const OBJECT_TYPE: ObjectType = applyType('Object');

/** The type with this name, if it is one that patches are made of. */
export function patchTypes(name: string): ObjectType | undefined {
  if (name === 'JSONPatch') return JSON_PATCH;
  return name === 'Object' || name.startsWith('Object.') ? applyType(name) : undefined;
}

/** Text as one step of a JSON pointer (RFC 6901). */
const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export const jsonPatchLibrary: Library = [
  ['jsonpatch.escapeKey', global('string_jsonpatch_escapeKey_string', [STRING], STRING, escapeKey)],
];
