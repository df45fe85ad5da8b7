import { controllerOf } from '../../../api/meta.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types.ts';
import type { ClusterEvent } from '../../framework/cluster-event.ts';
import type { PodInfo } from '../../cache/pod-info.ts';

/** A claim that a Pod names as a volume, or that is made for one of its ephemeral volumes. */
export interface PodClaim {
  readonly name: string;
  readonly ephemeral: boolean;
}

const NONE: readonly PodClaim[] = [];

export function claimsOf({ metadata, spec }: Pod): readonly PodClaim[] {
  if (!spec.volumes?.length) return NONE;
  const claims: PodClaim[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes) {
    if (persistentVolumeClaim) claims.push({ name: persistentVolumeClaim.claimName, ephemeral: false });
    else if (ephemeral) claims.push({ name: `${metadata.name}-${name}`, ephemeral: true });
  }
  return claims;
}

/** The class that a claim asks for; '' for none. */
export const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';

/** Whether the controller has bound the claim to a volume. */
export const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec?.volumeName) && metadata.annotations?.['pv.kubernetes.io/bind-completed'] !== undefined;

/** Why a Pod cannot use a claim that was made for an ephemeral volume; undefined when it is its own. */
export function foreignClaim(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  if (controllerOf(claim)?.uid === pod.metadata.uid) return undefined;
  const { namespace, name } = claim.metadata;
  return `PVC ${namespace}/${name} was not created for pod ${pod.metadata.namespace}/${pod.metadata.name} (pod is not owner)`;
}

/** Whether an event tells of a claim of the Pod. */
export function isOwnClaim({ pod }: PodInfo, event: ClusterEvent): boolean {
  const { namespace, name } = ((event.new ?? event.old) as PersistentVolumeClaim).metadata;
  return namespace === pod.metadata.namespace && claimsOf(pod).some((claim) => claim.name === name);
}
