import { DaemonSetKind } from '../../src/api/apps/daemon-set.ts';
import { StatefulSetKind } from '../../src/api/apps/stateful-set.ts';
import { ResourceQuotaKind } from '../../src/api/core/resource-quota.ts';
import {
  controllerOf,
  DeploymentKind,
  EndpointSliceKind,
  keyOf,
  kinds,
  matcherOfSet,
  NodeKind,
  parseQuantity,
  PodKind,
  ReplicaSetKind,
  ServiceKind,
  type UntypedObject,
} from '../../src/api/index.ts';
import type { Pod } from '../../src/api/types.ts';
import type { Client } from '../../src/client/index.ts';
import type { Cluster } from '../../src/cluster/index.ts';

const isReady = ({ status }: Pod): boolean =>
  status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
const isGoing = ({ metadata }: Pick<UntypedObject, 'metadata'>): boolean => metadata.deletionTimestamp !== undefined;
const isOver = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

/** What must be so in a cluster that was left in peace for a while, and is not. */
export function violations(cluster: Cluster): string[] {
  const client = cluster.client();
  const all = kinds
    .filter(
      ({ verbs, group }) =>
        (verbs?.includes('list') ?? true) && group !== 'events.k8s.io' && group !== 'metrics.k8s.io',
    )
    .flatMap((kind) =>
      client
        .resource(kind)
        .list()
        .items.map((object) => ({ ...object, kind: kind.kind }) as UntypedObject),
    );
  return [
    ...ownerless(all),
    ...neverGone(all),
    ...ordinals(client),
    ...replicas(client),
    ...quotas(client),
    ...endpoints(client),
    ...nodes(client),
  ];
}

/** Objects whose controller is no more. */
function ownerless(all: readonly UntypedObject[]): string[] {
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  return all
    .filter((object) => {
      const owner = controllerOf(object);
      // The uid of a Node in references from its own kubelet is its name.
      return owner && owner.kind !== 'Node' && !uids.has(owner.uid);
    })
    .map((object) => `${object.kind} ${keyOf(object)} is an orphan`);
}

/** Objects that were deleted and that something still holds. */
const neverGone = (all: readonly UntypedObject[]): string[] =>
  all
    .filter(isGoing)
    .map((object) => `${object.kind} ${keyOf(object)} is held by ${object.metadata.finalizers?.join() || 'nobody'}`);

function ordinals(client: Client): string[] {
  const pods = client.resource(PodKind).list().items;
  return client
    .resource(StatefulSetKind)
    .list()
    .items.flatMap((set) => {
      const own = pods
        .filter((pod) => controllerOf(pod)?.uid === set.metadata.uid)
        .map(({ metadata }) => metadata.name);
      const wanted = Array.from({ length: set.spec.replicas ?? 1 }, (_, i) => `${set.metadata.name}-${i}`);
      return own.sort().join() === wanted.sort().join()
        ? []
        : [`StatefulSet ${keyOf(set)} has ${own.join() || 'no Pods'} and wants ${wanted.join()}`];
    });
}

/** Workloads that are not as large as they should be; those that a quota keeps small may be. */
function replicas(client: Client): string[] {
  const found: string[] = [];
  const pods = client.resource(PodKind).list().items;
  for (const set of client.resource(ReplicaSetKind).list().items) {
    const own = pods.filter((pod) => controllerOf(pod)?.uid === set.metadata.uid && !isOver(pod));
    if (own.length !== (set.status?.replicas ?? 0)) {
      found.push(`ReplicaSet ${keyOf(set)} says it has ${set.status?.replicas} Pods and has ${own.length}`);
    }
    if (own.length > (set.spec.replicas ?? 1)) found.push(`ReplicaSet ${keyOf(set)} has too many Pods: ${own.length}`);
  }
  for (const { metadata, spec, status } of client.resource(DeploymentKind).list().items) {
    if (metadata.name === 'greedy') continue;
    const { availableReplicas = 0, updatedReplicas = 0 } = status ?? {};
    if (availableReplicas !== spec.replicas || updatedReplicas !== spec.replicas)
      found.push(`Deployment ${keyOf({ metadata })} wants ${spec.replicas}: ${JSON.stringify(status)}`);
  }
  for (const set of client.resource(DaemonSetKind).list().items) {
    const { desiredNumberScheduled, numberAvailable = 0, updatedNumberScheduled = 0 } = set.status!;
    if (numberAvailable !== desiredNumberScheduled || updatedNumberScheduled !== desiredNumberScheduled)
      found.push(`DaemonSet ${keyOf(set)}: ${JSON.stringify(set.status)}`);
  }
  return found;
}

function quotas(client: Client): string[] {
  return client
    .resource(ResourceQuotaKind)
    .list()
    .items.flatMap((quota) => {
      const found: string[] = [];
      const { hard = {}, used = {} } = quota.status ?? {};
      for (const name in hard) {
        if (parseQuantity(used[name] ?? '0').compare(parseQuantity(hard[name]!)) > 0)
          found.push(`ResourceQuota ${keyOf(quota)} is exceeded: ${used[name]} of ${hard[name]} ${name}`);
      }
      const { namespace = '' } = quota.metadata;
      const pods = client
        .resource(PodKind)
        .list({ namespace })
        .items.filter((pod) => !isOver(pod)).length;
      if (String(pods) !== used['pods'])
        found.push(`ResourceQuota ${keyOf(quota)} counts ${used['pods']} of ${pods} Pods`);
      return found;
    });
}

/** Services whose slices are not their ready Pods. */
function endpoints(client: Client): string[] {
  const slices = client.resource(EndpointSliceKind).list().items;
  return client
    .resource(ServiceKind)
    .list()
    .items.flatMap((service) => {
      const { namespace = '', name } = service.metadata;
      if (!service.spec.selector) return [];
      const matcher = matcherOfSet(service.spec.selector);
      const wanted = client
        .resource(PodKind)
        .list({ namespace })
        .items.filter((pod) => matcher.matches(pod.metadata.labels) && isReady(pod) && !isGoing(pod) && !isOver(pod))
        .map(({ metadata }) => metadata.name);
      const shown = slices
        .filter(
          ({ metadata }) =>
            metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
        )
        .flatMap((slice) => slice.endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready)
        .map(({ targetRef }) => targetRef?.name ?? '');
      return wanted.sort().join() === shown.sort().join()
        ? []
        : [`Service ${keyOf(service)} has ${wanted.join()} and shows ${shown.join()}`];
    });
}

/** Nodes that are not ready or still tainted, and Pods on Nodes that are no more. */
function nodes(client: Client): string[] {
  const list = client.resource(NodeKind).list().items;
  const names = new Set(list.map(({ metadata }) => metadata.name));
  return [
    ...list
      .filter(
        ({ spec, status }) =>
          spec.taints?.length || !status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
      )
      .map(({ metadata, spec }) => `Node ${metadata.name} is not well: ${JSON.stringify(spec.taints ?? [])}`),
    ...client
      .resource(PodKind)
      .list()
      .items.filter(({ spec }) => spec.nodeName && !names.has(spec.nodeName))
      .map((pod) => `Pod ${keyOf(pod)} is on no node`),
  ];
}
