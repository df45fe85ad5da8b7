import { ApiServiceKind } from '../api/apiregistration/api-service.ts';
import { EndpointsKind } from '../api/core/endpoints.ts';
import { ServiceAccountKind } from '../api/core/service-account.ts';
import { EndpointSliceKind } from '../api/discovery/endpoint-slice.ts';
import { FlowSchemaKind } from '../api/flowcontrol/flow-schema.ts';
import { PriorityLevelConfigurationKind } from '../api/flowcontrol/priority-level-configuration.ts';
import { apiVersionOf, type Kind } from '../api/kind.ts';
import { formatTime } from '../api/meta.ts';
import { ServiceCidrKind } from '../api/networking/service-cidr.ts';
import type { KubeObject } from '../api/object.ts';
import { PriorityClassKind } from '../api/scheduling/priority-class.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../api/types.ts';
import { GROUP_PRIORITY } from '../apiserver/index.ts';
import type { Client } from '../client/index.ts';
import { API_SERVER_PORT } from './bootstrap.ts';
import { CONTROL_PLANE, SERVICE_CIDR } from './spec.ts';

/** versionPriority of what kube-apiserver serves itself, where it is not 15. */
const VERSION_PRIORITY: Readonly<Record<string, number>> = {
  'v1.': 1,
  'v2.autoscaling': 30,
  'v1.flowcontrol.apiserver.k8s.io': 21,
  'v1.resource.k8s.io': 21,
};

/** The versions of groups that are served in others than v1. */
const VERSIONS: Readonly<Record<string, readonly string[]>> = { autoscaling: ['v1', 'v2'] };

/** Whom the controllers of kube-controller-manager act as, besides those that have no account of their own. */
const CONTROLLER_ACCOUNTS = `attachdetach-controller bootstrap-signer certificate-controller
clusterrole-aggregation-controller cronjob-controller daemon-set-controller deployment-controller
device-taint-eviction-controller disruption-controller endpoint-controller endpointslice-controller
endpointslicemirroring-controller ephemeral-volume-controller expand-controller generic-garbage-collector
horizontal-pod-autoscaler job-controller legacy-service-account-token-cleaner namespace-controller node-controller
persistent-volume-binder pod-garbage-collector pv-protection-controller pvc-protection-controller
replicaset-controller replication-controller resource-claim-controller resourcequota-controller
root-ca-cert-publisher service-account-controller service-ca-cert-publisher service-cidrs-controller
statefulset-controller token-cleaner ttl-after-finished-controller ttl-controller
validatingadmissionpolicy-status-controller volumeattributesclass-protection-controller`;

const PRIORITY_CLASSES = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description:
      'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
];

/** `name shares lendablePercent queues handSize`; without queues, requests are turned away at once. */
const PRIORITY_LEVELS = `catch-all 5 0
global-default 20 50 128 6
leader-election 10 0 16 4
node-high 40 25 64 6
system 30 33 64 6
workload-high 40 50 128 6
workload-low 100 90 128 6`;

type Rules = NonNullable<FlowSchema['spec']['rules']>[number];

const EVERYTHING: Omit<Rules, 'subjects'> = {
  nonResourceRules: [{ nonResourceURLs: ['*'], verbs: ['*'] }],
  resourceRules: [{ apiGroups: ['*'], clusterScope: true, namespaces: ['*'], resources: ['*'], verbs: ['*'] }],
};
const PROBES: Omit<Rules, 'subjects'> = {
  nonResourceRules: [{ nonResourceURLs: ['/healthz', '/readyz', '/livez'], verbs: ['get'] }],
};
const ELECTIONS: Omit<Rules, 'subjects'> = {
  resourceRules: [
    {
      apiGroups: ['coordination.k8s.io'],
      namespaces: ['*'],
      resources: ['leases'],
      verbs: ['get', 'create', 'update'],
    },
  ],
};
const NODES: Omit<Rules, 'subjects'> = {
  resourceRules: [
    { apiGroups: [''], clusterScope: true, namespaces: ['*'], resources: ['nodes', 'nodes/status'], verbs: ['*'] },
    { apiGroups: ['coordination.k8s.io'], namespaces: ['*'], resources: ['leases'], verbs: ['*'] },
  ],
};

const group = (name: string): Rules['subjects'][number] => ({ group: { name }, kind: 'Group' });
const user = (name: string): Rules['subjects'][number] => ({ kind: 'User', user: { name } });
const SYSTEM_ACCOUNTS: Rules['subjects'][number] = {
  kind: 'ServiceAccount',
  serviceAccount: { name: '*', namespace: 'kube-system' },
};
const ANYBODY = [group('system:unauthenticated'), group('system:authenticated')];
const MANAGER = user('system:kube-controller-manager');
const SCHEDULER = user('system:kube-scheduler');

