import type { Mapping } from '../discovery.ts';
import { describeAutoscaler } from './autoscaler.ts';
import {
  describeConfigMap,
  describeLimitRange,
  describeNamespace,
  describeQuota,
  describeSecret,
  describeServiceAccount,
} from './config.ts';
import type { Describer } from './context.ts';
import { describeGeneric } from './generic.ts';
import { describeNode } from './node.ts';
import { describePod } from './pod.ts';
import {
  describeDisruptionBudget,
  describeIngressClass,
  describeIpAddress,
  describeNetworkPolicy,
  describePriorityClass,
  describeServiceCidr,
} from './policy.ts';
import { describeRole, describeRoleBinding } from './rbac.ts';
import { describeEndpoints, describeEndpointSlice, describeService } from './services.ts';
import { describePersistentVolume, describePersistentVolumeClaim, describeStorageClass } from './storage.ts';
import {
  describeCronJob,
  describeDaemonSet,
  describeDeployment,
  describeJob,
  describeReplicaSet,
  describeReplicationController,
  describeStatefulSet,
} from './workloads.ts';

const RBAC = 'rbac.authorization.k8s.io';

const describers: Record<string, Describer> = {
  '/ConfigMap': describeConfigMap,
  '/Endpoints': describeEndpoints,
  '/LimitRange': describeLimitRange,
  '/Namespace': describeNamespace,
  '/Node': describeNode,
  '/PersistentVolume': describePersistentVolume,
  '/PersistentVolumeClaim': describePersistentVolumeClaim,
  '/Pod': describePod,
  '/ReplicationController': describeReplicationController,
  '/ResourceQuota': describeQuota,
  '/Secret': describeSecret,
  '/Service': describeService,
  '/ServiceAccount': describeServiceAccount,
  'apps/DaemonSet': describeDaemonSet,
  'apps/Deployment': describeDeployment,
  'apps/ReplicaSet': describeReplicaSet,
  'apps/StatefulSet': describeStatefulSet,
  'autoscaling/HorizontalPodAutoscaler': describeAutoscaler,
  'batch/CronJob': describeCronJob,
  'batch/Job': describeJob,
  'discovery.k8s.io/EndpointSlice': describeEndpointSlice,
  'networking.k8s.io/IPAddress': describeIpAddress,
  'networking.k8s.io/IngressClass': describeIngressClass,
  'networking.k8s.io/NetworkPolicy': describeNetworkPolicy,
  'networking.k8s.io/ServiceCIDR': describeServiceCidr,
  'policy/PodDisruptionBudget': describeDisruptionBudget,
  'scheduling.k8s.io/PriorityClass': describePriorityClass,
  'storage.k8s.io/StorageClass': describeStorageClass,
  [`${RBAC}/ClusterRole`]: describeRole,
  [`${RBAC}/ClusterRoleBinding`]: describeRoleBinding,
  [`${RBAC}/Role`]: describeRole,
  [`${RBAC}/RoleBinding`]: describeRoleBinding,
};

/** The describer of a kind; kinds without one of their own are shown field by field. */
export const describerFor = ({ group, kind }: Pick<Mapping, 'group' | 'kind'>): Describer =>
  describers[`${group}/${kind}`] ?? describeGeneric;
