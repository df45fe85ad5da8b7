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
import { describeRole, describeRoleBinding } from './rbac.ts';
import { describeEndpoints, describeEndpointSlice, describeService } from './services.ts';
import {
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
  'batch/Job': describeJob,
  'discovery.k8s.io/EndpointSlice': describeEndpointSlice,
  [`${RBAC}/ClusterRole`]: describeRole,
  [`${RBAC}/ClusterRoleBinding`]: describeRoleBinding,
  [`${RBAC}/Role`]: describeRole,
  [`${RBAC}/RoleBinding`]: describeRoleBinding,
};

/** The describer of a kind; kinds without one of their own are shown field by field. */
export const describerFor = ({ group, kind }: Pick<Mapping, 'group' | 'kind'>): Describer =>
  describers[`${group}/${kind}`] ?? describeGeneric;
