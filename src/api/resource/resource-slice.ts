import { checkImmutable, checkRequiredLabel, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, invalid, required, tooMany } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ResourceSlice } from '../types.ts';

const MAX_DEVICES = 128;

function checkSlice({ spec }: ResourceSlice): Errors {
  const errors: Errors = [];
  const { driver, pool, nodeName, nodeSelector, allNodes, perDeviceNodeSelection, devices = [] } = spec;
  const places = [nodeName, nodeSelector, allNodes, perDeviceNodeSelection].filter(Boolean).length;
  if (places !== 1) {
    const message = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
    errors.push(
      places === 0 ? required('spec', message) : invalid('spec', spec, `${message}, but multiple fields are set`),
    );
  }
  if (nodeName) refuse('spec.nodeName', nodeName, checkDnsSubdomain(nodeName), errors);
  if (!driver) errors.push(required('spec.driver'));
  else refuse('spec.driver', driver, checkDnsSubdomain(driver), errors);
  if (!pool?.name) errors.push(required('spec.pool.name'));
  if ((pool?.resourceSliceCount ?? 0) <= 0)
    errors.push(invalid('spec.pool.resourceSliceCount', pool?.resourceSliceCount ?? 0, 'must be greater than zero'));
  if ((pool?.generation ?? 0) < 0)
    errors.push(invalid('spec.pool.generation', pool.generation, 'must be greater than or equal to zero'));
  if (devices.length > MAX_DEVICES) errors.push(tooMany('spec.devices', devices.length, MAX_DEVICES));
  const names = new Set<string>();
  devices.forEach(({ name }, i) => {
    checkRequiredLabel(name, `spec.devices[${i}].name`, errors);
    if (names.has(name)) errors.push(duplicate(`spec.devices[${i}].name`, name));
    names.add(name);
  });
  return errors;
}

/** ResourceSlices: devices that there are, and where. Their drivers write them. */
export const ResourceSliceKind: Kind<ResourceSlice> = defineKind<ResourceSlice>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceSlice',
  resource: 'resourceslices',
  singular: 'resourceslice',
  namespaced: false,
  schema: 'io.k8s.api.resource.v1.ResourceSlice',
  hasGeneration: true,
  validate: checkSlice,
  validateUpdate(slice, old) {
    const errors = checkSlice(slice);
    for (const field of ['driver', 'nodeName'] as const)
      checkImmutable(slice.spec[field], old.spec[field], `spec.${field}`, errors);
    checkImmutable(slice.spec.pool.name, old.spec.pool.name, 'spec.pool.name', errors);
    return errors;
  },
  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },
  columns: [
    nameColumn,
    column('Node', ({ spec }) => spec.nodeName ?? '<unset>'),
    column('Driver', ({ spec }) => spec.driver),
    column('Pool', ({ spec }) => spec.pool.name),
    ageColumn,
  ],
});
