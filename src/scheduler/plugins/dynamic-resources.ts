import { selects } from '../../api/core/node-selector.ts';
import { equal } from '../../api/draft.ts';
import { canBeReserved, claimReference, isForPod, isReservedFor } from '../../api/resource/pod-claims.ts';
import type { Pod, ResourceClaim } from '../../api/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { Allocation } from '../devices/allocation.ts';
import { allocate, requestedClasses, type DeviceSupply } from '../devices/allocator.ts';
import { SelectorError } from '../devices/device-selector.ts';
import { deviceId } from '../devices/pools.ts';
import type { ClusterEvent } from '../framework/cluster-event.ts';
import { stateKey } from '../framework/cycle.ts';
import type { Listers } from '../framework/listers.ts';
import { normalizeToBest } from '../framework/normalize.ts';
import type { Handle, Plugin, PostFilterResult } from '../framework/plugin.ts';
import { SKIP, status, type Status } from '../framework/status.ts';

const NAME = 'DynamicResources';
const unusable = (reason: string): Status => status('UnschedulableAndUnresolvable', NAME, reason);
const NO_CLAIMS = status('Unschedulable', NAME, 'no new claims to deallocate');
const NOT_PREPARED = status('Error', NAME, 'not found');
const IN_USE = unusable('resourceclaim in use');
const CANNOT_ALLOCATE = unusable('cannot allocate all claims');
const NOT_ON_NODE = unusable('resourceclaim not available on the node');
const DEALLOCATED = status('Unschedulable', NAME, 'deallocation of ResourceClaim completed');
const STILL_NOT = status('Unschedulable', NAME, 'still not schedulable');

interface State {
  /** In the order of spec.resourceClaims; replaced by what the API answers. */
  readonly claims: ResourceClaim[];
  /** Those of them that have no devices yet. */
  readonly toAllocate: readonly ResourceClaim[];
  readonly supply: DeviceSupply;
  /** What they would get, by node. */
  readonly byNode: Map<string, { readonly allocations: readonly Allocation[]; readonly preference: number }>;
  /** Allocated claims that cannot be used from some node. */
  readonly elsewhere: Set<ResourceClaim>;
}

const STATE = stateKey<State>();
const NOTHING: State = {
  claims: [],
  toAllocate: [],
  supply: { slices: [], deviceClass: () => undefined, isTaken: () => false },
  byNode: new Map(),
  elsewhere: new Set(),
};

/** The ResourceClaims of a Pod; or why they cannot be used. */
function claimsOf(pod: Pod, listers: Listers): ResourceClaim[] | string {
  const claims: ResourceClaim[] = [];
  const { namespace = '', name: podName } = pod.metadata;
  for (const each of pod.spec.resourceClaims ?? []) {
    const reference = claimReference(pod, each);
    if (!reference) return `pod "${namespace}/${podName}": resource claim "${each.name}" not created yet`;
    if (reference.name === undefined) continue;
    const claim = listers.resourceClaim(namespace, reference.name);
    if (!claim) return `could not find ResourceClaim "${namespace}/${reference.name}"`;
    if (claim.metadata.deletionTimestamp) return `resourceclaim "${reference.name}" is being deleted`;
    if (reference.owned && !isForPod(pod, claim)) {
      return `ResourceClaim ${namespace}/${reference.name} was not created for pod ${namespace}/${podName} (pod is not owner)`;
    }
    claims.push(claim);
  }
  return claims;
}

const devicesOf = ({ devices }: Allocation): string[] =>
  (devices?.results ?? []).flatMap(({ driver, pool, device, adminAccess }) =>
    adminAccess === true ? [] : deviceId(driver, pool, device),
  );

/**
 * Devices that Pods ask for through ResourceClaims (dynamic resource allocation): looks on each node for devices that
 * the claims' classes and selectors allow, and writes the choice into the claims before the Pod is bound. Partitions of
 * devices, shared capacity and extended resources backed by classes are not considered.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/dynamic-resource-allocation/
 */
