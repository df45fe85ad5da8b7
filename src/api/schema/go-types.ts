/**
 * What the JSON schema does not tell of Kubernetes' own (Go) types, and what its answers show:
 * how types are named in decoding errors, and which scalar fields distinguish zero from absent.
 */

/** `io.k8s.api.core.v1.PodSpec` → `v1.PodSpec`, as decoding errors name it. */
export function typeName(ref: string): string {
  const parts = ref.split('.');
  return parts.slice(-2).join('.');
}

/** `io.k8s.api.core.v1.PodSpec` → `PodSpec`. */
export const shortName = (ref: string): string => ref.slice(ref.lastIndexOf('.') + 1);

/** Fields whose Go type is a named string or map; by type and field, or by field alone. */
const NAMED: Readonly<Record<string, string>> = {
  imagePullPolicy: 'v1.PullPolicy',
  'PodSpec.restartPolicy': 'v1.RestartPolicy',
  'Container.restartPolicy': 'v1.ContainerRestartPolicy',
  'EphemeralContainer.restartPolicy': 'v1.ContainerRestartPolicy',
  dnsPolicy: 'v1.DNSPolicy',
  protocol: 'v1.Protocol',
  preemptionPolicy: 'v1.PreemptionPolicy',
  terminationMessagePolicy: 'v1.TerminationMessagePolicy',
  scheme: 'v1.URIScheme',
  mountPropagation: 'v1.MountPropagationMode',
  medium: 'v1.StorageMedium',
  effect: 'v1.TaintEffect',
  'Toleration.operator': 'v1.TolerationOperator',
  'NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
  'LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
  whenUnsatisfiable: 'v1.UnsatisfiableConstraintAction',
  procMount: 'v1.ProcMountType',
  fsGroupChangePolicy: 'v1.PodFSGroupChangePolicy',
  'SeccompProfile.type': 'v1.SeccompProfileType',
  'HostPathVolumeSource.type': 'v1.HostPathType',
  'ServiceSpec.type': 'v1.ServiceType',
  sessionAffinity: 'v1.ServiceAffinity',
  externalTrafficPolicy: 'v1.ServiceExternalTrafficPolicy',
  internalTrafficPolicy: 'v1.ServiceInternalTrafficPolicy',
  ipFamilyPolicy: 'v1.IPFamilyPolicy',
  ipFamilies: 'v1.IPFamily',
  'Secret.type': 'v1.SecretType',
  'PodStatus.phase': 'v1.PodPhase',
  'NamespaceStatus.phase': 'v1.NamespacePhase',
  'NamespaceSpec.finalizers': 'v1.FinalizerName',
  accessModes: 'v1.PersistentVolumeAccessMode',
  volumeMode: 'v1.PersistentVolumeMode',
  persistentVolumeReclaimPolicy: 'v1.PersistentVolumeReclaimPolicy',
  reclaimPolicy: 'v1.PersistentVolumeReclaimPolicy',
  volumeBindingMode: 'v1.VolumeBindingMode',
  addressType: 'v1.AddressType',
  'DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'DaemonSetUpdateStrategy.type': 'v1.DaemonSetUpdateStrategyType',
  'StatefulSetUpdateStrategy.type': 'v1.StatefulSetUpdateStrategyType',
  podManagementPolicy: 'v1.PodManagementPolicyType',
  completionMode: 'v1.CompletionMode',
  podReplacementPolicy: 'v1.PodReplacementPolicy',
  concurrencyPolicy: 'v1.ConcurrencyPolicy',
  pathType: 'v1.PathType',
  policyTypes: 'v1.PolicyType',
  uid: 'types.UID',
  matchPolicy: 'v1.MatchPolicyType',
  failurePolicy: 'v1.FailurePolicyType',
  reinvocationPolicy: 'v1.ReinvocationPolicyType',
  sideEffects: 'v1.SideEffectClass',
  patchType: 'v1.PatchType',
  'RuleWithOperations.scope': 'v1.ScopeType',
  'NamedRuleWithOperations.scope': 'v1.ScopeType',
  parameterNotFoundAction: 'v1.ParameterNotFoundActionType',
  'Validation.reason': 'v1.StatusReason',
  whenDeleted: 'v1.PersistentVolumeClaimRetentionPolicyType',
  whenScaled: 'v1.PersistentVolumeClaimRetentionPolicyType',
  'UserInfo.uid': 'string',
  'SubjectAccessReviewSpec.uid': 'string',
  'CertificateSigningRequestSpec.uid': 'string',
  'ContainerResourceMetricSource.name': 'v1.ResourceName',
  'ContainerResourceMetricStatus.name': 'v1.ResourceName',
  'ResourceMetricSource.name': 'v1.ResourceName',
  'ResourceMetricStatus.name': 'v1.ResourceName',
  'ContainerResizePolicy.resourceName': 'v1.ResourceName',
  'ResourceStatus.name': 'v1.ResourceName',
  'HPAScalingPolicy.type': 'v2.HPAScalingPolicyType',
  selectPolicy: 'v2.ScalingPolicySelect',
  'HorizontalPodAutoscalerCondition.type': 'v2.HorizontalPodAutoscalerConditionType',
  'MetricSpec.type': 'v2.MetricSourceType',
  'MetricStatus.type': 'v2.MetricSourceType',
  'MetricTarget.type': 'v2.MetricTargetType',
  'PodFailurePolicyOnExitCodesRequirement.operator': 'v1.PodFailurePolicyOnExitCodesOperator',
  'PodFailurePolicyOnPodConditionsPattern.status': 'v1.ConditionStatus',
  'PodFailurePolicyOnPodConditionsPattern.type': 'v1.PodConditionType',
  'PodFailurePolicyRule.action': 'v1.PodFailurePolicyAction',
  'CertificateSigningRequestCondition.type': 'v1.RequestConditionType',
  'LeaseSpec.strategy': 'v1.CoordinatedLeaseStrategy',
  'AppArmorProfile.type': 'v1.AppArmorProfileType',
  'AttachedVolume.name': 'v1.UniqueVolumeName',
  cachingMode: 'v1.AzureDataDiskCachingMode',
  'AzureDiskVolumeSource.kind': 'v1.AzureDataDiskKind',
  'ContainerResizePolicy.restartPolicy': 'v1.ResourceResizeRestartPolicy',
  'ContainerRestartRule.action': 'v1.ContainerRestartRuleAction',
  'ContainerRestartRuleOnExitCodes.operator': 'v1.ContainerRestartRuleOnExitCodesOperator',
  stopSignal: 'v1.Signal',
  pullPolicy: 'v1.PullPolicy',
  'LimitRangeItem.type': 'v1.LimitType',
  ipMode: 'v1.LoadBalancerIPMode',
  'ModifyVolumeStatus.status': 'v1.PersistentVolumeClaimModifyVolumeStatus',
  'NodeAddress.type': 'v1.NodeAddressType',
  'NodeStatus.phase': 'v1.NodePhase',
  'PersistentVolumeClaimStatus.phase': 'v1.PersistentVolumeClaimPhase',
  'PersistentVolumeStatus.phase': 'v1.PersistentVolumePhase',
  'PodOS.name': 'v1.OSName',
  conditionType: 'v1.PodConditionType',
  seLinuxChangePolicy: 'v1.PodSELinuxChangePolicy',
  supplementalGroupsPolicy: 'v1.SupplementalGroupsPolicy',
  qosClass: 'v1.PodQOSClass',
  resize: 'v1.PodResizeStatus',
  'ResourceHealth.health': 'v1.ResourceHealthStatus',
  resourceID: 'v1.ResourceID',
  'ScopedResourceSelectorRequirement.operator': 'v1.ScopeSelectorOperator',
  scopeName: 'v1.ResourceQuotaScope',
  nodeAffinityPolicy: 'v1.NodeInclusionPolicy',
  nodeTaintsPolicy: 'v1.NodeInclusionPolicy',
  recursiveReadOnly: 'v1.RecursiveReadOnlyMode',
  'FlowDistinguisherMethod.type': 'v1.FlowDistinguisherMethodType',
  'LimitResponse.type': 'v1.LimitResponseType',
  'PriorityLevelConfigurationSpec.type': 'v1.PriorityLevelEnablement',
  unhealthyPodEvictionPolicy: 'v1.UnhealthyPodEvictionPolicyType',
  'DeviceAllocationConfiguration.source': 'v1.AllocationConfigSource',
  distinctAttribute: 'v1.FullyQualifiedName',
  matchAttribute: 'v1.FullyQualifiedName',
  shareID: 'types.UID',
  allocationMode: 'v1.DeviceAllocationMode',
  'DeviceTaint.effect': 'v1.DeviceTaintEffect',
  'DeviceToleration.effect': 'v1.DeviceTaintEffect',
  'DeviceToleration.operator': 'v1.DeviceTolerationOperator',
  capacityKey: 'v1.QualifiedName',
  fsGroupPolicy: 'v1.FSGroupPolicy',
  limits: 'v1.ResourceList',
  requests: 'v1.ResourceList',
  overhead: 'v1.ResourceList',
  hard: 'v1.ResourceList',
  capacity: 'v1.ResourceList',
  allocatable: 'v1.ResourceList',
};

