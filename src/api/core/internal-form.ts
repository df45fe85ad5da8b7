/**
 * Some error texts show objects as Kubernetes' internal types have them: fields in their own order, capitalised, with
 * everything that is not set spelled out. This is those types' layout, as far as error texts show it.
 */

/** Field letters: s text, i number, b boolean (zero when absent); p anything, null when absent; `[]T`, `*T`, `T` types. */
const LAYOUTS: Readonly<Record<string, string>> = {
  PodSpec: `Volumes:[]Volume InitContainers:[]Container Containers:[]Container EphemeralContainers:[]EphemeralContainer
    RestartPolicy:s TerminationGracePeriodSeconds:p ActiveDeadlineSeconds:p DNSPolicy=dnsPolicy:s NodeSelector:p
    ServiceAccountName:s AutomountServiceAccountToken:p NodeName:s SecurityContext:*PodSecurityContext
    ImagePullSecrets:[]LocalObjectReference Hostname:s Subdomain:s SetHostnameAsFQDN:p Affinity:*Affinity SchedulerName:s
    Tolerations:[]Toleration HostAliases:[]HostAlias PriorityClassName:s Priority:p PreemptionPolicy:p
    DNSConfig=dnsConfig:*PodDNSConfig ReadinessGates:[]PodReadinessGate RuntimeClassName:p Overhead:p EnableServiceLinks:p
    TopologySpreadConstraints:[]TopologySpreadConstraint OS=os:*PodOS SchedulingGates:[]PodSchedulingGate
    ResourceClaims:[]PodResourceClaim Resources:*ResourceRequirements HostnameOverride:p SchedulingGroup:*PodSchedulingGroup`,
  PodSecurityContext: `HostNetwork:b HostPID:b HostIPC:b ShareProcessNamespace:p HostUsers:p
    SELinuxOptions=seLinuxOptions:*SELinuxOptions WindowsOptions:*WindowsSecurityContextOptions RunAsUser:p RunAsGroup:p
    RunAsNonRoot:p SupplementalGroups:p SupplementalGroupsPolicy:p FSGroup=fsGroup:p FSGroupChangePolicy=fsGroupChangePolicy:p
    Sysctls:[]Sysctl SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile SELinuxChangePolicy=seLinuxChangePolicy:p`,
  Container: `Name:s Image:s Command:p Args:p WorkingDir:s Ports:[]ContainerPort EnvFrom:[]EnvFromSource Env:[]EnvVar
    Resources:ResourceRequirements ResizePolicy:[]ContainerResizePolicy RestartPolicy:p
    RestartPolicyRules:[]ContainerRestartRule VolumeMounts:[]VolumeMount VolumeDevices:[]VolumeDevice LivenessProbe:*Probe
    ReadinessProbe:*Probe StartupProbe:*Probe Lifecycle:*Lifecycle TerminationMessagePath:s TerminationMessagePolicy:s
    ImagePullPolicy:s SecurityContext:*SecurityContext Stdin:b StdinOnce:b TTY=tty:b`,
  ContainerPort: 'Name:s HostPort:i ContainerPort:i Protocol:s HostIP:s',
  ContainerResizePolicy: 'ResourceName:s RestartPolicy:s',
  ContainerRestartRule: 'Action:s ExitCodes:*ContainerRestartRuleOnExitCodes',
  ContainerRestartRuleOnExitCodes: 'Operator:s Values:p',
  EnvVar: 'Name:s Value:s ValueFrom:*EnvVarSource',
  EnvVarSource: `FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector ConfigMapKeyRef:*KeySelector
    SecretKeyRef:*KeySelector FileKeyRef:*FileKeySelector`,
  ObjectFieldSelector: 'APIVersion=apiVersion:s FieldPath:s',
  ResourceFieldSelector: 'ContainerName:s Resource:s Divisor:q',
  KeySelector: 'Name:s Key:s Optional:p',
  FileKeySelector: 'VolumeName:s Path:s Key:s Optional:p',
  EnvFromSource: 'Prefix:s ConfigMapRef:*EnvSource SecretRef:*EnvSource',
  EnvSource: 'Name:s Optional:p',
  ResourceRequirements: 'Limits:p Requests:p Claims:[]ResourceClaim',
  ResourceClaim: 'Name:s Request:s',
  VolumeMount: 'Name:s ReadOnly:b RecursiveReadOnly:p MountPath:s SubPath:s MountPropagation:p SubPathExpr:s',
  VolumeDevice: 'Name:s DevicePath:s',
  Probe: `Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction GRPC=grpc:*GRPCAction
    InitialDelaySeconds:i TimeoutSeconds:i PeriodSeconds:i SuccessThreshold:i FailureThreshold:i TerminationGracePeriodSeconds:p`,
  Lifecycle: 'PostStart:*LifecycleHandler PreStop:*LifecycleHandler StopSignal:p',
  LifecycleHandler:
    'Exec:*ExecAction HTTPGet=httpGet:*HTTPGetAction TCPSocket=tcpSocket:*TCPSocketAction Sleep:*SleepAction',
  ExecAction: 'Command:p',
  HTTPGetAction: 'Path:s Port:i Host:s Scheme:s HTTPHeaders=httpHeaders:[]HTTPHeader',
  HTTPHeader: 'Name:s Value:s',
  TCPSocketAction: 'Port:i Host:s',
  GRPCAction: 'Port:i Service:p',
  SleepAction: 'Seconds:i',
  SecurityContext: `Capabilities:*Capabilities Privileged:p SELinuxOptions=seLinuxOptions:*SELinuxOptions
    WindowsOptions:*WindowsSecurityContextOptions RunAsUser:p RunAsGroup:p RunAsNonRoot:p ReadOnlyRootFilesystem:p
    AllowPrivilegeEscalation:p ProcMount:p SeccompProfile:*SeccompProfile AppArmorProfile:*AppArmorProfile`,
  Capabilities: 'Add:p Drop:p',
  SELinuxOptions: 'User:s Role:s Type:s Level:s',
  WindowsSecurityContextOptions:
    'GMSACredentialSpecName=gmsaCredentialSpecName:p GMSACredentialSpec=gmsaCredentialSpec:p RunAsUserName:p HostProcess:p',
  SeccompProfile: 'Type:s LocalhostProfile:p',
  AppArmorProfile: 'Type:s LocalhostProfile:p',
  Sysctl: 'Name:s Value:s',
  LocalObjectReference: 'Name:s',
  Toleration: 'Key:s Operator:s Value:s Effect:s TolerationSeconds:p',
  HostAlias: 'IP=ip:s Hostnames:p',
  PodDNSConfig: 'Nameservers:p Searches:p Options:[]PodDNSConfigOption',
  PodDNSConfigOption: 'Name:s Value:p',
  PodReadinessGate: 'ConditionType:s',
  PodOS: 'Name:s',
  PodSchedulingGate: 'Name:s',
  PodSchedulingGroup: 'PodGroupName:p',
  PodResourceClaim: 'Name:s ResourceClaimName:p ResourceClaimTemplateName:p',
  TopologySpreadConstraint: `MaxSkew:i TopologyKey:s WhenUnsatisfiable:s LabelSelector:p MinDomains:p NodeAffinityPolicy:p
    NodeTaintsPolicy:p MatchLabelKeys:p`,
  Affinity: 'NodeAffinity:*NodeAffinity PodAffinity:*PodAffinity PodAntiAffinity:*PodAffinity',
  NodeAffinity: `RequiredDuringSchedulingIgnoredDuringExecution:*NodeSelector
    PreferredDuringSchedulingIgnoredDuringExecution:[]PreferredSchedulingTerm`,
  NodeSelector: 'NodeSelectorTerms:[]NodeSelectorTerm',
  NodeSelectorTerm: 'MatchExpressions:[]NodeSelectorRequirement MatchFields:[]NodeSelectorRequirement',
  NodeSelectorRequirement: 'Key:s Operator:s Values:p',
  PreferredSchedulingTerm: 'Weight:i Preference:NodeSelectorTerm',
  PodAffinity: `RequiredDuringSchedulingIgnoredDuringExecution:[]PodAffinityTerm
    PreferredDuringSchedulingIgnoredDuringExecution:[]WeightedPodAffinityTerm`,
  WeightedPodAffinityTerm: 'Weight:i PodAffinityTerm:PodAffinityTerm',
  PodAffinityTerm:
    'LabelSelector:p Namespaces:p TopologyKey:s NamespaceSelector:p MatchLabelKeys:p MismatchLabelKeys:p',
  Volume: `Name:s HostPath:*HostPathVolumeSource EmptyDir:*EmptyDirVolumeSource GCEPersistentDisk=gcePersistentDisk:p
    AWSElasticBlockStore=awsElasticBlockStore:p GitRepo:p Secret:*SecretVolumeSource NFS=nfs:*NFSVolumeSource ISCSI=iscsi:p
    Glusterfs:p PersistentVolumeClaim:*PersistentVolumeClaimVolumeSource RBD=rbd:p Quobyte:p FlexVolume:p Cinder:p
    CephFS=cephfs:p Flocker:p DownwardAPI=downwardAPI:*DownwardAPIVolumeSource FC=fc:p AzureFile:p
    ConfigMap:*ConfigMapVolumeSource VsphereVolume:p AzureDisk:p PhotonPersistentDisk:p Projected:*ProjectedVolumeSource
    PortworxVolume:p ScaleIO=scaleIO:p StorageOS=storageos:p CSI=csi:p Ephemeral:p Image:p`,
  HostPathVolumeSource: 'Path:s Type:p',
  EmptyDirVolumeSource: 'Medium:s SizeLimit:p',
  SecretVolumeSource: 'SecretName:s Items:[]KeyToPath DefaultMode:p Optional:p',
  ConfigMapVolumeSource: 'Name:s Items:[]KeyToPath DefaultMode:p Optional:p',
  KeyToPath: 'Key:s Path:s Mode:p',
  NFSVolumeSource: 'Server:s Path:s ReadOnly:b',
  PersistentVolumeClaimVolumeSource: 'ClaimName:s ReadOnly:b',
  DownwardAPIVolumeSource: 'Items:[]DownwardAPIVolumeFile DefaultMode:p',
  DownwardAPIVolumeFile: 'Path:s FieldRef:*ObjectFieldSelector ResourceFieldRef:*ResourceFieldSelector Mode:p',
  ProjectedVolumeSource: 'Sources:[]VolumeProjection DefaultMode:p',
  VolumeProjection: `Secret:*ProjectedKeys DownwardAPI=downwardAPI:*DownwardAPIProjection ConfigMap:*ProjectedKeys
    ServiceAccountToken:*ServiceAccountTokenProjection ClusterTrustBundle:p PodCertificate:p`,
  ProjectedKeys: 'Name:s Items:[]KeyToPath Optional:p',
  DownwardAPIProjection: 'Items:[]DownwardAPIVolumeFile',
  ServiceAccountTokenProjection: 'Audience:s ExpirationSeconds:i Path:s',
  NodeAddress: 'Type:s Address:s',
  Taint: 'Key:s Value:s Effect:s TimeAdded:p',
  ServicePort: 'Name:s Protocol:s AppProtocol:p Port:i TargetPort:i NodePort:i',
  DeploymentStrategy: 'Type:s RollingUpdate:*RollingUpdateDeployment',
  RollingUpdateDeployment: 'MaxUnavailable:i MaxSurge:i',
  DaemonSetUpdateStrategy: 'Type:s RollingUpdate:*RollingUpdateDeployment',
  StatefulSetUpdateStrategy: 'Type:s RollingUpdate:*RollingUpdateStatefulSetStrategy',
  RollingUpdateStatefulSetStrategy: 'Partition:i MaxUnavailable:p',
  SuccessPolicy: 'Rules:[]SuccessPolicyRule',
  SuccessPolicyRule: 'SucceededIndexes:p SucceededCount:p',
  PodDisruptionBudgetSpec: 'MinAvailable:p Selector:p MaxUnavailable:p UnhealthyPodEvictionPolicy:p',
  PersistentVolumeClaimSpec: `AccessModes:p Selector:p Resources:VolumeResourceRequirements VolumeName:s StorageClassName:p
    VolumeMode:p DataSource:*TypedReference DataSourceRef:*TypedReference VolumeAttributesClassName:p`,
  VolumeResourceRequirements: 'Limits:p Requests:p',
  PersistentVolumeSource: `GCEPersistentDisk=gcePersistentDisk:*GCEPersistentDisk AWSElasticBlockStore=awsElasticBlockStore:p
    HostPath:*HostPathVolumeSource Glusterfs:p NFS=nfs:*NFSVolumeSource RBD=rbd:p Quobyte:p ISCSI=iscsi:p FlexVolume:p
    Cinder:p CephFS=cephfs:p FC=fc:p Flocker:p AzureFile:p VsphereVolume:p AzureDisk:p PhotonPersistentDisk:p
    PortworxVolume:p ScaleIO=scaleIO:p Local:*LocalVolumeSource StorageOS=storageos:p CSI=csi:*CSIPersistentVolumeSource`,
  GCEPersistentDisk: 'PDName=pdName:s FSType=fsType:s Partition:i ReadOnly:b',
  LocalVolumeSource: 'Path:s FSType=fsType:p',
  CSIPersistentVolumeSource: `Driver:s VolumeHandle:s ReadOnly:b FSType=fsType:s VolumeAttributes:p
    ControllerPublishSecretRef:*SecretReference NodeStageSecretRef:*SecretReference NodePublishSecretRef:*SecretReference
    ControllerExpandSecretRef:*SecretReference NodeExpandSecretRef:*SecretReference`,
  SecretReference: 'Name:s Namespace:s',
  VolumeNodeAffinity: 'Required:*NodeSelector',
  TypedReference: 'APIGroup=apiGroup:p Kind:s Name:s',
  RoleRef: 'APIGroup=apiGroup:s Kind:s Name:s',
  ResourceClaimSpec: 'Devices:DeviceClaim',
  DeviceClaim: 'Requests:[]DeviceRequest Constraints:[]DeviceConstraint Config:[]DeviceClaimConfiguration',
  DeviceRequest: 'Name:s Exactly:*ExactDeviceRequest FirstAvailable:[]DeviceSubRequest',
  ExactDeviceRequest: `DeviceClassName:s Selectors:[]DeviceSelector AllocationMode:s Count:i AdminAccess:p
    Tolerations:[]DeviceToleration Capacity:p`,
  DeviceSubRequest: `Name:s DeviceClassName:s Selectors:[]DeviceSelector AllocationMode:s Count:i
    Tolerations:[]DeviceToleration Capacity:p`,
  ScopeSelector: 'MatchExpressions:[]ScopedResourceSelectorRequirement',
  ScopedResourceSelectorRequirement: 'ScopeName:s Operator:s Values:p',
  DeviceSelector: 'CEL=cel:*CELDeviceSelector',
  CELDeviceSelector: 'Expression:s',
  DeviceToleration: 'Key:s Operator:s Value:s Effect:s TolerationSeconds:p',
  DeviceConstraint: 'Requests:p MatchAttribute:p DistinctAttribute:p',
  DeviceClaimConfiguration: 'Requests:p Opaque:*OpaqueDeviceConfiguration',
  OpaqueDeviceConfiguration: 'Driver:s Parameters:p',
  CSINodeDriver: 'Name:s NodeID=nodeID:s TopologyKeys:p Allocatable:p',
  VolumeAttachmentSpec: 'Attacher:s Source:VolumeAttachmentSource NodeName:s',
  VolumeAttachmentSource: 'PersistentVolumeName:p InlineVolumeSpec:p',
};