export const dynamicResources = ({ listers, claims: writes }: Handle): Plugin => {
  /** Devices given to claims, by uid, while the API does not show it. */
  const pending = new Map<string, readonly string[]>();

  /** Forgets what the API shows by now, and tells which devices are taken. */
  const taken = (): ReadonlySet<string> => {
    const ids = new Set<string>();
    for (const { metadata, status: is } of listers.resourceClaims()) {
      if (!is?.allocation) continue;
      pending.delete(metadata.uid ?? '');
      for (const id of devicesOf(is.allocation)) ids.add(id);
    }
    for (const devices of pending.values()) for (const id of devices) ids.add(id);
    return ids;
  };

  const prepare = (pod: Pod, claims: ResourceClaim[]): State | Status => {
    const ids = taken();
    const toAllocate: ResourceClaim[] = [];
    for (const claim of claims) {
      if (claim.status?.allocation) {
        if (!canBeReserved(claim) && !isReservedFor(pod, claim)) return IN_USE;
        continue;
      }
      if (pending.has(claim.metadata.uid ?? '')) {
        const { namespace, name } = claim.metadata;
        return unusable(`resource claim ${namespace}/${name} is in the process of being allocated`);
      }
      for (const { name, className } of requestedClasses(claim)) {
        if (!listers.deviceClass(className)) {
          return unusable(`request ${name}: device class ${className} does not exist`);
        }
      }
      toAllocate.push(claim);
    }
    const supply = {
      slices: toAllocate.length > 0 ? listers.resourceSlices() : [],
      deviceClass: listers.deviceClass,
      isTaken: (id: string) => ids.has(id),
    };
    return { claims, toAllocate, supply, byNode: new Map(), elsewhere: new Set() };
  };

  const claimHelps = (pod: Pod, { old, new: now }: ClusterEvent): boolean => {
    const before = old as ResourceClaim | undefined;
    const claim = now as ResourceClaim;
    const own = claimsOf(pod, listers);
    if (typeof own === 'string') return false;
    if (before?.status?.allocation && !claim.status?.allocation) return true;
    if (!own.some(({ metadata }) => metadata.uid === claim.metadata.uid)) return false;
    return !before || !equal(before.status, claim.status);
  };

  return {
    name: NAME,
    filtersByNumbers: true,
    events: [
      { actions: ['NodeAdd', 'NodeLabel'] },
      { actions: ['ResourceClaim/Add', 'ResourceClaim/Update'], helps: ({ pod }, event) => claimHelps(pod, event) },
      {
        actions: ['PodGeneratedResourceClaim'],
        helps: ({ uid }, { new: now }) =>
          (now as Pod).metadata.uid === uid && typeof claimsOf(now as Pod, listers) !== 'string',
      },
      { actions: ['DeviceClass/Add', 'DeviceClass/Update', 'ResourceSlice/Add', 'ResourceSlice/Update'] },
    ],
    preEnqueue(pod) {
      if (!pod.spec.resourceClaims?.length) return undefined;
      const claims = claimsOf(pod, listers);
      return typeof claims === 'string' ? unusable(claims) : undefined;
    },
    preFilter(cycle) {
      cycle.write(STATE, NOTHING);
      const { pod } = cycle.pod;
      if (!pod.spec.resourceClaims?.length) return { status: SKIP };
      const claims = claimsOf(pod, listers);
      if (typeof claims === 'string') return { status: unusable(claims) };
      if (claims.length === 0) return { status: SKIP };
      const state = prepare(pod, claims);
      if ('code' in state) return { status: state };
      cycle.write(STATE, state);
      return undefined;
    },
    filter: (cycle, _pod, node) => filterNode(cycle.read(STATE)!, node),
    postFilter(cycle): PostFilterResult {
      const state = cycle.read(STATE);
      // A PreFilter before this one that rejects the Pod leaves nothing here to work with.
      if (!state) return { status: NOT_PREPARED };
      if (state.claims.length === 0) return { status: NO_CLAIMS };
      for (const claim of state.elsewhere) {
        const { reservedFor = [] } = claim.status ?? {};
        if (reservedFor.length > 1 || (reservedFor[0] && reservedFor[0].uid !== cycle.pod.uid)) continue;
        writes.deallocate(claim);
        return { status: DEALLOCATED };
      }
      return { status: STILL_NOT };
    },
    score(cycle, nodes, scores) {
      const { byNode } = cycle.read(STATE) ?? NOTHING;
      for (let i = 0; i < nodes.length; i++) scores[i] = byNode.get(nodes[i]!.name)?.preference ?? 0;
    },
    normalizeScore: (_cycle, scores, count) => normalizeToBest(scores, count, false),
    reserve(cycle, _pod, nodeName) {
      const { toAllocate, byNode } = cycle.read(STATE) ?? NOTHING;
      toAllocate.forEach(({ metadata }, i) => {
        pending.set(metadata.uid ?? '', devicesOf(byNode.get(nodeName)!.allocations[i]!));
      });
      return undefined;
    },
    unreserve(cycle, { pod }) {
      const { claims, toAllocate } = cycle.read(STATE) ?? NOTHING;
      for (const { metadata } of toAllocate) pending.delete(metadata.uid ?? '');
      for (const claim of claims) if (claim.status?.allocation && isReservedFor(pod, claim)) writes.release(claim, pod);
    },
    needsPreBind: (cycle) => (cycle.read(STATE) ?? NOTHING).claims.length > 0,
    preBind(cycle, { pod }, nodeName) {
      const { claims, toAllocate, byNode } = cycle.read(STATE) ?? NOTHING;
      claims.forEach((claim, i) => {
        if (isReservedFor(pod, claim)) return;
        const at = toAllocate.indexOf(claim);
        claims[i] = writes.reserve(claim, pod, at < 0 ? undefined : byNode.get(nodeName)!.allocations[at]!);
      });
      return undefined;
    },
  };
};

function filterNode({ claims, toAllocate, supply, byNode, elsewhere }: State, node: NodeInfo): Status | undefined {
  const unavailable = claims.filter(({ status: is }) => {
    const selector = is?.allocation?.nodeSelector;
    return selector !== undefined && !selects(selector, node);
  });
  if (toAllocate.length > 0) {
    try {
      const found = allocate(toAllocate, node, supply);
      if (!found) return CANNOT_ALLOCATE;
      if (unavailable.length === 0) byNode.set(node.name, found);
    } catch (error) {
      if (error instanceof SelectorError) return status('Error', NAME, error.message);
      throw error;
    }
  }
  for (const claim of unavailable) elsewhere.add(claim);
  return unavailable.length > 0 ? NOT_ON_NODE : undefined;
}