/** Name, precedence, level, by what flows are told apart, who, and which requests of theirs. */
const FLOWS: readonly (readonly [
  string,
  number,
  string,
  'ByUser' | 'ByNamespace' | '',
  Rules['subjects'],
  Omit<Rules, 'subjects'>,
])[] = [
  ['exempt', 1, 'exempt', '', [group('system:masters')], EVERYTHING],
  ['probes', 2, 'exempt', '', ANYBODY, PROBES],
  ['system-leader-election', 100, 'leader-election', 'ByUser', [MANAGER, SCHEDULER, SYSTEM_ACCOUNTS], ELECTIONS],
  ['system-node-high', 400, 'node-high', 'ByUser', [group('system:nodes')], NODES],
  ['system-nodes', 500, 'system', 'ByUser', [group('system:nodes')], EVERYTHING],
  ['kube-controller-manager', 800, 'workload-high', 'ByNamespace', [MANAGER], EVERYTHING],
  ['kube-scheduler', 800, 'workload-high', 'ByNamespace', [SCHEDULER], EVERYTHING],
  ['kube-system-service-accounts', 900, 'workload-high', 'ByNamespace', [SYSTEM_ACCOUNTS], EVERYTHING],
  ['service-accounts', 9000, 'workload-low', 'ByUser', [group('system:serviceaccounts')], EVERYTHING],
  ['global-default', 9900, 'global-default', 'ByUser', ANYBODY, EVERYTHING],
  ['catch-all', 10_000, 'catch-all', 'ByUser', ANYBODY, EVERYTHING],
];

const AUTO_UPDATE = { 'apf.kubernetes.io/autoupdate-spec': 'true' };

function levelSpec(
  shares: number,
  lendablePercent: number,
  queues?: number,
  handSize?: number,
): PriorityLevelConfiguration['spec'] {
  return {
    type: 'Limited',
    limited: {
      nominalConcurrencyShares: shares,
      lendablePercent,
      limitResponse:
        queues === undefined || handSize === undefined
          ? { type: 'Reject' }
          : { type: 'Queue', queuing: { queues, handSize, queueLengthLimit: 50 } },
    },
  };
}

/**
 * What a starting control plane creates besides namespaces and roles: API services, priority classes, the flow schemas
 * and levels of priority and fairness, the range of Service addresses, the controllers' accounts. `now` is virtual
 * milliseconds since the Unix epoch.
 */
export function bootstrapObjects(client: Client, now: number): void {
  const create = <T extends KubeObject>(kind: Kind<T>, object: object): T =>
    client
      .resource(kind)
      .create({ apiVersion: apiVersionOf(kind), kind: kind.kind, ...object } as unknown as T, { trusted: true });
  const withStatus = <T extends KubeObject>(
    kind: Kind<T>,
    object: object,
    type: string,
    status: string,
    rest: object,
  ): void => {
    const conditions = [{ type, status, lastTransitionTime: formatTime(now), ...rest }];
    client
      .resource(kind)
      .updateStatus({ ...create(kind, object), status: { conditions } } as unknown as T, { trusted: true });
  };
  for (const [served, groupPriorityMinimum] of Object.entries(GROUP_PRIORITY)) {
    // It serves itself without being asked.
    if (served === 'apiregistration.k8s.io') continue;
    for (const version of VERSIONS[served] ?? ['v1']) {
      const name = `${version}.${served}`;
      create(ApiServiceKind, {
        metadata: { name, labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } },
        spec: {
          ...(served ? { group: served } : {}),
          version,
          groupPriorityMinimum,
          versionPriority: VERSION_PRIORITY[name] ?? 15,
        },
      });
    }
  }
  for (const { name, value, description } of PRIORITY_CLASSES)
    create(PriorityClassKind, { metadata: { name }, value, description });
  create(PriorityLevelConfigurationKind, {
    metadata: { name: 'exempt', annotations: AUTO_UPDATE },
    spec: { type: 'Exempt', exempt: { lendablePercent: 0, nominalConcurrencyShares: 0 } },
  });
  for (const line of PRIORITY_LEVELS.split('\n')) {
    const [name = '', ...numbers] = line.split(' ');
    const [shares = 0, lendable = 0, queues, handSize] = numbers.map(Number);
    create(PriorityLevelConfigurationKind, {
      metadata: { name, annotations: AUTO_UPDATE },
      spec: levelSpec(shares, lendable, queues, handSize),
    });
  }
  for (const [name, matchingPrecedence, level, method, subjects, requests] of FLOWS) {
    const flow = {
      metadata: { name, annotations: AUTO_UPDATE },
      spec: {
        ...(method ? { distinguisherMethod: { type: method } } : {}),
        matchingPrecedence,
        priorityLevelConfiguration: { name: level },
        rules: [{ ...requests, subjects }],
      },
    };
    withStatus(FlowSchemaKind, flow, 'Dangling', 'False', {
      reason: 'Found',
      message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
    });
  }
  const range = {
    metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: [SERVICE_CIDR] },
  };
  withStatus(ServiceCidrKind, range, 'Ready', 'True', {
    reason: '',
    message: 'Kubernetes Service CIDR is ready',
  });
  // Where the Service of the API leads; kube-apiserver sees to it itself, which is why it is not mirrored.
  const api = { name: 'kubernetes', namespace: 'default' };
  const ports = [{ name: 'https', port: API_SERVER_PORT, protocol: 'TCP' }];
  create(EndpointsKind, {
    metadata: { ...api, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: CONTROL_PLANE.ip }], ports }],
  });
  create(EndpointSliceKind, {
    metadata: { ...api, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [CONTROL_PLANE.ip], conditions: { ready: true } }],
    ports,
  });
  for (const name of CONTROLLER_ACCOUNTS.split(/\s+/))
    create(ServiceAccountKind, { metadata: { name, namespace: 'kube-system' } });
}
