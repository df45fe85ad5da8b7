import { ReplicaSetKind } from '../api/apps/replica-set.ts';
import { StatefulSetKind } from '../api/apps/stateful-set.ts';
import { PersistentVolumeClaimKind } from '../api/core/persistent-volume-claim.ts';
import { PersistentVolumeKind } from '../api/core/persistent-volume.ts';
import { PodKind } from '../api/core/pod.ts';
import { ReplicationControllerKind } from '../api/core/replication-controller.ts';
import { ServiceKind } from '../api/core/service.ts';
import type { Kind } from '../api/kind.ts';
import type { KubeObject } from '../api/object.ts';
import { PodDisruptionBudgetKind } from '../api/policy/pod-disruption-budget.ts';
import { DeviceClassKind } from '../api/resource/device-class.ts';
import { ResourceClaimKind } from '../api/resource/resource-claim.ts';
import { ResourceSliceKind } from '../api/resource/resource-slice.ts';
import { CsiDriverKind } from '../api/storage/csi-driver.ts';
import { CsiNodeKind } from '../api/storage/csi-node.ts';
import { CsiStorageCapacityKind } from '../api/storage/csi-storage-capacity.ts';
import { StorageClassKind } from '../api/storage/storage-class.ts';
import { VolumeAttachmentKind } from '../api/storage/volume-attachment.ts';
import type { InformerFactory, SharedInformer } from '../client/index.ts';
import { ALIVE } from './cluster-watch.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import type { Listers } from './framework/listers.ts';

/**
 * The listers of a running scheduler: local copies kept by informers. What happens to objects that decide
 * about Pods' volumes is passed on to `changed`.
 */
export function informerListers(informers: InformerFactory, changed: (event: ClusterEvent) => void): Listers {
  const watched = <T extends KubeObject>(kind: Kind<T>): SharedInformer<T> => {
    const informer = informers.for(kind);
    informer.addHandler({
      lazy: true,
      add: (object) => changed({ action: `${kind.kind}/Add`, new: object }),
      update: (object, old) => changed({ action: `${kind.kind}/Update`, old, new: object }),
      delete: (object) => changed({ action: `${kind.kind}/Delete`, old: object }),
    });
    return informer;
  };
  const pods = informers.for(PodKind, { fieldSelector: ALIVE });
  const services = informers.for(ServiceKind);
  const replicaSets = informers.for(ReplicaSetKind);
  const statefulSets = informers.for(StatefulSetKind);
  const replicationControllers = informers.for(ReplicationControllerKind);
  const budgets = informers.for(PodDisruptionBudgetKind);
  const claims = watched(PersistentVolumeClaimKind);
  const volumes = watched(PersistentVolumeKind);
  const classes = watched(StorageClassKind);
  const csiNodes = watched(CsiNodeKind);
  const csiDrivers = watched(CsiDriverKind);
  const capacities = watched(CsiStorageCapacityKind);
  const attachments = watched(VolumeAttachmentKind);
  const resourceClaims = watched(ResourceClaimKind);
  const deviceClasses = watched(DeviceClassKind);
  const resourceSlices = watched(ResourceSliceKind);
  return {
    pods: (namespace) => pods.list(namespace),
    services: (namespace) => (services.size === 0 ? [] : services.list(namespace)),
    controllerSelector(kind, apiVersion, namespace, name) {
      switch (`${apiVersion}/${kind}`) {
        case 'apps/v1/ReplicaSet':
          return replicaSets.get(namespace, name)?.spec.selector;
        case 'apps/v1/StatefulSet':
          return statefulSets.get(namespace, name)?.spec?.selector;
        case 'v1/ReplicationController':
          return replicationControllers.get(namespace, name)?.spec?.selector;
        default:
          return undefined;
      }
    },
    podDisruptionBudgets: () => budgets.list(),
    persistentVolumeClaim: (namespace, name) => claims.get(namespace, name),
    persistentVolume: (name) => volumes.get(undefined, name),
    persistentVolumes: () => volumes.list(),
    storageClass: (name) => classes.get(undefined, name),
    csiNode: (name) => csiNodes.get(undefined, name),
    csiDriver: (name) => csiDrivers.get(undefined, name),
    csiStorageCapacities: () => capacities.list(),
    volumeAttachments: () => attachments.list(),
    resourceClaim: (namespace, name) => resourceClaims.get(namespace, name),
    resourceClaims: () => resourceClaims.list(),
    deviceClass: (name) => deviceClasses.get(undefined, name),
    resourceSlices: () => resourceSlices.list(),
  };
}
