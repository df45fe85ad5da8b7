/** How volumes and claims show what they have in common. */
import type { ObjectMeta } from '../object.ts';

/** Where the storage class was named before there was a field for it. */
export const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class';

export const storageClassOf = (of: { metadata: ObjectMeta; spec: { storageClassName?: string } }): string =>
  of.metadata.annotations?.[BETA_CLASS] ?? of.spec.storageClassName ?? '';

const SHORT = [
  ['ReadWriteOnce', 'RWO'],
  ['ReadOnlyMany', 'ROX'],
  ['ReadWriteMany', 'RWX'],
  ['ReadWriteOncePod', 'RWOP'],
] as const;

/** `RWO,ROX`, always in this order. */
export const accessModesText = (modes: readonly string[] = []): string =>
  SHORT.filter(([mode]) => modes.includes(mode))
    .map(([, short]) => short)
    .join(',');
