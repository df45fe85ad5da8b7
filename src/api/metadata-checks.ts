import { forbidden, invalid, required, tooLong } from './field-error.ts';
import type { FieldError } from './kind.ts';
import { checkDnsLabel, checkLabelValue, checkQualifiedName } from './names.ts';
import type { ObjectMeta, OwnerReference } from './object.ts';

/** All annotations of an object together: names and values. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/** Keys and values of labels, or of anything that selects by them. */
export function checkLabels(
  labels: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!labels) return;
  for (const key in labels) {
    for (const message of checkQualifiedName(key)) errors.push(invalid(path, key, message));
    const value = labels[key]!;
    for (const message of checkLabelValue(value)) errors.push(invalid(path, value, message));
  }
}

export function checkAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
  path: string,
  errors: FieldError[],
): void {
  if (!annotations) return;
  let size = 0;
  for (const key in annotations) {
    for (const message of checkQualifiedName(key.toLowerCase())) errors.push(invalid(path, key, message));
    size += key.length + annotations[key]!.length;
  }
  if (size > MAX_ANNOTATION_BYTES) errors.push(tooLong(path, MAX_ANNOTATION_BYTES));
}

function checkOwners(owners: readonly OwnerReference[], path: string, errors: FieldError[]): void {
  let controller = '';
  for (const owner of owners) {
    if (!owner.apiVersion)
      errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) errors.push(invalid(`${path}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(invalid(`${path}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(invalid(`${path}.uid`, owner.uid ?? '', 'must not be empty'));
    if (!owner.controller) continue;
    if (controller)
      errors.push(
        invalid(
          path,
          owners,
          `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`,
        ),
      );
    else controller = owner.name;
  }
}

function checkFinalizers(finalizers: readonly string[], path: string, errors: FieldError[]): void {
  for (const finalizer of finalizers)
    for (const message of checkQualifiedName(finalizer)) errors.push(invalid(path, finalizer, message));
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion'))
    errors.push(invalid(path, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
}

/** What every object's metadata must satisfy besides its name, which the registry checks. */
export function checkMetadata(metadata: ObjectMeta, namespaced: boolean, errors: FieldError[]): void {
  if (namespaced) {
    if (!metadata.namespace) errors.push(required('metadata.namespace'));
    else
      for (const message of checkDnsLabel(metadata.namespace))
        errors.push(invalid('metadata.namespace', metadata.namespace, message));
  } else if (metadata.namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  checkLabels(metadata.labels, 'metadata.labels', errors);
  checkAnnotations(metadata.annotations, 'metadata.annotations', errors);
  if (metadata.ownerReferences) checkOwners(metadata.ownerReferences, 'metadata.ownerReferences', errors);
  if (metadata.finalizers) checkFinalizers(metadata.finalizers, 'metadata.finalizers', errors);
}
