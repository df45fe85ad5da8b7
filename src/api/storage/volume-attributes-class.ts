import { type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column } from '../table.ts';
import type { VolumeAttributesClass } from '../types.ts';
import { checkParameters, nameWithDefault } from './class-parts.ts';
import { checkProvisioner } from './driver-name.ts';

function checkClass({ driverName, parameters }: VolumeAttributesClass): Errors {
  const errors: Errors = [];
  checkProvisioner(driverName, 'driverName', errors);
  checkParameters(parameters, false, errors);
  return errors;
}

/** VolumeAttributesClasses: properties of volumes that can be changed while they are in use. */
export const VolumeAttributesClassKind: Kind<VolumeAttributesClass> = defineKind<VolumeAttributesClass>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttributesClass',
  resource: 'volumeattributesclasses',
  singular: 'volumeattributesclass',
  shortNames: ['vac'],
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.VolumeAttributesClass',
  validate: checkClass,
  validateUpdate(attributes, old) {
    const errors: Errors = [];
    for (const field of ['driverName', 'parameters'] as const)
      if (!semanticallyEqual(attributes[field], old[field]))
        errors.push(forbidden(field, `updates to ${field} are forbidden.`));
    return [...errors, ...checkClass(attributes)];
  },
  columns: [nameWithDefault, column('DriverName', ({ driverName }) => driverName), ageColumn],
});
