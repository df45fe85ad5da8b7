import { ReplicaSetKind } from '../api/apps/replica-set.ts';
import { ServiceKind } from '../api/core/service.ts';
import type { Kind } from '../api/kind.ts';
import { findKind } from '../api/kinds.ts';
import type { KubeObject } from '../api/object.ts';
import type {
  CsiDriver,
  CsiNode,
  CsiStorageCapacity,
  PersistentVolume,
  PersistentVolumeClaim,
  PodDisruptionBudget,
  ReplicationController,
  StatefulSet,
  StorageClass,
  VolumeAttachment,
} from '../api/types.ts';
import type { InformerFactory, SharedInformer } from '../client/index.ts';
import type { ClusterEvent } from './framework/cluster-event.ts';
import type { Listers } from './framework/listers.ts';

/**
 * The listers of a running scheduler: local copies kept by informers. What happens to objects that decide
 * about Pods' volumes is passed on to `changed`.
 */
export function informerListers(informers: InformerFactory, changed: (event: ClusterEvent) => void): Listers {
  const served = <T extends KubeObject>(group: string, kind: string): SharedInformer<T> | undefined => {
    const found = findKind(group, 'v1', kind);
    return found && informers.for(found as unknown as Kind<T>);
  };
  const watched = <T extends KubeObject>(group: string, kind: string): SharedInformer<T> | undefined => {
    const informer = served<T>(group, kind);
    informer?.addHandler({
      lazy: true,
      add: (object) => changed({ action: `${kind}/Add`, new: object }),
      update: (object, old) => changed({ action: `${kind}/Update`, old, new: object }),
      delete: (object) => changed({ action: `${kind}/Delete`, old: object }),
    });
    return informer;
  };
  const services = informers.for(ServiceKind);
  const replicaSets = informers.for(ReplicaSetKind);
  const statefulSets = served<StatefulSet>('apps', 'StatefulSet');
  const replicationControllers = served<ReplicationController>('', 'ReplicationController');
  const budgets = served<PodDisruptionBudget>('policy', 'PodDisruptionBudget');
  const claims = watched<PersistentVolumeClaim>('', 'PersistentVolumeClaim');
  const volumes = watched<PersistentVolume>('', 'PersistentVolume');
  const classes = watched<StorageClass>('storage.k8s.io', 'StorageClass');
  const csiNodes = watched<CsiNode>('storage.k8s.io', 'CSINode');
  const csiDrivers = watched<CsiDriver>('storage.k8s.io', 'CSIDriver');
  const capacities = watched<CsiStorageCapacity>('storage.k8s.io', 'CSIStorageCapacity');
  watched<VolumeAttachment>('storage.k8s.io', 'VolumeAttachment');
  return {
    services: (namespace) => (services.size === 0 ? [] : services.list(namespace)),
    controllerSelector(kind, apiVersion, namespace, name) {
      switch (`${apiVersion}/${kind}`) {
        case 'apps/v1/ReplicaSet':
          return replicaSets.get(namespace, name)?.spec.selector;
        case 'apps/v1/StatefulSet':
          return statefulSets?.get(namespace, name)?.spec?.selector;
        case 'v1/ReplicationController':
          return replicationControllers?.get(namespace, name)?.spec?.selector;
        default:
          return undefined;
      }
    },
    podDisruptionBudgets: () => budgets?.list() ?? [],
    persistentVolumeClaim: (namespace, name) => claims?.get(namespace, name),
    persistentVolume: (name) => volumes?.get(undefined, name),
    persistentVolumes: () => volumes?.list() ?? [],
    storageClass: (name) => classes?.get(undefined, name),
    csiNode: (name) => csiNodes?.get(undefined, name),
    csiDriver: (name) => csiDrivers?.get(undefined, name),
    csiStorageCapacities: () => capacities?.list() ?? [],
  };
}