/** The named types that are scalars, as opposed to structs. */
export const SCALAR_TYPES: ReadonlySet<string> = new Set(
  Object.values(NAMED).filter((type) => type !== 'v1.ResourceList'),
);

export const namedType = (owner: string, field: string): string | undefined =>
  NAMED[`${owner}.${field}`] ?? NAMED[field] ?? conditionType(owner, field);

/** The types of conditions, which are named after them. */
function conditionType(owner: string, field: string): string | undefined {
  if (!owner.endsWith('Condition')) return undefined;
  if (field === 'status') return 'v1.ConditionStatus';
  return field === 'type' && owner !== 'Condition' ? `v1.${owner}Type` : undefined;
}

/**
 * Optional scalar fields that are pointers: `replicas: 0` and `immutable: false` say something, while
 * `hostNetwork: false` or `initialDelaySeconds: 0` are the same as nothing and are not kept.
 */
const POINTERS = new Set(
  `automountServiceAccountToken enableServiceLinks setHostnameAsFQDN shareProcessNamespace hostUsers optional
  privileged runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation immutable blockOwnerDeletion controller
  ready serving terminating allocateLoadBalancerNodePorts suspend hostProcess started allowVolumeExpansion
  attachRequired podInfoOnMount requiresRepublish seLinuxMount storageCapacity manualSelector
  orphanDependents ignoreStoreReadErrorWithClusterBreakingPotential
  terminationGracePeriodSeconds activeDeadlineSeconds priority tolerationSeconds runAsUser runAsGroup fsGroup
  deletionGracePeriodSeconds defaultMode mode expirationSeconds revisionHistoryLimit progressDeadlineSeconds
  parallelism completions backoffLimit ttlSecondsAfterFinished startingDeadlineSeconds successfulJobsHistoryLimit
  failedJobsHistoryLimit backoffLimitPerIndex maxFailedIndexes collisionCount leaseDurationSeconds leaseTransitions
  minDomains minReplicas averageUtilization stabilizationWindowSeconds gracePeriodSeconds terminatingReplicas
  remainingItemCount endPort lun partition podPidsLimit nominalConcurrencyShares lendablePercent borrowingLimitPercent
  storageClassName ingressClassName runtimeClassName volumeAttributesClassName loadBalancerClass
  internalTrafficPolicy ipFamilyPolicy ipMode procMount fsGroupChangePolicy supplementalGroupsPolicy
  localhostProfile volumeMode mountPropagation recursiveReadOnly apiGroup hostnameOverride nodeAffinityPolicy
  nodeTaintsPolicy trafficDistribution service holderIdentity preferredHolder strategy appProtocol url
  resourceClaimName resourceClaimTemplateName preemptionPolicy timeZone completionMode podReplacementPolicy
  reclaimPolicy volumeBindingMode fsGroupPolicy matchPolicy failurePolicy sideEffects
  unhealthyPodEvictionPolicy pathType persistentVolumeName inlineVolumeSpec managedBy stopSignal
  volumeAttributesClassName currentVolumeAttributesClassName schedulingGroup podGroupName`
    .split(/\s+/)
    .filter(Boolean),
);

