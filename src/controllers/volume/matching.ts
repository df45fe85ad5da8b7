import { intValue } from '../../api/quantity.ts';
import { matcherOf } from '../../api/selector.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.ts';

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

/** The storage class by name, empty when there is none. */
export const classOf = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string =>
  metadata.annotations?.[BETA_CLASS] ?? spec?.storageClassName ?? '';

const attributesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string =>
  spec?.volumeAttributesClassName ?? '';

/** Whether a claim says of what class it is to be, and be it of none. */
export const namesClass = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  metadata.annotations?.[BETA_CLASS] !== undefined || spec?.storageClassName !== undefined;

/** Whether the volume names this very claim, or one that is called so. */
export function isBoundTo({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec ?? {};
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

const capacityOf = ({ spec }: PersistentVolume): number => intValue(spec?.capacity?.['storage']);

const modesOf = ({ spec }: PersistentVolume): readonly string[] => spec?.accessModes ?? [];

function satisfies(volume: PersistentVolume, { spec }: PersistentVolumeClaim): boolean {
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (spec?.volumeMode ?? 'Filesystem')) return false;
  if (capacityOf(volume) < intValue(spec?.resources?.requests?.['storage'])) return false;
  return (spec?.accessModes ?? []).every((mode) => modesOf(volume).includes(mode));
}

/** Why a volume that a claim asks for by name is not for it, undefined when it is. */
export function mismatchOf(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp) return `the volume is marked for deletion "${volume.metadata.name}"`;
  if (capacityOf(volume) < intValue(claim.spec?.resources?.requests?.['storage'])) {
    return 'requested PV is too small';
  }
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if (attributesOf(volume) !== attributesOf(claim)) return 'volumeAttributesClassName does not match';
  if ((volume.spec?.volumeMode ?? 'Filesystem') !== (claim.spec?.volumeMode ?? 'Filesystem')) {
    return 'incompatible volumeMode';
  }
  const fits = (claim.spec?.accessModes ?? []).every((mode) => modesOf(volume).includes(mode));
  return fits ? undefined : 'incompatible accessMode';
}

/** Whether a Pod mounts a claim, or is to have it made for it. */
export const usesClaim = ({ metadata, spec }: Pod, claim: string): boolean =>
  spec.volumes?.some(
    ({ name, persistentVolumeClaim, ephemeral }) =>
      persistentVolumeClaim?.claimName === claim || (ephemeral !== undefined && `${metadata.name}-${name}` === claim),
  ) ?? false;

/**
 * The volume that a claim gets: one that is reserved for it, or else among those that fit the one with the fewest
 * access modes, and among these the smallest. Claims that wait for their first consumer get reserved volumes only.
 */
export function findVolume(
  claim: PersistentVolumeClaim,
  volumes: readonly PersistentVolume[],
  waits: boolean,
): PersistentVolume | undefined {
  const fitting = volumes
    .filter((volume) => !volume.metadata.deletionTimestamp && satisfies(volume, claim))
    .sort(
      (a, b) =>
        modesOf(a).length - modesOf(b).length ||
        capacityOf(a) - capacityOf(b) ||
        a.metadata.name.localeCompare(b.metadata.name),
    );
  const reserved = fitting.find((volume) => isBoundTo(volume, claim));
  if (reserved || waits) return reserved;
  const matcher = claim.spec?.selector ? matcherOf(claim.spec.selector) : undefined;
  return fitting.find(
    (volume) =>
      !volume.spec?.claimRef &&
      volume.status?.phase === 'Available' &&
      classOf(volume) === classOf(claim) &&
      attributesOf(volume) === attributesOf(claim) &&
      (!matcher || matcher.matches(volume.metadata.labels)),
  );
}
