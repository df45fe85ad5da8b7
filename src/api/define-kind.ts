import type { Kind } from './kind.ts';
import type { KubeObject } from './object.ts';

/**
 * Completes a kind with what follows from the rest of it: an update without rules of its own is validated as a creation
 * is, and writes to a deprecated kind say so among their warnings. Metadata is validated by the registry, for every kind.
 */
export function defineKind<T extends KubeObject>(kind: Kind<T>): Kind<T> {
  const { validate, deprecation, warnings } = kind;
  return {
    ...(validate ? { validateUpdate: (object: T) => validate(object) } : {}),
    ...kind,
    ...(deprecation
      ? { warnings: (object: T, old: T | undefined) => [deprecation, ...(warnings?.(object, old) ?? [])] }
      : {}),
  };
}
