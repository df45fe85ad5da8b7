import { defineKind } from '../define-kind.ts';
import { invalid } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Lease } from '../types.ts';

/** These fields are of a feature that is not switched on (KEP-4355). */
function dropCoordination(draft: Lease): void {
  if (draft.spec?.strategy === undefined && draft.spec?.preferredHolder === undefined) return;
  const { strategy: _s, preferredHolder: _p, ...spec } = draft.spec;
  draft.spec = spec;
}

/** Leases: who holds what until when; nodes' heartbeats and leader elections. */
export const LeaseKind: Kind<Lease> = defineKind<Lease>({
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
  prepareForCreate: dropCoordination,
  prepareForUpdate: dropCoordination,
  validate({ spec = {} }) {
    const errors: FieldError[] = [];
    if (spec.leaseDurationSeconds !== undefined && spec.leaseDurationSeconds <= 0)
      errors.push(invalid('spec.leaseDurationSeconds', spec.leaseDurationSeconds, 'must be greater than 0'));
    if (spec.leaseTransitions !== undefined && spec.leaseTransitions < 0)
      errors.push(invalid('spec.leaseTransitions', spec.leaseTransitions, 'must be greater than or equal to 0'));
    return errors;
  },
  columns: [
    nameColumn,
    {
      name: 'Holder',
      type: 'string',
      description: 'holderIdentity contains the identity of the holder of a current lease.',
      cell: (lease) => lease.spec?.holderIdentity ?? '',
    },
    ageColumn,
  ],
});
