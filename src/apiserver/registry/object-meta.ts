import { forbidden, invalid, required } from '../../api/field-error.ts';
import type { FieldError, Kind } from '../../api/kind.ts';
import { checkDnsSubdomain } from '../../api/names.ts';
import type { UntypedObject } from '../../api/object.ts';

const goStrings = (values: readonly string[]): string => `[]string{${values.map((v) => JSON.stringify(v)).join(', ')}}`;

/** What is wrong with the metadata of a new object (apimachinery/pkg/api/validation.ValidateObjectMeta). */
export function checkCreatedMetadata(kind: Kind, { metadata }: UntypedObject, generated: boolean): FieldError[] {
  if (!metadata.name) return [required('metadata.name', 'name or generateName is required')];
  const check = kind.validateName ?? checkDnsSubdomain;
  const errors: FieldError[] = [];
  if (generated && metadata.generateName) {
    for (const message of check(metadata.generateName, true)) {
      errors.push(invalid('metadata.generateName', metadata.generateName, message));
    }
  }
  for (const message of check(metadata.name, false)) errors.push(invalid('metadata.name', metadata.name, message));
  return errors;
}

/** What an update may not do to metadata (ValidateObjectMetaUpdate). */
export function checkUpdatedMetadata(_kind: Kind, { metadata }: UntypedObject, old: UntypedObject): FieldError[] {
  const errors: FieldError[] = [];
  const was = old.metadata;
  if (was.deletionTimestamp && metadata.finalizers) {
    const added = metadata.finalizers.filter((finalizer) => !was.finalizers?.includes(finalizer)).sort();
    if (added.length > 0) {
      errors.push(
        forbidden(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers ${goStrings(added)}`,
        ),
      );
    }
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp'] as const) {
    if ((metadata[field] ?? '') !== (was[field] ?? '')) {
      errors.push(invalid(`metadata.${field}`, metadata[field] ?? '', 'field is immutable'));
    }
  }
  return errors;
}