/** Pointers by type and field, where the same name is no pointer elsewhere. */
const POINTERS_BY_TYPE = new Set(
  `DeploymentSpec.replicas ReplicaSetSpec.replicas StatefulSetSpec.replicas ReplicationControllerSpec.replicas
  ClientIPConfig.timeoutSeconds ListOptions.timeoutSeconds MutatingWebhook.timeoutSeconds ValidatingWebhook.timeoutSeconds
  HostPathVolumeSource.type Container.restartPolicy EphemeralContainer.restartPolicy Endpoint.nodeName Endpoint.hostname
  EndpointAddress.nodeName PersistentVolumeClaimSpec.storageClassName EndpointPort.name EndpointPort.port
  EndpointPort.protocol CSIVolumeSource.readOnly CSIVolumeSource.fsType Rule.scope PodSchedulingGroup.podGroupName
  RuleWithOperations.scope ServiceReference.port ServiceReference.path Preconditions.uid Preconditions.resourceVersion
  DeleteOptions.propagationPolicy TokenRequestSpec.expirationSeconds WebhookClientConfig.url JobStatus.ready
  JobStatus.terminating LimitResponse.type CSIDriverSpec.nodeAllocatableUpdatePeriodSeconds
  PodDNSConfigOption.value PortStatus.error HPAScalingRules.policies HPAScalingRules.selectPolicy
  WindowsSecurityContextOptions.runAsUserName WindowsSecurityContextOptions.gmsaCredentialSpecName
  WindowsSecurityContextOptions.gmsaCredentialSpec AzureDiskVolumeSource.readOnly AzureDiskVolumeSource.fsType
  AzureDiskVolumeSource.cachingMode AzureDiskVolumeSource.kind FileKeySelector.optional ISCSIVolumeSource.initiatorName
  JSONSchemaProps.maximum JSONSchemaProps.maxLength JSONSchemaProps.minimum JSONSchemaProps.minLength
  JSONSchemaProps.maxItems JSONSchemaProps.minItems JSONSchemaProps.multipleOf JSONSchemaProps.maxProperties
  JSONSchemaProps.minProperties JSONSchemaProps.$ref JSONSchemaProps.x-kubernetes-preserve-unknown-fields
  JSONSchemaProps.x-kubernetes-list-type JSONSchemaProps.x-kubernetes-map-type ValidationRule.reason
  ValidationRule.optionalOldSelf CustomResourceSubresourceScale.labelSelectorPath
  MutatingWebhook.reinvocationPolicy NamedRuleWithOperations.scope ParamRef.parameterNotFoundAction
  Validation.reason HorizontalPodAutoscalerSpec.targetCPUUtilizationPercentage
  HorizontalPodAutoscalerStatus.currentCPUUtilizationPercentage HorizontalPodAutoscalerStatus.observedGeneration
  JobStatus.failedIndexes PodFailurePolicyOnExitCodesRequirement.containerName SuccessPolicyRule.succeededCount
  SuccessPolicyRule.succeededIndexes AzureFilePersistentVolumeSource.secretNamespace
  ClusterTrustBundleProjection.name ClusterTrustBundleProjection.signerName
  GlusterfsPersistentVolumeSource.endpointsNamespace ISCSIPersistentVolumeSource.initiatorName
  LocalVolumeSource.fsType NodeRuntimeHandlerFeatures.recursiveReadOnlyMounts
  NodeRuntimeHandlerFeatures.userNamespaces NodeSwapStatus.capacity PodCertificateProjection.maxExpirationSeconds
  PodSecurityContext.seLinuxChangePolicy ResourceHealth.message TypedObjectReference.namespace Endpoint.zone
  IngressClassParametersReference.namespace IngressClassParametersReference.scope IngressPortStatus.error
  NetworkPolicyPort.protocol AllocatedDeviceStatus.shareID Device.allNodes Device.allowMultipleAllocations
  Device.bindsToNode Device.nodeName DeviceAttribute.bool DeviceAttribute.int DeviceAttribute.string
  DeviceAttribute.version DeviceClassSpec.extendedResourceName DeviceConstraint.distinctAttribute
  DeviceConstraint.matchAttribute DeviceRequestAllocationResult.adminAccess DeviceRequestAllocationResult.shareID
  ExactDeviceRequest.adminAccess NodeAllocatableResourceMapping.capacityKey ResourceSliceSpec.allNodes
  ResourceSliceSpec.nodeName ResourceSliceSpec.perDeviceNodeSelection CSIDriverSpec.preventPodSchedulingIfMissing
  CSIDriverSpec.serviceAccountTokenInSecrets VolumeError.errorCode VolumeNodeResources.count`
    .split(/\s+/)
    .filter(Boolean),
);

