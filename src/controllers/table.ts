import { startCertificateApproving } from './certificates/approving.ts';
import { startCertificateCleaning } from './certificates/cleaning.ts';
import { startCertificateSigning } from './certificates/signing.ts';
import { startClusterRoleAggregation } from './cluster-role-aggregation.ts';
import type { ControllerTable } from './controllers.ts';
import { CronJobController } from './cronjob/cronjob-controller.ts';
import { DaemonSetController } from './daemonset/daemonset-controller.ts';
import { DeploymentController } from './deployment/deployment-controller.ts';
import { startDisruptionController } from './disruption.ts';
import { EndpointsController } from './endpoints/endpoints-controller.ts';
import { EndpointSliceMirroringController } from './endpointslice-mirroring/mirroring-controller.ts';
import { EndpointSliceController } from './endpointslice/endpointslice-controller.ts';
import { GarbageCollector } from './garbage-collector/garbage-collector.ts';
import { HorizontalPodAutoscalerController } from './horizontal-pod-autoscaler/horizontal-pod-autoscaler-controller.ts';
import { JobController } from './job/job-controller.ts';
import { startNamespaceController } from './namespace.ts';
import { startNodeIpam } from './node-ipam.ts';
import { NodeLifecycleController } from './node-lifecycle/node-lifecycle.ts';
import { startNodeTtl } from './node-ttl.ts';
import { startPodGc } from './pod-gc.ts';
import { ReplicaSetController } from './replicaset/replicaset-controller.ts';
import { REPLICA_SETS, REPLICATION_CONTROLLERS } from './replicaset/replicated.ts';
import { ResourceClaimController } from './resourceclaim/resourceclaim-controller.ts';
import { ResourceQuotaController } from './resource-quota.ts';
import { startRootCaPublisher } from './root-ca-publisher.ts';
import { startServiceAccountController } from './service-account.ts';
import { startServiceAccountTokens } from './service-account-tokens.ts';
import { startServiceCidrs } from './service-cidr.ts';
import { StatefulSetController } from './statefulset/statefulset-controller.ts';
import { startTaintEviction } from './taint-eviction.ts';
import { startTtlAfterFinished } from './ttl-after-finished.ts';
import { startPolicyStatus } from './validatingadmissionpolicy-status/status-controller.ts';
import { AttachDetachController } from './volume/attach-detach.ts';
import { VolumeBinder } from './volume/binder.ts';
import { startEphemeralVolumes } from './volume/ephemeral-volumes.ts';
import { startVolumeExpansion } from './volume/expand.ts';
import { startAttributesClassProtection, startPvcProtection, startPvProtection } from './volume/protection.ts';

/** Every controller of kube-controller-manager. */
export const CONTROLLERS: ControllerTable = {
  'serviceaccount-token-controller': startServiceAccountTokens,
  'serviceaccount-controller': startServiceAccountController,
  'root-ca-certificate-publisher-controller': startRootCaPublisher,
  'namespace-controller': startNamespaceController,
  'garbage-collector-controller': (context) => new GarbageCollector(context),
  'deployment-controller': (context) => new DeploymentController(context),
  'replicaset-controller': (context) => new ReplicaSetController(context, REPLICA_SETS),
  'replicationcontroller-controller': (context) => new ReplicaSetController(context, REPLICATION_CONTROLLERS),
  'daemonset-controller': (context) => new DaemonSetController(context),
  'job-controller': (context) => new JobController(context),
  'cronjob-controller': (context) => new CronJobController(context),
  'ttl-after-finished-controller': startTtlAfterFinished,
  'validatingadmissionpolicy-status-controller': startPolicyStatus,
  'horizontal-pod-autoscaler-controller': (context) => new HorizontalPodAutoscalerController(context),
  'disruption-controller': startDisruptionController,
  'persistentvolume-binder-controller': (context) => new VolumeBinder(context),
  'persistentvolume-attach-detach-controller': (context) => new AttachDetachController(context),
  'persistentvolume-expander-controller': startVolumeExpansion,
  'ephemeral-volume-controller': startEphemeralVolumes,
  'persistentvolumeclaim-protection-controller': startPvcProtection,
  'persistentvolume-protection-controller': startPvProtection,
  'volumeattributesclass-protection-controller': startAttributesClassProtection,
  'statefulset-controller': (context) => new StatefulSetController(context),
  'endpointslice-controller': (context) => new EndpointSliceController(context),
  'endpointslice-mirroring-controller': (context) => new EndpointSliceMirroringController(context),
  'endpoints-controller': (context) => new EndpointsController(context),
  'certificatesigningrequest-approving-controller': startCertificateApproving,
  'certificatesigningrequest-signing-controller': startCertificateSigning,
  'certificatesigningrequest-cleaner-controller': startCertificateCleaning,
  'service-cidr-controller': startServiceCidrs,
  'node-ipam-controller': startNodeIpam,
  'node-lifecycle-controller': (context) => new NodeLifecycleController(context),
  'taint-eviction-controller': startTaintEviction,
  'ttl-controller': startNodeTtl,
  'pod-garbage-collector-controller': startPodGc,
  'resourcequota-controller': (context) => new ResourceQuotaController(context),
  'clusterrole-aggregation-controller': startClusterRoleAggregation,
  'resourceclaim-controller': (context) => new ResourceClaimController(context),
};
