import type { Listers } from '../../src/scheduler/framework/listers.ts';

/** A cluster with nothing but nodes and Pods. */
export const NO_OBJECTS: Listers = {
  pods: () => [],
  services: () => [],
  controllerSelector: () => undefined,
  podDisruptionBudgets: () => [],
  persistentVolumeClaim: () => undefined,
  persistentVolume: () => undefined,
  persistentVolumes: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
  csiDriver: () => undefined,
  csiStorageCapacities: () => [],
  volumeAttachments: () => [],
  resourceClaim: () => undefined,
  resourceClaims: () => [],
  deviceClass: () => undefined,
  resourceSlices: () => [],
};
