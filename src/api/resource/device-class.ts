import { type Errors } from '../core/common-checks.ts';
import { isExtendedResource } from '../core/resource-checks.ts';
import { defineKind } from '../define-kind.ts';
import { invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { DeviceClass } from '../types.ts';
import { checkEach, checkOpaque, checkSelectors, MAX_CONFIGS } from './device-checks.ts';

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
    checkEach(spec.config, MAX_CONFIGS, 'spec.config', errors, ({ opaque }, at) =>
      checkOpaque(opaque, `${at}.opaque`, errors),
    );
    const { extendedResourceName: name } = spec;
    if (name !== undefined && !(name.includes('/') && isExtendedResource(name)))
      errors.push(invalid('spec.extendedResourceName', name, 'must be a valid extended resource name'));
    return errors;
  },
  columns: [nameColumn, ageColumn],
});
