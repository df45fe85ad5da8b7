import { checkImmutable, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { forbidden, invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ResourceClaim } from '../types.ts';
import { checkDevices, devicesWithDefaults } from './device-checks.ts';

function checkClaim({ spec }: ResourceClaim): Errors {
  const errors: Errors = [];
  if (spec.devices) checkDevices(spec.devices, 'spec.devices', errors);
  return errors;
}

function state({ metadata, status }: ResourceClaim): string {
  const words: string[] = [];
  if (metadata.deletionTimestamp) words.push('deleted');
  if (status?.allocation) words.push('allocated');
  if (status?.reservedFor?.length) words.push('reserved');
  if (!status?.allocation) words.push('pending');
  return words.join(',');
}

/** ResourceClaims: devices that somebody asks for. */
export const ResourceClaimKind: Kind<ResourceClaim> = defineKind<ResourceClaim>({
  group: 'resource.k8s.io',
  version: 'v1',
  kind: 'ResourceClaim',
  resource: 'resourceclaims',
  singular: 'resourceclaim',
  namespaced: true,
  schema: 'io.k8s.api.resource.v1.ResourceClaim',
  hasStatus: true,
  defaults(draft) {
    if (draft.spec?.devices) draft.spec.devices = devicesWithDefaults(draft.spec.devices);
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkClaim,
  validateUpdate(claim, old) {
    const errors: Errors = [];
    if (!semanticallyEqual(claim.spec, old.spec))
      errors.push(invalid('spec', internalForm('ResourceClaimSpec', claim.spec), 'field is immutable'));
    return errors;
  },
  validateStatusUpdate({ metadata, status = {} }, old) {
    const errors: Errors = [];
    const before = old.status ?? {};
    if (before.allocation && status.allocation)
      checkImmutable(status.allocation, before.allocation, 'status.allocation', errors);
    if (status.reservedFor?.length && !status.allocation)
      errors.push(forbidden('status.reservedFor', 'may not be specified when `allocated` is not set'));
    if (metadata.deletionTimestamp && (status.reservedFor?.length ?? 0) > (before.reservedFor?.length ?? 0))
      errors.push(
        forbidden(
          'status.reservedFor',
          'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
        ),
      );
    return errors;
  },
  columns: [nameColumn, column('State', state), ageColumn],
});
