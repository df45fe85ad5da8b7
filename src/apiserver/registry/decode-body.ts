import type { ManagedFieldsEntry } from '../../api/apply/managers.ts';
import type { Kind } from '../../api/kind.ts';
import type { UntypedObject } from '../../api/object.ts';
import { decode, type Decodable } from '../../api/schema/decode.ts';
import { nameManagers } from './field-ownership.ts';
import type { Scope } from './scope.ts';

/**
 * The fourth stage: a body becomes a draft of the kind, checked against its schema and completed with defaults.
 * `old` is the object that it replaces: what clients of this process left untouched of it is not read again.
 */
export const decodeBody = (scope: Scope, body: unknown, old?: UntypedObject): UntypedObject =>
  complete(scope.endpoint.kind, decodeAs<UntypedObject>(scope, scope.endpoint.kind, body, old));

/** Any type that a request carries: Scale, Binding, Eviction. Unknown fields are treated as the request says. */
export function decodeAs<T>(scope: Scope, type: Decodable, body: unknown, old?: object): T {
  const { options, duplicateFields = [], fieldPlaces } = scope.request;
  const { fieldValidation = 'Warn', trusted = false } = options;
  const { object, warnings } = decode<T>(type, body, {
    fieldValidation,
    trusted,
    duplicates: duplicateFields,
    ...(fieldPlaces ? { places: fieldPlaces } : {}),
    ...(old ? { unchanged: old } : {}),
  });
  for (const warning of warnings) scope.warnings.push(warning);
  return object;
}

/** A decoded object with its kind's defaults, and without what this server does not keep. */
export function complete(kind: Kind, draft: UntypedObject): UntypedObject {
  draft.metadata ??= { name: '' };
  const { managedFields } = draft.metadata;
  if (managedFields) {
    delete draft.metadata.managedFields;
    nameManagers(draft, managedFields as ManagedFieldsEntry[]);
  }
  delete draft.metadata.selfLink;
  kind.defaults?.(draft);
  return draft;
}
