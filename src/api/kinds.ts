/** Every kind that the API serves: the one list to which a new kind is added. */
import { MutatingAdmissionPolicyKind } from './admissionregistration/mutating-admission-policy.ts';
import { MutatingAdmissionPolicyBindingKind } from './admissionregistration/mutating-admission-policy-binding.ts';
import { MutatingWebhookConfigurationKind } from './admissionregistration/mutating-webhook-configuration.ts';
import { ValidatingAdmissionPolicyKind } from './admissionregistration/validating-admission-policy.ts';
import { ValidatingAdmissionPolicyBindingKind } from './admissionregistration/validating-admission-policy-binding.ts';
import { ValidatingWebhookConfigurationKind } from './admissionregistration/validating-webhook-configuration.ts';
import { CustomResourceDefinitionKind } from './apiextensions/custom-resource-definition.ts';
import { ApiServiceKind } from './apiregistration/api-service.ts';
import { ControllerRevisionKind } from './apps/controller-revision.ts';
import { DaemonSetKind } from './apps/daemon-set.ts';
import { DeploymentKind } from './apps/deployment.ts';
import { ReplicaSetKind } from './apps/replica-set.ts';
import { StatefulSetKind } from './apps/stateful-set.ts';
import { SelfSubjectReviewKind } from './authentication/self-subject-review.ts';
import { TokenReviewKind } from './authentication/token-review.ts';
import { LocalSubjectAccessReviewKind } from './authorization/local-subject-access-review.ts';
import { SelfSubjectAccessReviewKind } from './authorization/self-subject-access-review.ts';
import { SelfSubjectRulesReviewKind } from './authorization/self-subject-rules-review.ts';
import { SubjectAccessReviewKind } from './authorization/subject-access-review.ts';
import { HorizontalPodAutoscalerKind } from './autoscaling/horizontal-pod-autoscaler.ts';
import { HorizontalPodAutoscalerV1Kind } from './autoscaling/horizontal-pod-autoscaler-v1.ts';
import { CronJobKind } from './batch/cron-job.ts';
import { JobKind } from './batch/job.ts';
import { CertificateSigningRequestKind } from './certificates/certificate-signing-request.ts';
import { LeaseKind } from './coordination/lease.ts';
import { BindingKind } from './core/binding.ts';
import { ComponentStatusKind } from './core/component-status.ts';
import { ConfigMapKind } from './core/config-map.ts';
import { EndpointsKind } from './core/endpoints.ts';
import { EventKind } from './core/event.ts';
import { LimitRangeKind } from './core/limit-range.ts';
import { NamespaceKind } from './core/namespace.ts';
import { NodeKind } from './core/node.ts';
import { PersistentVolumeKind } from './core/persistent-volume.ts';
import { PersistentVolumeClaimKind } from './core/persistent-volume-claim.ts';
import { PodKind } from './core/pod.ts';
import { PodTemplateKind } from './core/pod-template.ts';
import { ReplicationControllerKind } from './core/replication-controller.ts';
import { ResourceQuotaKind } from './core/resource-quota.ts';
import { SecretKind } from './core/secret.ts';
import { ServiceKind } from './core/service.ts';
import { ServiceAccountKind } from './core/service-account.ts';
import { EndpointSliceKind } from './discovery/endpoint-slice.ts';
import { EventsEventKind } from './events/event.ts';
import { FlowSchemaKind } from './flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurationKind } from './flowcontrol/priority-level-configuration.ts';
import { IngressKind } from './networking/ingress.ts';
import { IngressClassKind } from './networking/ingress-class.ts';
import { IpAddressKind } from './networking/ip-address.ts';
import { NetworkPolicyKind } from './networking/network-policy.ts';
import { ServiceCidrKind } from './networking/service-cidr.ts';
import { RuntimeClassKind } from './node/runtime-class.ts';
import { PodDisruptionBudgetKind } from './policy/pod-disruption-budget.ts';
import { ClusterRoleKind } from './rbac/cluster-role.ts';
import { ClusterRoleBindingKind } from './rbac/cluster-role-binding.ts';
import { RoleKind } from './rbac/role.ts';
import { RoleBindingKind } from './rbac/role-binding.ts';
import { DeviceClassKind } from './resource/device-class.ts';
import { ResourceClaimKind } from './resource/resource-claim.ts';
import { ResourceClaimTemplateKind } from './resource/resource-claim-template.ts';
import { ResourceSliceKind } from './resource/resource-slice.ts';
import { PriorityClassKind } from './scheduling/priority-class.ts';
import { CsiDriverKind } from './storage/csi-driver.ts';
import { CsiNodeKind } from './storage/csi-node.ts';
import { CsiStorageCapacityKind } from './storage/csi-storage-capacity.ts';
import { StorageClassKind } from './storage/storage-class.ts';
import { VolumeAttachmentKind } from './storage/volume-attachment.ts';
import { VolumeAttributesClassKind } from './storage/volume-attributes-class.ts';
import type { Kind } from './kind.ts';
import type { KubeObject } from './object.ts';

