import type { FieldError, Kind } from './kind.ts';
import { checkMetadata } from './metadata-checks.ts';
import type { KubeObject } from './object.ts';

/**
 * Completes a kind with what all kinds have in common: metadata is validated before the rest, and an update without
 * rules of its own is validated as a creation is.
 */
export function defineKind<T extends KubeObject>(kind: Kind<T>): Kind<T> {
  const withMetadata = (object: T, rest: FieldError[] | undefined): FieldError[] => {
    const errors: FieldError[] = [];
    checkMetadata(object.metadata, kind.namespaced, errors);
    if (rest) errors.push(...rest);
    return errors;
  };
  const { validate, validateUpdate, validateStatusUpdate, deprecation, warnings } = kind;
  return {
    ...kind,
    ...(deprecation
      ? { warnings: (object: T, old: T | undefined) => [deprecation, ...(warnings?.(object, old) ?? [])] }
      : {}),
    validate: (object) => withMetadata(object, validate?.(object)),
    validateUpdate: (object, old) =>
      withMetadata(object, validateUpdate ? validateUpdate(object, old) : validate?.(object)),
    validateStatusUpdate: (object, old) => withMetadata(object, validateStatusUpdate?.(object, old)),
  };
}