interface Field {
  readonly name: string;
  readonly source: string;
  readonly type: string;
}

const layouts = new Map<string, readonly Field[]>();

function layoutOf(type: string): readonly Field[] | undefined {
  let fields = layouts.get(type);
  if (fields) return fields;
  const text = type === 'EphemeralContainer' ? `${LAYOUTS['Container']!} TargetContainerName:s` : LAYOUTS[type];
  if (text === undefined) return undefined;
  fields = text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [names = '', fieldType = 'p'] = entry.split(':');
      const [name = '', source] = names.split('=');
      return { name, source: source ?? name[0]!.toLowerCase() + name.slice(1), type: fieldType };
    });
  layouts.set(type, fields);
  return fields;
}

const ZEROS: Readonly<Record<string, unknown>> = { s: '', i: 0, b: false, p: null, q: '0' };

function formOf(type: string, value: unknown): unknown {
  if (type in ZEROS) return value ?? ZEROS[type];
  if (type.startsWith('[]'))
    return Array.isArray(value) && value.length > 0 ? value.map((item) => internalForm(type.slice(2), item)) : null;
  if (type.startsWith('*')) return value === undefined || value === null ? null : internalForm(type.slice(1), value);
  return internalForm(type, value ?? {});
}

/** The value, an object of the named type, as its internal type is written in JSON. */
export function internalForm(type: string, value: unknown): unknown {
  const layout = layoutOf(type);
  if (!layout || typeof value !== 'object' || value === null) return value;
  const source = value as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const field of layout) out[field.name] = formOf(field.type, source[field.source]);
  return out;
}

const HOST_FIELDS = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'] as const;

/** A Pod's spec: internally, what concerns the host's namespaces belongs to the security context. */
export function internalPodSpec(spec: object): unknown {
  const source = spec as Record<string, unknown>;
  const context: Record<string, unknown> = { ...(source['securityContext'] as object | undefined) };
  for (const field of HOST_FIELDS) if (source[field] !== undefined) context[field] = source[field];
  return internalForm('PodSpec', { ...source, securityContext: context });
}

/** The fields of metadata that a template may have, in the order in which they are declared. */
const TEMPLATE_METADATA = [
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
];

/** A Pod template: internally, the fields of its metadata stand beside its spec. */
export function internalPodTemplate({ metadata = {}, spec = {} }: { metadata?: object; spec?: object }): unknown {
  const source = metadata as Record<string, unknown>;
  const shown = TEMPLATE_METADATA.filter((field) => source[field] !== undefined).map((field) => [field, source[field]]);
  return { ...Object.fromEntries(shown), Spec: internalPodSpec(spec) };
}
