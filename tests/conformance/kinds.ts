import type {
  ConfigMap,
  ControllerRevision,
  CronJob,
  CustomResourceDefinition,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Endpoints,
  Job,
  LimitRange,
  Namespace,
  Node,
  Pod,
  PodDisruptionBudget,
  PodTemplate,
  PriorityClass,
  ReplicaSet,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
} from '../../src/api/types.ts';
import { resource } from './client.ts';

export const configMaps = resource<ConfigMap>('v1', 'configmaps');
export const endpoints = resource<Endpoints>('v1', 'endpoints');
export const limitRanges = resource<LimitRange>('v1', 'limitranges');
export const namespaces = resource<Namespace>('v1', 'namespaces');
export const nodes = resource<Node>('v1', 'nodes');
export const pods = resource<Pod>('v1', 'pods');
export const podTemplates = resource<PodTemplate>('v1', 'podtemplates');
export const replicationControllers = resource<ReplicationController>('v1', 'replicationcontrollers');
export const resourceQuotas = resource<ResourceQuota>('v1', 'resourcequotas');
export const secrets = resource<Secret>('v1', 'secrets');
export const serviceAccounts = resource<ServiceAccount>('v1', 'serviceaccounts');
export const services = resource<Service>('v1', 'services');
export const customResourceDefinitions = resource<CustomResourceDefinition>(
  'apiextensions.k8s.io/v1',
  'customresourcedefinitions',
);
export const controllerRevisions = resource<ControllerRevision>('apps/v1', 'controllerrevisions');
export const daemonSets = resource<DaemonSet>('apps/v1', 'daemonsets');
export const deployments = resource<Deployment>('apps/v1', 'deployments');
export const replicaSets = resource<ReplicaSet>('apps/v1', 'replicasets');
export const statefulSets = resource<StatefulSet>('apps/v1', 'statefulsets');
export const cronJobs = resource<CronJob>('batch/v1', 'cronjobs');
export const jobs = resource<Job>('batch/v1', 'jobs');
export const endpointSlices = resource<EndpointSlice>('discovery.k8s.io/v1', 'endpointslices');
export const podDisruptionBudgets = resource<PodDisruptionBudget>('policy/v1', 'poddisruptionbudgets');
export const priorityClasses = resource<PriorityClass>('scheduling.k8s.io/v1', 'priorityclasses');
