import { checkImmutable, checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { duplicate, forbidden, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkLabelValue, checkQualifiedName } from '../names.ts';
import { ageColumn, column } from '../table.ts';
import type { StorageClass } from '../types.ts';
import { checkParameters, nameWithDefault } from './class-parts.ts';

function checkTopologies(terms: StorageClass['allowedTopologies'], errors: Errors): void {
  terms?.forEach(({ matchLabelExpressions }, i) => {
    const path = `allowedTopologies[${i}].matchLabelExpressions`;
    const keys = new Set<string>();
    matchLabelExpressions?.forEach(({ key, values }, j) => {
      const at = `${path}[${j}]`;
      refuse(`${at}.key`, key, checkQualifiedName(key), errors);
      if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
      keys.add(key);
      if (!values?.length) errors.push(required(`${at}.values`));
      values?.forEach((value, k) => {
        if (values.indexOf(value) < k) errors.push(duplicate(`${at}.values[${k}]`, value));
        refuse(`${at}.values[${k}]`, value, checkLabelValue(value), errors);
      });
    });
  });
}

function checkClass(storage: StorageClass): Errors {
  const errors: Errors = [];
  const { provisioner } = storage;
  if (!provisioner) errors.push(required('provisioner'));
  else refuse('provisioner', provisioner, checkQualifiedName(provisioner.toLowerCase()), errors);
  checkParameters(storage.parameters, true, errors);
  if (storage.reclaimPolicy) checkOneOf(storage.reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy', errors);
  const modes = ['Immediate', 'WaitForFirstConsumer'];
  if (!storage.volumeBindingMode) errors.push(required('volumeBindingMode'));
  else checkOneOf(storage.volumeBindingMode, modes, 'volumeBindingMode', errors);
  checkTopologies(storage.allowedTopologies, errors);
  return errors;
}

/** StorageClasses: sorts of storage that can be had on demand. */
export const StorageClassKind: Kind<StorageClass> = defineKind<StorageClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'StorageClass',
  resource: 'storageclasses',
  singular: 'storageclass',
  shortNames: ['sc'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.StorageClass',
  defaults(draft) {
    draft.reclaimPolicy ??= 'Delete';
    draft.volumeBindingMode ??= 'Immediate';
  },
  validate: checkClass,
  validateUpdate(storage, old) {
    const errors: Errors = [];
    for (const field of ['parameters', 'provisioner', 'reclaimPolicy'] as const)
      if (!semanticallyEqual(storage[field], old[field]))
        errors.push(forbidden(field, `updates to ${field} are forbidden.`));
    checkImmutable(storage.volumeBindingMode, old.volumeBindingMode, 'volumeBindingMode', errors);
    return errors;
  },
  columns: [
    nameWithDefault,
    column('Provisioner', ({ provisioner }) => provisioner),
    column('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete'),
    column('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate'),
    column('AllowVolumeExpansion', ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false),
    ageColumn,
  ],
});
