import { expect, test } from 'vitest';
import { PersistentVolumeClaimKind } from '../../../src/api/core/persistent-volume-claim.ts';
import type { PersistentVolumeClaim } from '../../../src/api/index.ts';

test('what is reported of a claim is of storage, or of what others name', () => {
  const claim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'lab' },
    spec: {},
    status: {
      capacity: { storage: '-1' },
      allocatedResourceStatuses: { 'a.io/b': 'Soon' },
      allocatedResources: { cpu: '1', storage: '1Gi' },
    },
  } as unknown as PersistentVolumeClaim;
  const errors = PersistentVolumeClaimKind.validateStatusUpdate?.(claim, claim) ?? [];
  expect(errors.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
    'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity',
    'status.allocatedResourceStatus: Unsupported value: "a.io/b": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
    'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
  ]);
});