/** A kind whose object type is not known at compile time: its functions are only ever given its own objects. */
const untyped = <T extends KubeObject>(kind: Kind<T>): Kind => kind as unknown as Kind;

export const kinds: readonly Kind[] = [
  BindingKind,
  untyped(ComponentStatusKind),
  untyped(ConfigMapKind),
  untyped(EndpointsKind),
  untyped(EventKind),
  untyped(LimitRangeKind),
  untyped(NamespaceKind),
  untyped(NodeKind),
  untyped(PersistentVolumeClaimKind),
  untyped(PersistentVolumeKind),
  untyped(PodKind),
  untyped(PodTemplateKind),
  untyped(ReplicationControllerKind),
  untyped(ResourceQuotaKind),
  untyped(SecretKind),
  untyped(ServiceKind),
  untyped(ServiceAccountKind),
  untyped(ApiServiceKind),
  untyped(ControllerRevisionKind),
  untyped(DaemonSetKind),
  untyped(DeploymentKind),
  untyped(ReplicaSetKind),
  untyped(StatefulSetKind),
  untyped(EventsEventKind),
  SelfSubjectReviewKind,
  TokenReviewKind,
  LocalSubjectAccessReviewKind,
  SelfSubjectAccessReviewKind,
  SelfSubjectRulesReviewKind,
  SubjectAccessReviewKind,
  untyped(HorizontalPodAutoscalerKind),
  untyped(HorizontalPodAutoscalerV1Kind),
  untyped(CronJobKind),
  untyped(JobKind),
  untyped(CertificateSigningRequestKind),
  untyped(IngressKind),
  untyped(IngressClassKind),
  untyped(IpAddressKind),
  untyped(NetworkPolicyKind),
  untyped(ServiceCidrKind),
  untyped(PodDisruptionBudgetKind),
  untyped(ClusterRoleKind),
  untyped(ClusterRoleBindingKind),
  untyped(RoleKind),
  untyped(RoleBindingKind),
  untyped(CsiDriverKind),
  untyped(CsiNodeKind),
  untyped(CsiStorageCapacityKind),
  untyped(StorageClassKind),
  untyped(VolumeAttachmentKind),
  untyped(VolumeAttributesClassKind),
  untyped(MutatingAdmissionPolicyKind),
  untyped(MutatingAdmissionPolicyBindingKind),
  untyped(MutatingWebhookConfigurationKind),
  untyped(ValidatingAdmissionPolicyKind),
  untyped(ValidatingAdmissionPolicyBindingKind),
  untyped(ValidatingWebhookConfigurationKind),
  untyped(CustomResourceDefinitionKind),
  untyped(PriorityClassKind),
  untyped(LeaseKind),
  untyped(RuntimeClassKind),
  untyped(EndpointSliceKind),
  untyped(DeviceClassKind),
  untyped(ResourceClaimKind),
  untyped(ResourceClaimTemplateKind),
  untyped(ResourceSliceKind),
  untyped(FlowSchemaKind),
  untyped(PriorityLevelConfigurationKind),
];

const byKind = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]));
const byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]));

/** The kind of this name in a group and version: `findKind('apps', 'v1', 'Deployment')`. */
export const findKind = (group: string, version: string, kind: string): Kind | undefined =>
  byKind.get(`${group}/${version}/${kind}`);

/** The kind served under this plural name: `findResource('apps', 'v1', 'deployments')`. */
export const findResource = (group: string, version: string, resource: string): Kind | undefined =>
  byResource.get(`${group}/${version}/${resource}`);
