import type { LabelSelector, PodDisruptionBudget, Service } from '../../api/types.ts';

/** What plugins read of the cluster besides nodes and Pods. */
export interface Listers {
  readonly services: (namespace: string) => readonly Service[];
  /** spec.selector of a ReplicaSet or StatefulSet, of a ReplicationController its labels; undefined for others. */
  readonly controllerSelector: (
    kind: string,
    apiVersion: string,
    namespace: string,
    name: string,
  ) => LabelSelector | Readonly<Record<string, string>> | undefined;
  readonly podDisruptionBudgets: () => readonly PodDisruptionBudget[];
}
