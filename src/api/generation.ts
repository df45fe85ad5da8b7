import { semanticallyEqual } from './draft.ts';
import type { Kind } from './kind.ts';
import type { KubeObject } from './object.ts';

const NOT_DESIRED: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata', 'status']);
const METADATA: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata']);

/** Whether anything but metadata and status differs, or but what is to be ignored. */
export function desiredStateDiffers(a: object, b: object, ignored: ReadonlySet<string> = NOT_DESIRED): boolean {
  if (a === b) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (!ignored.has(key) && !semanticallyEqual(left[key], right[key])) return true;
  for (const key in right)
    if (!ignored.has(key) && !(key in left) && !semanticallyEqual(undefined, right[key])) return true;
  return false;
}

/**
 * The metadata.generation that a write gives an object: 1 for a new one, one more when what is desired of it changes;
 * undefined for kinds that have none. Writes to the status keep the old one and need not ask.
 */
export function nextGeneration<T extends KubeObject>(kind: Kind<T>, object: T, old: T | undefined): number | undefined {
  if (!kind.hasGeneration) return undefined;
  if (!old) return 1;
  const current = old.metadata.generation ?? 0;
  const changed =
    desiredStateDiffers(object, old, kind.generationIncludesStatus ? METADATA : NOT_DESIRED) ||
    (kind.generationIncludesAnnotations === true &&
      !semanticallyEqual(object.metadata.annotations, old.metadata.annotations));
  return changed ? current + 1 : current;
}
