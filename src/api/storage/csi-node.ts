import { checkNonNegative, refuse, type Errors } from '../core/common-checks.ts';
import { internalForm } from '../core/internal-form.ts';
import { defineKind } from '../define-kind.ts';
import { semanticallyEqual } from '../draft.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkQualifiedName } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { CsiNode } from '../types.ts';
import { checkDriverName } from './driver-name.ts';

const MAX_ID = 256;

function checkNode({ spec }: CsiNode): Errors {
  const errors: Errors = [];
  const names = new Set<string>();
  spec.drivers?.forEach(({ name, nodeID = '', allocatable, topologyKeys }, i) => {
    const path = `spec.drivers[${i}]`;
    checkDriverName(name, `${path}.name`, errors);
    if (!nodeID) errors.push(required(`${path}.nodeID`));
    if (nodeID.length > MAX_ID) errors.push(invalid(`${path}.nodeID`, nodeID, `must be ${MAX_ID} characters or less`));
    checkNonNegative(allocatable?.count, `${path}.allocatable.count`, errors);
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    topologyKeys?.forEach((key, j) => {
      if (!key) errors.push(required(path));
      if (topologyKeys.indexOf(key) < j) errors.push(duplicate(path, key));
      refuse(path, key, checkQualifiedName(key), errors);
    });
  });
  return errors;
}

/** CSINodes: which storage systems a node can use. Kubelets write them. */
export const CsiNodeKind: Kind<CsiNode> = defineKind<CsiNode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  resource: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.CSINode',
  conditionalUpdates: true,
  defaults(draft) {
    // The list of drivers is never left out.
    if (!draft.spec?.drivers?.length) draft.spec = { ...draft.spec, drivers: null as unknown as [] };
    // Nor is that of a driver's topology keys.
    else if (draft.spec.drivers.some(({ topologyKeys }) => topologyKeys === undefined)) {
      const drivers = draft.spec.drivers.map((driver) => ({ topologyKeys: null as unknown as string[], ...driver }));
      draft.spec = { ...draft.spec, drivers };
    }
  },
  validate: checkNode,
  validateUpdate(node, old) {
    const errors = checkNode(node);
    for (const before of old.spec.drivers ?? [])
      for (const driver of node.spec.drivers ?? []) {
        if (driver.name !== before.name) continue;
        // How many volumes may be attached is the one thing that changes.
        const { allocatable: _, ...rest } = driver;
        const { allocatable: _old, ...was } = before;
        if (!semanticallyEqual(rest, was))
          errors.push(invalid('spec.drivers', internalForm('CSINodeDriver', rest), 'field is immutable'));
      }
    return errors;
  },
  columns: [nameColumn, column('Drivers', ({ spec }) => spec.drivers?.length ?? 0, 0, 'integer'), ageColumn],
});
