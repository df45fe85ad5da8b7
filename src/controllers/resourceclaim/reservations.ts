import { CLAIM_FINALIZER } from '../../api/resource/pod-claims.ts';
import { ResourceClaimKind } from '../../api/resource/resource-claim.ts';
import type { Pod, ResourceClaim } from '../../api/types.ts';
import type { Client, SharedInformer } from '../../client/index.ts';
import { isPodFinished } from '../pods.ts';

/** The Pod will never use its devices again: it has ended, or goes without ever having had a node. */
export const isPodDone = (pod: Pod): boolean =>
  isPodFinished(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec.nodeName);

const withoutFinalizer = (claim: ResourceClaim): ResourceClaim => ({
  ...claim,
  metadata: {
    ...claim.metadata,
    finalizers: (claim.metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLAIM_FINALIZER),
  },
});

function withoutAllocation(claim: ResourceClaim): ResourceClaim {
  const { allocation: _, reservedFor: __, ...status } = claim.status ?? {};
  return { ...claim, status };
}

/**
 * Strikes from a claim the Pods that are done; a claim that nobody uses any more gives its devices back. Returns
 * the claim as it is then.
 */
export function settleReservations(claim: ResourceClaim, pods: SharedInformer<Pod>, client: Client): ResourceClaim {
  const claims = client.resource(ResourceClaimKind);
  const { namespace, finalizers = [], deletionTimestamp } = claim.metadata;
  const { reservedFor = [], allocation } = claim.status ?? {};
  const left = reservedFor.filter(({ resource, apiGroup, name, uid }) => {
    if (resource !== 'pods' || apiGroup) return true;
    const pod = pods.get(namespace, name);
    return pod?.metadata.uid === uid && !isPodDone(pod!);
  });
  const isAllocatedHere = finalizers.includes(CLAIM_FINALIZER);
  if (left.length < reservedFor.length) {
    if (left.length > 0) return claims.updateStatus({ ...claim, status: { ...claim.status, reservedFor: left } });
    const { reservedFor: _, ...status } = claim.status ?? {};
    const freed = claims.updateStatus(isAllocatedHere ? withoutAllocation(claim) : { ...claim, status });
    return isAllocatedHere ? claims.update(withoutFinalizer(freed)) : freed;
  }
  if (!isAllocatedHere || !deletionTimestamp || left.length > 0) return claim;
  const freed = allocation ? claims.updateStatus(withoutAllocation(claim)) : claim;
  return claims.update(withoutFinalizer(freed));
}
