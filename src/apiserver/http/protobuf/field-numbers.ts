/**
 * Numbers of fields on the wire (k8s.io/api's generated.proto), for the types that clients send as protobuf:
 * what `kubectl create` makes. A field's number is its place in the list; `-` is a number not in use.
 */
const TYPES: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta':
    'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp ' +
    'deletionGracePeriodSeconds labels annotations ownerReferences finalizers - - managedFields',
  'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference': 'kind - name uid apiVersion controller blockOwnerDeletion',
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector': 'matchLabels matchExpressions',
  'io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement': 'key operator values',
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions':
    'gracePeriodSeconds preconditions orphanDependents propagationPolicy dryRun',
  'io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions': 'uid resourceVersion',
  'io.k8s.api.apps.v1.Deployment': 'metadata spec status',
  'io.k8s.api.apps.v1.DeploymentSpec':
    'replicas selector template strategy minReadySeconds revisionHistoryLimit paused - progressDeadlineSeconds',
  'io.k8s.api.apps.v1.DeploymentStrategy': 'type rollingUpdate',
  'io.k8s.api.apps.v1.RollingUpdateDeployment': 'maxUnavailable maxSurge',
  'io.k8s.api.authentication.v1.TokenRequest': 'metadata spec status',
  'io.k8s.api.authentication.v1.TokenRequestSpec': 'audiences - boundObjectRef expirationSeconds',
  'io.k8s.api.authentication.v1.BoundObjectReference': 'kind apiVersion name uid',
  'io.k8s.api.core.v1.ConfigMap': 'metadata data binaryData immutable',
  'io.k8s.api.core.v1.Container':
    'name image command args workingDir ports env resources volumeMounts livenessProbe readinessProbe lifecycle ' +
    'terminationMessagePath imagePullPolicy securityContext stdin stdinOnce tty envFrom terminationMessagePolicy ' +
    'volumeDevices startupProbe resizePolicy restartPolicy restartPolicyRules',
  'io.k8s.api.core.v1.ContainerPort': 'name hostPort containerPort protocol hostIP',
  'io.k8s.api.core.v1.EnvVar': 'name value',
  'io.k8s.api.core.v1.LocalObjectReference': 'name',
  'io.k8s.api.core.v1.Namespace': 'metadata spec status',
  'io.k8s.api.core.v1.NamespaceSpec': 'finalizers',
  'io.k8s.api.core.v1.NamespaceStatus': 'phase conditions',
  'io.k8s.api.core.v1.ObjectReference': 'kind namespace name uid apiVersion resourceVersion fieldPath',
  'io.k8s.api.core.v1.Pod': 'metadata spec status',
  'io.k8s.api.core.v1.PodSpec':
    'volumes containers restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy nodeSelector ' +
    'serviceAccountName serviceAccount nodeName hostNetwork hostPID hostIPC securityContext imagePullSecrets hostname ' +
    'subdomain affinity schedulerName initContainers automountServiceAccountToken tolerations hostAliases ' +
    'priorityClassName priority dnsConfig shareProcessNamespace readinessGates runtimeClassName enableServiceLinks ' +
    'preemptionPolicy overhead topologySpreadConstraints ephemeralContainers setHostnameAsFQDN os hostUsers ' +
    'schedulingGates resourceClaims resources hostnameOverride',
  'io.k8s.api.core.v1.PodTemplateSpec': 'metadata spec',
  'io.k8s.api.core.v1.ResourceRequirements': 'limits requests claims',
  'io.k8s.api.core.v1.Secret': 'metadata data type stringData immutable',
  'io.k8s.api.core.v1.Service': 'metadata spec status',
  'io.k8s.api.core.v1.ServiceAccount': 'metadata secrets imagePullSecrets automountServiceAccountToken',
  'io.k8s.api.core.v1.ServicePort': 'name protocol port targetPort nodePort appProtocol',
  'io.k8s.api.core.v1.ServiceSpec':
    'ports selector clusterIP type externalIPs - sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName ' +
    'externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses sessionAffinityConfig - - ipFamilyPolicy ' +
    'clusterIPs ipFamilies allocateLoadBalancerNodePorts loadBalancerClass internalTrafficPolicy trafficDistribution',
  'io.k8s.api.core.v1.ServiceStatus': 'loadBalancer conditions',
  'io.k8s.api.policy.v1.Eviction': 'metadata deleteOptions',
};

const tables = new Map<string, readonly (string | undefined)[]>();

/** Names of a type's fields by number; undefined when the type's numbers are not known. */
export function fieldsOf(type: string): readonly (string | undefined)[] | undefined {
  const known = tables.get(type);
  if (known) return known;
  const text = TYPES[type];
  if (text === undefined) return undefined;
  const fields = [undefined, ...text.split(' ').map((name) => (name === '-' ? undefined : name))];
  tables.set(type, fields);
  return fields;
}
