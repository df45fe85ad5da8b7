/** How Pods and ResourceClaims belong together (dynamic-resource-allocation/resourceclaim). */
import { controllerOf } from '../meta.ts';
import type { Pod, PodSpec, ResourceClaim } from '../types.ts';

export type PodResourceClaim = NonNullable<PodSpec['resourceClaims']>[number];

/** Keeps a claim from going while devices are allocated to it. */
export const CLAIM_FINALIZER = 'resource.kubernetes.io/delete-protection';
/** On claims made from a template: which of the Pod's claims it was made for. */
export const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';
/** Most consumers that a claim can have. */
export const MAX_RESERVED_FOR = 256;

/** The ResourceClaim behind a claim of a Pod. */
export interface ClaimReference {
  /** Absent where it turned out that none is needed. */
  readonly name?: string;
  /** Whether it was made for this Pod alone, from a template. */
  readonly owned: boolean;
}

/** Which ResourceClaim a claim of a Pod means; undefined while it is still to be made from its template. */
export function claimReference({ status }: Pod, claim: PodResourceClaim): ClaimReference | undefined {
  if (claim.resourceClaimName) return { name: claim.resourceClaimName, owned: false };
  const made = status?.resourceClaimStatuses?.find(({ name }) => name === claim.name);
  if (!made) return undefined;
  return { ...(made.resourceClaimName ? { name: made.resourceClaimName } : {}), owned: true };
}

/** Whether a claim was made for the Pod. */
export const isForPod = (pod: Pod, claim: ResourceClaim): boolean => controllerOf(claim)?.uid === pod.metadata.uid;

export const isReservedFor = ({ metadata }: Pod, { status }: ResourceClaim): boolean =>
  status?.reservedFor?.some(({ uid }) => uid === metadata.uid) ?? false;

export const canBeReserved = ({ status }: ResourceClaim): boolean =>
  (status?.reservedFor?.length ?? 0) < MAX_RESERVED_FOR;