/** Fields that are plain, although those of the same name are pointers elsewhere. */
const PLAIN = new Set([
  'AWSElasticBlockStoreVolumeSource.partition',
  'GCEPersistentDiskVolumeSource.partition',
  'PersistentVolumeSpec.storageClassName',
  'ResourceClaimConsumerReference.apiGroup',
  'Subject.apiGroup',
]);

export const isPointer = (owner: string, field: string): boolean => {
  const path = `${owner}.${field}`;
  return POINTERS_BY_TYPE.has(path) || (POINTERS.has(field) && !PLAIN.has(path));
};

/** Optional fields with an empty default in the schema that are nevertheless left out when empty. */
const OMITTED_WHEN_EMPTY = new Set([
  'ConfigMapEnvSource.name',
  'ConfigMapKeySelector.name',
  'ConfigMapProjection.name',
  'ConfigMapVolumeSource.name',
  'SecretEnvSource.name',
  'SecretKeySelector.name',
  'SecretProjection.name',
  'LocalObjectReference.name',
  'ScaleSpec.replicas',
  'ReplicationControllerSpec.minReadySeconds',
  'PodFailurePolicyOnPodConditionsPattern.status',
]);

export const omittedWhenEmpty = (owner: string, field: string): boolean => OMITTED_WHEN_EMPTY.has(`${owner}.${field}`);

