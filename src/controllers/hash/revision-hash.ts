import { fnv1, safeEncode } from './fnv.ts';

/** Characters that Go's encoder escapes besides those that JSON demands. */
const ESCAPED = /[<>&\u2028\u2029]/g;

/** JSON as Go writes maps: sorted keys, no spaces, and fit for HTML. */
function goJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([key, field]) => `${goJson(key)}:${goJson(field)}`).join(',')}}`;
  }
  return JSON.stringify(value).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The hash of a ControllerRevision's data; collisions change it (history.HashControllerRevision). */
export const revisionHash = (data: unknown, collisionCount: number): string =>
  safeEncode(fnv1(`${goJson(data)}${collisionCount}`));
