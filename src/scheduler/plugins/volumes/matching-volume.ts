import { selects, type SelectableNode } from '../../../api/core/node-selector.ts';
import { intValue } from '../../../api/quantity.ts';
import { matcherOf } from '../../../api/selector.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../../api/types.ts';
import { classOf } from './pod-claims.ts';

type Resources = Readonly<Record<string, string | number>> | undefined;

export const requestedBytes = ({ spec }: PersistentVolumeClaim): number =>
  intValue((spec?.resources?.requests as Resources)?.['storage'] ?? 0);

const capacityBytes = ({ spec }: PersistentVolume): number => intValue((spec?.capacity as Resources)?.['storage'] ?? 0);

/** Whether a volume can be used from a node. */
export function reaches({ spec }: PersistentVolume, node: SelectableNode): boolean {
  const required = spec?.nodeAffinity?.required;
  return !required || selects(required, node);
}

/** Whether the volume is set aside for the claim, be it by name only. */
function isFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const ref = spec?.claimRef;
  if (ref?.name !== metadata.name || ref?.namespace !== metadata.namespace) return false;
  return !ref?.uid || ref.uid === metadata.uid;
}

const volumeClass = ({ metadata, spec }: PersistentVolume): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? '';

/**
 * The volume for a claim on a node: the one set aside for it, otherwise the smallest of those that are available
 * and large enough (component-helpers, FindMatchingVolume).
 */
export function matchingVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  node: SelectableNode,
  taken: (name: string) => boolean,
): PersistentVolume | undefined {
  const wanted = requestedBytes(claim);
  const selector = claim.spec?.selector ? matcherOf(claim.spec.selector) : undefined;
  const className = classOf(claim);
  let smallest: PersistentVolume | undefined;
  for (const volume of volumes) {
    const { metadata, spec, status } = volume;
    if (taken(metadata.name) || (spec?.claimRef && !isFor(volume, claim))) continue;
    if (volumeClass(volume) !== className || capacityBytes(volume) < wanted || metadata.deletionTimestamp) continue;
    if ((spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) continue;
    if (spec?.claimRef) return reaches(volume, node) ? volume : undefined;
    if (status?.phase !== 'Available' || (selector && !selector.matches(metadata.labels))) continue;
    if (!reaches(volume, node)) continue;
    if (!claim.spec?.accessModes?.every((mode) => spec?.accessModes?.includes(mode))) continue;
    if (!smallest || capacityBytes(volume) < capacityBytes(smallest)) smallest = volume;
  }
  return smallest;
}
