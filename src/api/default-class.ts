import { parseTime } from './meta.ts';
import type { KubeObject } from './object.ts';

/** Annotations by which a StorageClass says that it is the default. */
export const DEFAULT_STORAGE_CLASS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
];

const ageOf = ({ metadata }: KubeObject): number => parseTime(metadata.creationTimestamp ?? '');

/** The newest of the classes that say they are the default; of equally old ones the first by name. */
export function defaultClass<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const [first] = classes
    .filter(({ metadata }) => annotations.some((annotation) => metadata.annotations?.[annotation] === 'true'))
    .sort((a, b) => ageOf(b) - ageOf(a) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return first;
}
