import { PodKind } from '../../api/core/pod.ts';
import { StatefulSetKind } from '../../api/apps/stateful-set.ts';
import { ownerReference } from '../../api/meta.ts';
import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../api/types.ts';
import { equal } from '../../api/draft.ts';
import { ordinalOf, wantsOrdinal } from './identity.ts';

/**
 * The claim with the owners that spec.persistentVolumeClaimRetentionPolicy gives it, undefined when it has them. What
 * goes with the set is owned by the set; what goes with a Pod that is scaled away is owned by that Pod, but only
 * while it is condemned.
 */
export function retained(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): PersistentVolumeClaim | undefined {
  const { whenDeleted, whenScaled } = set.spec.persistentVolumeClaimRetentionPolicy ?? {};
  const condemned = !wantsOrdinal(set, ordinalOf(set, pod) ?? -1);
  const podOwns = whenScaled === 'Delete' && condemned;
  const setOwns = whenDeleted === 'Delete' && !podOwns;
  const before = claim.metadata.ownerReferences ?? [];
  // Of somebody else: hands off.
  if (before.some(({ controller, kind }) => controller && kind !== 'StatefulSet' && kind !== 'Pod')) return undefined;
  const others = before.filter(
    ({ uid, kind }) => uid !== set.metadata.uid && (kind !== 'Pod' || uid !== pod.metadata.uid),
  );
  const ownerReferences = [
    ...others,
    ...(setOwns ? [ownerReference(set, StatefulSetKind)] : []),
    ...(podOwns ? [ownerReference(pod, PodKind)] : []),
  ];
  if (equal(before.map(({ uid }) => uid).sort(), ownerReferences.map(({ uid }) => uid).sort())) return undefined;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences } };
}
