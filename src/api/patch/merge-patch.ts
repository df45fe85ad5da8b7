/** JSON Merge Patch (RFC 7396). */
import { equal, own } from '../draft.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nulls in what is new say nothing. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value;
  const out: Record<string, unknown> = {};
  for (const key in value) if (value[key] !== null) out[key] = withoutNulls(value[key]);
  return out;
}

/** Applies the patch; the document is not changed, and is returned itself when the patch says nothing new. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  if (!isObject(document)) return withoutNulls(patch);
  let out: Record<string, unknown> | undefined;
  for (const key in patch) {
    const value = patch[key];
    const current = own(document, key);
    if (value === null) {
      if (Object.hasOwn(document, key)) delete (out ??= { ...document })[key];
      continue;
    }
    const merged = isObject(value) && isObject(current) ? applyMergePatch(current, value) : withoutNulls(value);
    if (merged !== current && !(Array.isArray(merged) && equal(merged, current)))
      (out ??= { ...document })[key] = merged;
  }
  return out ?? document;
}

/** The merge patch that leads from one document to another; {} when they are equal. */
export function createMergePatch(from: JsonObject, to: JsonObject): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const key in from) if (!Object.hasOwn(to, key)) patch[key] = null;
  for (const key in to) {
    const [before, after] = [own(from, key), to[key]];
    if (isObject(before) && isObject(after)) {
      const inner = createMergePatch(before, after);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!Object.hasOwn(from, key) || !equal(before, after)) {
      patch[key] = after;
    }
  }
  return patch;
}

/** Only the nulls of a patch (`keepNulls`), or everything but them. */
function filterNulls(patch: JsonObject, keepNulls: boolean): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const key in patch) {
    const value = patch[key];
    if (isObject(value)) {
      const inner = filterNulls(value, keepNulls);
      if (Object.keys(inner).length > 0 || (!keepNulls && Object.keys(value).length === 0)) out[key] = inner;
    } else if ((value === null) === keepNulls) {
      out[key] = value;
    }
  }
  return out;
}

/** Lays one merge patch over another; nulls stay nulls. */
function overlay(below: JsonObject, above: JsonObject): Record<string, unknown> {
  const out: Record<string, unknown> = { ...below };
  for (const key in above) {
    const [low, high] = [own(below, key), above[key]];
    out[key] = isObject(low) && isObject(high) ? overlay(low, high) : high;
  }
  return out;
}

/**
 * The merge patch of an apply: deletes what `original` (applied last) has and `modified` has not, and sets in
 * `current` what `modified` says. {} when there is nothing to do.
 */
export function createThreeWayMergePatch(
  original: JsonObject,
  modified: JsonObject,
  current: JsonObject,
): Record<string, unknown> {
  const deletions = filterNulls(createMergePatch(original, modified), true);
  const changes = filterNulls(createMergePatch(current, modified), false);
  return overlay(deletions, changes);
}
