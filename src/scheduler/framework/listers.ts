import type {
  CsiDriver,
  CsiNode,
  CsiStorageCapacity,
  DeviceClass,
  LabelSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ResourceClaim,
  ResourceSlice,
  Service,
  StorageClass,
  VolumeAttachment,
} from '../../api/types.ts';

/** What plugins read of the cluster besides nodes and Pods. */
export interface Listers {
  /** The Pods of a namespace that have not ended. */
  readonly pods: (namespace: string) => readonly Pod[];
  readonly services: (namespace: string) => readonly Service[];
  /** spec.selector of a ReplicaSet or StatefulSet, of a ReplicationController its labels; undefined for others. */
  readonly controllerSelector: (
    kind: string,
    apiVersion: string,
    namespace: string,
    name: string,
  ) => LabelSelector | Readonly<Record<string, string>> | undefined;
  readonly podDisruptionBudgets: () => readonly PodDisruptionBudget[];
  readonly persistentVolumeClaim: (namespace: string, name: string) => PersistentVolumeClaim | undefined;
  readonly persistentVolume: (name: string) => PersistentVolume | undefined;
  readonly persistentVolumes: () => readonly PersistentVolume[];
  readonly storageClass: (name: string) => StorageClass | undefined;
  readonly csiNode: (name: string) => CsiNode | undefined;
  readonly csiDriver: (name: string) => CsiDriver | undefined;
  readonly csiStorageCapacities: () => readonly CsiStorageCapacity[];
  readonly volumeAttachments: () => readonly VolumeAttachment[];
  readonly resourceClaim: (namespace: string, name: string) => ResourceClaim | undefined;
  readonly resourceClaims: () => readonly ResourceClaim[];
  readonly deviceClass: (name: string) => DeviceClass | undefined;
  readonly resourceSlices: () => readonly ResourceSlice[];
}
