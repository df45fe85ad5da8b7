import { formatTime } from '../api/meta.ts';
import { CLAIM_FINALIZER } from '../api/resource/pod-claims.ts';
import { ResourceClaimKind } from '../api/resource/resource-claim.ts';
import { hasReason } from '../api/status.ts';
import type { Pod, ResourceClaim } from '../api/types.ts';
import type { Client } from '../client/index.ts';
import type { Allocation } from './devices/allocation.ts';

/** What is written into ResourceClaims on behalf of Pods; all throw ApiError. */
export interface ClaimWrites {
  /** Reserves a claim for a Pod, and gives it its devices where it has none yet. Returns it as it is then. */
  readonly reserve: (claim: ResourceClaim, pod: Pod, allocation: Allocation | undefined) => ResourceClaim;
  /** Takes the reservation back. */
  readonly release: (claim: ResourceClaim, pod: Pod) => void;
  /** Takes the devices back. */
  readonly deallocate: (claim: ResourceClaim) => void;
}

const ATTEMPTS = 5;

export function claimWrites(client: Client, now: () => number): ClaimWrites {
  const claims = client.resource(ResourceClaimKind);

  const attempt = (claim: ResourceClaim, pod: Pod, allocation: Allocation | undefined): ResourceClaim => {
    let current = claim;
    if (allocation && !current.metadata.finalizers?.includes(CLAIM_FINALIZER)) {
      const finalizers = [...(current.metadata.finalizers ?? []), CLAIM_FINALIZER];
      current = claims.update({ ...current, metadata: { ...current.metadata, finalizers } });
    }
    const { name, uid = '' } = pod.metadata;
    const reservedFor = [...(current.status?.reservedFor ?? []), { resource: 'pods', name, uid }];
    const given = allocation ? { allocation: { ...allocation, allocationTimestamp: formatTime(now()) } } : {};
    return claims.updateStatus({ ...current, status: { ...current.status, ...given, reservedFor } });
  };

  return {
    reserve(claim, pod, allocation) {
      let current = claim;
      for (let i = 1; ; i++) {
        try {
          return attempt(current, pod, allocation);
        } catch (error) {
          if (i === ATTEMPTS || !hasReason(error, 'Conflict')) throw error;
          // Somebody else has written it: what is to be added holds for the new version as well.
          current = claims.get(claim.metadata.name, claim.metadata.namespace);
        }
      }
    },
    release({ metadata }, pod) {
      const reservedFor = [{ $patch: 'delete', uid: pod.metadata.uid }];
      const patch = { metadata: { uid: metadata.uid }, status: { reservedFor } };
      claims.patch(metadata.name, metadata.namespace, 'strategic', patch, { subresource: 'status' });
    },
    deallocate(claim) {
      const { allocation: _, reservedFor: __, ...status } = claim.status ?? {};
      claims.updateStatus({ ...claim, status });
    },
  };
}
