/** How much of each quota resource an object uses (k8s.io/kubernetes/pkg/quota/v1/evaluator/core). */
import { podTotals } from '../core/pod-totals.ts';
import { groupResource, type Kind } from '../kind.ts';
import { parseTime } from '../meta.ts';
import type { UntypedObject } from '../object.ts';
import { parseQuantity, quantityOfInt, type Quantity } from '../quantity.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../types.ts';

export type Usage = Readonly<Record<string, Quantity>>;
type KindName = Pick<Kind, 'group' | 'resource'>;

/** Core resources that quotas count under their plain name too. */
const PLAIN: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
]);

const NODE_PORTS = 'services.nodeports';
const LOAD_BALANCERS = 'services.loadbalancers';
const STORAGE_CLASS = '.storageclass.storage.k8s.io/';
const CLAIM_CLASS = 'volume.beta.kubernetes.io/storage-class';
/** Resources of containers that quotas know by their own name for requests. */
const BARE: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

const ONE = quantityOfInt(1);

/** `count/deployments.apps`, `count/pods` */
const countName = (kind: KindName): string => `count/${groupResource(kind)}`;

const isComputeName = (name: string): boolean =>
  BARE.has(name) || name.startsWith('requests.') || name.startsWith('limits.') || name.startsWith('hugepages-');

const isStorageName = (name: string): boolean => name === 'requests.storage' || name.includes(STORAGE_CLASS);

/** Whether a quota on a resource name is one on objects of a kind. */
export function concerns(kind: KindName, name: string): boolean {
  if (name === countName(kind)) return true;
  if (kind.group !== '') return false;
  if (PLAIN.has(kind.resource) && name === kind.resource) return true;
  switch (kind.resource) {
    case 'pods':
      return isComputeName(name) && !isStorageName(name);
    case 'services':
      return name === NODE_PORTS || name === LOAD_BALANCERS;
    case 'persistentvolumeclaims':
      return isStorageName(name);
    default:
      return false;
  }
}

/** Pods that have ended, or should have by now, use nothing but a place in the store. */
function isGone({ metadata, status }: Pod, now: number): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined
    ? now > parseTime(deletionTimestamp)
    : false;
}

function podUsage(pod: Pod, now: number): Record<string, Quantity> {
  if (isGone(pod, now)) return {};
  const usage: Record<string, Quantity> = { pods: ONE };
  const requests = podTotals(pod, 'requests');
  for (const name in requests) {
    if (BARE.has(name) || name.startsWith('hugepages-')) usage[name] = requests[name]!;
    usage[`requests.${name}`] = requests[name]!;
  }
  const limits = podTotals(pod, 'limits');
  for (const name in limits) if (BARE.has(name)) usage[`limits.${name}`] = limits[name]!;
  return usage;
}

function serviceUsage({ spec }: Service): Record<string, Quantity> {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec;
  const balanced = type === 'LoadBalancer';
  const nodePorts =
    type === 'NodePort' || (balanced && allocateLoadBalancerNodePorts !== false)
      ? ports.length
      : balanced
        ? ports.filter(({ nodePort }) => nodePort).length
        : 0;
  return {
    services: ONE,
    [NODE_PORTS]: quantityOfInt(nodePorts),
    [LOAD_BALANCERS]: quantityOfInt(balanced ? 1 : 0),
  };
}

function claimUsage({ metadata, spec, status }: PersistentVolumeClaim): Record<string, Quantity> {
  const usage: Record<string, Quantity> = { persistentvolumeclaims: ONE };
  const className = metadata.annotations?.[CLAIM_CLASS] ?? spec?.storageClassName;
  if (className) usage[`${className}${STORAGE_CLASS}persistentvolumeclaims`] = ONE;
  const asked = spec?.resources?.requests?.['storage'];
  if (asked === undefined) return usage;
  let storage = parseQuantity(asked);
  const allocated = (status as { allocatedResources?: Record<string, string | number> } | undefined)
    ?.allocatedResources?.['storage'];
  if (allocated !== undefined && parseQuantity(allocated).compare(storage) > 0) storage = parseQuantity(allocated);
  usage['requests.storage'] = storage;
  if (className) usage[`${className}${STORAGE_CLASS}requests.storage`] = storage;
  return usage;
}

/** What an object uses. `now` is virtual milliseconds: Pods past their time use nothing. */
export function usageOf(kind: KindName, object: UntypedObject, now: number): Usage {
  const count = { [countName(kind)]: ONE };
  if (kind.group !== '') return count;
  switch (kind.resource) {
    case 'pods':
      return { ...count, ...podUsage(object as unknown as Pod, now) };
    case 'services':
      return { ...count, ...serviceUsage(object as unknown as Service) };
    case 'persistentvolumeclaims':
      return { ...count, ...claimUsage(object as unknown as PersistentVolumeClaim) };
    default:
      return PLAIN.has(kind.resource) ? { ...count, [kind.resource]: ONE } : count;
  }
}