/** Times that are written as null when they are not known. */
export const isNullTime = (owner: string, field: string): boolean =>
  owner.endsWith('Condition') ||
  (owner === 'Event' && field !== 'creationTimestamp') ||
  owner === 'EventSeries' ||
  owner === 'TokenRequestStatus' ||
  ((owner === 'ContainerStateRunning' || owner === 'ContainerStateTerminated') && field.endsWith('At'));

/** The package of a group's internal types, as conversion errors name it: `core.Pod`, `apps.Deployment`. */
export const internalPackage = (group: string): string =>
  group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0]!;

const NAME_REFERENCES = new Set([
  'ConfigMapEnvSource',
  'ConfigMapKeySelector',
  'ConfigMapProjection',
  'ConfigMapVolumeSource',
  'SecretEnvSource',
  'SecretKeySelector',
  'SecretProjection',
]);
const HANDLERS = new Set(['exec', 'httpGet', 'tcpSocket', 'grpc']);
const RULE_FIELDS = new Set(['apiGroups', 'apiVersions', 'resources', 'scope']);

/** The Go struct that is embedded in `owner` and holds `field`: error paths name it although JSON does not. */
export function embeddedStruct(owner: string, field: string, isObject: boolean): string | undefined {
  if (isObject && (field === 'kind' || field === 'apiVersion')) return 'TypeMeta';
  if (owner === 'Probe') return HANDLERS.has(field) ? 'ProbeHandler' : undefined;
  if (owner === 'Volume') return field === 'name' ? undefined : 'VolumeSource';
  if (owner === 'EphemeralContainer') return field === 'targetContainerName' ? undefined : 'EphemeralContainerCommon';
  if (NAME_REFERENCES.has(owner)) return field === 'name' ? 'LocalObjectReference' : undefined;
  if (owner === 'IngressRule') return field === 'http' ? 'IngressRuleValue' : undefined;
  if (owner === 'RuleWithOperations') return RULE_FIELDS.has(field) ? 'Rule' : undefined;
  return undefined;
}
