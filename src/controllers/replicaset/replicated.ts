import { ReplicaSetKind } from '../../api/apps/replica-set.ts';
import { ReplicationControllerKind } from '../../api/core/replication-controller.ts';
import type { Kind } from '../../api/kind.ts';
import type { KubeObject } from '../../api/object.ts';
import { matcherOf, matcherOfSet, type LabelMatcher } from '../../api/selector.ts';
import type { PodTemplateSpec, ReplicaSet, ReplicationController } from '../../api/types.ts';
import type { ReplicaSetStatus } from './replicaset-status.ts';

/** What owns a number of like Pods. */
export interface Replicated extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly minReadySeconds?: number;
    readonly template?: PodTemplateSpec;
  };
  readonly status?: { readonly conditions?: NonNullable<ReplicaSetStatus['conditions']> };
}

/** Where the two kinds of owners differ (the adapters of pkg/controller/replication). */
export interface ReplicatedKind<T extends Replicated> {
  readonly kind: Kind<T>;
  /** Name of the controller: lane, service account and source of events. */
  readonly controller: string;
  readonly selector: (owner: T) => LabelMatcher;
  readonly status: (status: ReplicaSetStatus) => NonNullable<T['status']>;
}

export const REPLICA_SETS: ReplicatedKind<ReplicaSet> = {
  kind: ReplicaSetKind,
  controller: 'replicaset-controller',
  selector: ({ spec }) => matcherOf(spec.selector),
  status: (status) => status,
};

/** Their selectors are plain sets of labels, and they do not count Pods that are on their way out. */
export const REPLICATION_CONTROLLERS: ReplicatedKind<ReplicationController> = {
  kind: ReplicationControllerKind,
  controller: 'replication-controller',
  selector: ({ spec }) => matcherOfSet(spec.selector),
  status(status) {
    const rest = { ...status };
    delete rest.terminatingReplicas;
    return rest;
  },
};
