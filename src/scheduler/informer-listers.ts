import { ReplicaSetKind } from '../api/apps/replica-set.ts';
import { ServiceKind } from '../api/core/service.ts';
import type { Kind } from '../api/kind.ts';
import { findKind } from '../api/kinds.ts';
import type { KubeObject } from '../api/object.ts';
import type { PodDisruptionBudget, ReplicationController, StatefulSet } from '../api/types.ts';
import type { InformerFactory, SharedInformer } from '../client/index.ts';
import type { Listers } from './framework/listers.ts';

/** The listers of a running scheduler: local copies kept by informers. */
export function informerListers(informers: InformerFactory): Listers {
  const served = <T extends KubeObject>(
    group: string,
    version: string,
    kind: string,
  ): SharedInformer<T> | undefined => {
    const found = findKind(group, version, kind);
    return found && informers.for(found as unknown as Kind<T>);
  };
  const services = informers.for(ServiceKind);
  const replicaSets = informers.for(ReplicaSetKind);
  const statefulSets = served<StatefulSet>('apps', 'v1', 'StatefulSet');
  const replicationControllers = served<ReplicationController>('', 'v1', 'ReplicationController');
  const budgets = served<PodDisruptionBudget>('policy', 'v1', 'PodDisruptionBudget');
  return {
    podDisruptionBudgets: () => budgets?.list() ?? [],
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
  };
}
