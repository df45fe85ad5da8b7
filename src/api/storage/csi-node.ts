import { checkNonNegative, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, required, tooLong } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { CsiNode } from '../types.ts';
import { checkDriverName } from './driver-name.ts';

const MAX_ID = 192;

/** CSINodes: which storage systems a node can use. Kubelets write them. */
export const CsiNodeKind: Kind<CsiNode> = defineKind<CsiNode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  resource: 'csinodes',
  singular: 'csinode',
  namespaced: false,
  schema: 'io.k8s.api.storage.v1.CSINode',
  defaults(draft) {
    // The list of drivers is never left out.
    if (!draft.spec?.drivers?.length) draft.spec = { ...draft.spec, drivers: null as unknown as [] };
  },
  validate({ spec }) {
    const errors: Errors = [];
    const names = new Set<string>();
    spec.drivers?.forEach((driver, i) => {
      const path = `spec.drivers[${i}]`;
      checkDriverName(driver.name, `${path}.name`, errors);
      if (!driver.nodeID) errors.push(required(`${path}.nodeID`));
      else if (driver.nodeID.length > MAX_ID) errors.push(tooLong(`${path}.nodeID`, MAX_ID));
      checkNonNegative(driver.allocatable?.count, `${path}.allocatable.count`, errors);
      driver.topologyKeys?.forEach((key) => {
        if (!key) errors.push(required(`${path}.topologyKeys`));
      });
      if (names.has(driver.name)) errors.push(duplicate(`${path}.name`, driver.name));
      names.add(driver.name);
    });
    return errors;
  },
  columns: [nameColumn, column('Drivers', ({ spec }) => spec.drivers?.length ?? 0, 0, 'integer'), ageColumn],
});
