import { type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { DeviceClass } from '../types.ts';
import { checkSelectors } from './device-checks.ts';

/** DeviceClasses: sorts of devices that can be claimed. */
export const DeviceClassKind: Kind<DeviceClass> = defineKind<DeviceClass>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'DeviceClass',
  resource: 'deviceclasses',
  singular: 'deviceclass',
  namespaced: false,
  schema: 'io.k8s.api.resource.v1.DeviceClass',
  hasGeneration: true,
  validate({ spec }) {
    const errors: Errors = [];
    checkSelectors(spec.selectors, 'spec.selectors', errors);
    spec.config?.forEach(({ opaque }, i) => {
      if (!opaque) errors.push(required(`spec.config[${i}].opaque`));
      else if (!opaque.driver) errors.push(required(`spec.config[${i}].opaque.driver`));
    });
    return errors;
  },
  columns: [nameColumn, ageColumn],
});
