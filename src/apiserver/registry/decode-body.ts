import type { UntypedObject } from '../../api/object.ts';
import { decode, type Decodable } from '../../api/schema/decode.ts';
import type { Scope } from './scope.ts';

/**
 * The fourth stage: a body becomes a draft of the kind, checked against its schema and completed with defaults.
 * The draft is new and may be changed freely.
 */
export function decodeBody(scope: Scope, body: unknown): UntypedObject {
  const { kind } = scope.endpoint;
  const draft = decodeAs<UntypedObject>(scope, kind, body);
  draft.metadata ??= { name: '' };
  delete draft.metadata.managedFields;
  delete draft.metadata.selfLink;
  kind.defaults?.(draft);
  return draft;
}

/** Any type that a request carries: Scale, Binding, Eviction. Unknown fields are treated as the request says. */
export function decodeAs<T>(scope: Scope, type: Decodable, body: unknown): T {
  const { fieldValidation = 'Warn' } = scope.request.options;
  const { object, warnings } = decode<T>(type, body, { fieldValidation, duplicates: scope.request.duplicateFields ?? [] });
  scope.warnings.push(...warnings);
  return object;
}
