import { forbidden, invalid, required, tooLong } from '../../api/field-error.ts';
import type { FieldError, Kind } from '../../api/kind.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkLabelValue,
  checkQualifiedName,
  maskTrailingDash,
} from '../../api/names.ts';
import type { ObjectMeta, OwnerReference, UntypedObject } from '../../api/object.ts';
import { equal } from '../../api/draft.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;

/** Finalizers without a domain: only these may have none. */
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

const goStrings = (values: readonly string[]): string =>
  `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`;

/** What is wrong with the metadata of a new object (apimachinery's ValidateObjectMeta). */
export function checkCreatedMetadata(kind: Kind, { metadata }: UntypedObject, generated: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const check = kind.validateName ?? ((name: string) => checkDnsSubdomain(name));
  if (generated && metadata.generateName) {
    for (const message of check(maskTrailingDash(metadata.generateName), true)) {
      errors.push(invalid('metadata.generateName', metadata.generateName, message));
    }
  }
  if (!metadata.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const message of check(metadata.name, false)) errors.push(invalid('metadata.name', metadata.name, message));
  if (kind.namespaced && !metadata.namespace) errors.push(required('metadata.namespace'));
  else if (kind.namespaced) {
    for (const message of checkDnsLabel(metadata.namespace!))
      errors.push(invalid('metadata.namespace', metadata.namespace, message));
  }
  checkLabels(metadata, errors);
  checkAnnotations(metadata, errors);
  checkOwners(metadata, errors);
  checkFinalizers(kind, metadata, errors);
  return errors;
}

/** What an update may not do to metadata (ValidateObjectMetaUpdate), and what is wrong with what it changed. */
export function checkUpdatedMetadata(
  kind: Kind,
  { metadata }: UntypedObject,
  { metadata: old }: UntypedObject,
): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp && metadata.finalizers) {
    const added = metadata.finalizers.filter((finalizer) => !old.finalizers?.includes(finalizer)).sort();
    if (added.length > 0) {
      const found = `found new finalizers ${goStrings(added)}`;
      errors.push(
        forbidden('metadata.finalizers', `no new finalizers can be added if the object is being deleted, ${found}`),
      );
    }
  }
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp'] as const) {
    if ((metadata[field] ?? '') !== (old[field] ?? '')) {
      errors.push(invalid(`metadata.${field}`, metadata[field] ?? '', 'field is immutable'));
    }
  }
  if (metadata.deletionGracePeriodSeconds !== old.deletionGracePeriodSeconds)
    errors.push(
      invalid('metadata.deletionGracePeriodSeconds', metadata.deletionGracePeriodSeconds, 'field is immutable'),
    );
  if (!equal(metadata.labels, old.labels)) checkLabels(metadata, errors);
  if (!equal(metadata.annotations, old.annotations)) checkAnnotations(metadata, errors);
  if (!equal(metadata.ownerReferences, old.ownerReferences)) checkOwners(metadata, errors);
  if (!equal(metadata.finalizers, old.finalizers)) checkFinalizers(kind, metadata, errors);
  return errors;
}

const sortedEntries = (map: Readonly<Record<string, string>>): [string, string][] =>
  Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function checkLabels({ labels }: ObjectMeta, errors: FieldError[]): void {
  if (!labels) return;
  for (const [key, value] of sortedEntries(labels)) {
    for (const message of checkQualifiedName(key)) errors.push(invalid('metadata.labels', key, message));
    for (const message of checkLabelValue(value)) errors.push(invalid('metadata.labels', value, message));
  }
}

function checkAnnotations({ annotations }: ObjectMeta, errors: FieldError[]): void {
  if (!annotations) return;
  let size = 0;
  for (const [key, value] of sortedEntries(annotations)) {
    // Annotation keys may have capitals in their domain.
    for (const message of checkQualifiedName(key.toLowerCase()))
      errors.push(invalid('metadata.annotations', key, message));
    size += key.length + value.length;
  }
  if (size > MAX_ANNOTATIONS_BYTES) errors.push(tooLong('metadata.annotations', MAX_ANNOTATIONS_BYTES));
}

function checkOwners({ ownerReferences }: ObjectMeta, errors: FieldError[]): void {
  let controller: OwnerReference | undefined;
  ownerReferences?.forEach((owner, i) => {
    const path = `metadata.ownerReferences[${i}]`;
    const { apiVersion, kind, name, uid } = owner;
    if (!apiVersion) errors.push(invalid(`${path}.apiVersion`, apiVersion ?? '', 'version must not be empty'));
    if (!kind) errors.push(invalid(`${path}.kind`, kind ?? '', 'must not be empty'));
    if (!name) errors.push(invalid(`${path}.name`, name ?? '', 'must not be empty'));
    if (!uid) errors.push(invalid(`${path}.uid`, uid ?? '', 'must not be empty'));
    if ((apiVersion === 'v1' || apiVersion === 'events.k8s.io/v1') && kind === 'Event') {
      errors.push(invalid(path, owner, `${apiVersion}, Kind=Event is disallowed from being an owner`));
    }
    if (!owner.controller) return;
    if (controller) {
      const both = `${controller.kind}/${controller.name} and ${kind}/${name}`;
      const message = `Only one reference can have Controller set to true. Found "true" in references for ${both}`;
      errors.push(invalid('metadata.ownerReferences', ownerReferences, message));
    }
    controller = owner;
  });
}

/**
 * Whether a kind's finalizers need a domain: those of kube-apiserver's own kinds do, those of its extension servers and
 * of custom resources do not (of the latter it warns).
 */
const wantsDomains = ({ group, custom }: Kind): boolean =>
  !custom && group !== 'apiextensions.k8s.io' && group !== 'apiregistration.k8s.io';

function checkFinalizers(kind: Kind, { finalizers }: ObjectMeta, errors: FieldError[]): void {
  if (!finalizers) return;
  for (const finalizer of finalizers) {
    for (const message of checkQualifiedName(finalizer))
      errors.push(invalid('metadata.finalizers', finalizer, message));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const message = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalid('metadata.finalizers', finalizers, message));
  }
  if (!wantsDomains(kind)) return;
  finalizers.forEach((finalizer, i) => {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) return;
    const message = 'name is neither a standard finalizer name nor is it fully qualified';
    errors.push(invalid(`metadata.finalizers[${i}]`, finalizer, message));
  });
}
