import { checkImmutable, refuse, type Errors } from '../core/common-checks.ts';
import { DEPRECATED_NODE_LABELS } from '../core/node-labels.ts';
import { defineKind } from '../define-kind.ts';
import { invalid } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import { parseQuantity } from '../quantity.ts';
import { checkLabelSelector } from '../selector.ts';
import { column, nameColumn } from '../table.ts';
import type { CsiStorageCapacity } from '../types.ts';

function checkCapacity({ nodeTopology, storageClassName = '', capacity }: CsiStorageCapacity): Errors {
  const errors: Errors = nodeTopology ? [...checkLabelSelector(nodeTopology, 'nodeTopology')] : [];
  refuse('storageClassName', storageClassName, checkDnsSubdomain(storageClassName), errors);
  if (capacity !== undefined && parseQuantity(capacity).nano < 0n)
    errors.push(invalid('capacity', String(capacity), 'must be greater than or equal to 0'));
  return errors;
}

/** CSIStorageCapacities: how much storage of a class is left in a part of the cluster. */
export const CsiStorageCapacityKind: Kind<CsiStorageCapacity> = defineKind<CsiStorageCapacity>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSIStorageCapacity',
  resource: 'csistoragecapacities',
  singular: 'csistoragecapacity',
  namespaced: true,
  schema: 'io.k8s.api.storage.v1.CSIStorageCapacity',
  conditionalUpdates: true,
  validate: checkCapacity,
  validateUpdate(capacity, old) {
    const errors: Errors = [];
    checkImmutable(capacity.nodeTopology, old.nodeTopology, 'nodeTopology', errors);
    checkImmutable(capacity.storageClassName, old.storageClassName, 'storageClassName', errors);
    return errors;
  },
  warnings: ({ nodeTopology: { matchExpressions = [], matchLabels = {} } = {} }) => [
    ...matchExpressions.flatMap(({ key }, i) =>
      DEPRECATED_NODE_LABELS[key] ? [`nodeTopology.matchExpressions[${i}].key: ${DEPRECATED_NODE_LABELS[key]}`] : [],
    ),
    ...Object.keys(matchLabels).flatMap((key) =>
      DEPRECATED_NODE_LABELS[key] ? [`nodeTopology.matchLabels.${key}: ${DEPRECATED_NODE_LABELS[key]}`] : [],
    ),
  ],
  columns: [
    nameColumn,
    column('StorageClassName', ({ storageClassName }) => storageClassName),
    column('Capacity', ({ capacity }) => String(capacity ?? '<unset>')),
  ],
});
