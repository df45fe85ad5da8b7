import type { Node, Pod } from '../../api/types.ts';

/** What can change about a Pod or a Node that could make a waiting Pod schedulable. */
export type PodAction =
  | 'UnassignedPodAdd'
  | 'AssignedPodAdd'
  | 'AssignedPodUpdate'
  | 'AssignedPodDelete'
  | 'PodUpdate'
  | 'PodLabel'
  | 'PodScaleDown'
  | 'PodToleration'
  | 'PodSchedulingGatesEliminated'
  | 'PodGeneratedResourceClaim';
export type NodeAction =
  'NodeAdd' | 'NodeDelete' | 'NodeAllocatable' | 'NodeLabel' | 'NodeTaint' | 'NodeCondition' | 'NodeAnnotation';
/** Kinds that plugins of storage and the like ask to be told of, as `PersistentVolumeClaim/Add`. */
export type OtherAction = `${string}/${'Add' | 'Update' | 'Delete'}`;
export type Action = PodAction | NodeAction | OtherAction;

/** Something that happened in the cluster, seen by the scheduling queue. */
export interface ClusterEvent {
  readonly action: Action;
  readonly old?: unknown;
  readonly new?: unknown;
}

export interface PodEvent extends ClusterEvent {
  readonly action: PodAction;
  readonly old?: Pod;
  readonly new?: Pod;
}

export interface NodeEvent extends ClusterEvent {
  readonly action: NodeAction;
  readonly old?: Node;
  readonly new?: Node;
}
