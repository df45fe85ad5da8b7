import type { Kind } from '../kind.ts';
import { ageColumn, nameColumn } from '../table.ts';
import type { Lease } from '../types.ts';

/** Leases: who holds what until when; nodes' heartbeats and leader elections. */
export const LeaseKind: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  resource: 'leases',
  singular: 'lease',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
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
};
