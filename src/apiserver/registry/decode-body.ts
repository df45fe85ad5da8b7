import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { decode, type Decodable } from '../../api/schema/decode.ts';
import type { Scope } from './scope.ts';

/**
 * The fourth stage: a body becomes a draft of the kind, checked against its schema and completed with defaults.
 * The draft is new and may be changed freely.
 */
export const decodeBody = (scope: Scope, body: unknown): UntypedObject =>
  complete(scope.endpoint.kind, decodeAs<UntypedObject>(scope, scope.endpoint.kind, body));

/** Any type that a request carries: Scale, Binding, Eviction. Unknown fields are treated as the request says. */
export function decodeAs<T>(scope: Scope, type: Decodable, body: unknown): T {
  const { options, duplicateFields = [] } = scope.request;
  const { fieldValidation = 'Warn' } = options;
  const { object, warnings } = decode<T>(type, body, { fieldValidation, duplicates: duplicateFields });
  scope.warnings.push(...warnings);
  return object;
}

/** A decoded object with its kind's defaults, and without what this server does not keep. */
export function complete(kind: Kind, draft: UntypedObject): UntypedObject {
  draft.metadata ??= { name: '' };
  delete draft.metadata.managedFields;
  delete draft.metadata.selfLink;
  kind.defaults?.(draft);
  return draft;
}
