import type { Container, Pod } from '../../../api/types.ts';

export type PodMetadata = Partial<Pod['metadata']>;
export type PodSpec = Pod['spec'];
export type SecurityContext = NonNullable<Container['securityContext']> & NonNullable<PodSpec['securityContext']>;

/** Why a Pod does not keep a standard: in general, and who does what. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** One rule of a standard, as of the version 1.`minor`; undefined when a Pod keeps it. */
export type Check = (spec: PodSpec, metadata: PodMetadata, minor: number) => Violation | undefined;

/** All containers of a Pod, in the order in which violations name them. */
export const containersOf = (spec: PodSpec): readonly Container[] => [
  ...(spec.initContainers ?? []),
  ...(spec.containers ?? []),
  ...((spec.ephemeralContainers ?? []) as unknown as readonly Container[]),
];

export const contextOf = (of: { readonly securityContext?: unknown }): Partial<SecurityContext> =>
  (of.securityContext ?? {}) as Partial<SecurityContext>;

export const quoteAll = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');

export const plural = (word: string, list: { readonly length: number }): string =>
  list.length === 1 ? word : `${word}s`;

/** `container "a"`, `containers "a", "b"` */
export const named = (containers: readonly Container[]): string =>
  `${plural('container', containers)} ${quoteAll(containers.map(({ name }) => name))}`;

/** Values once each, in their order. */
export const sortedSet = (values: Iterable<string>): string[] => [...new Set(values)].sort();

/** `pod and containers "a", "b"`: who sets something that is not allowed; undefined when nobody does. */
export function setters(spec: PodSpec, isBad: (context: Partial<SecurityContext>) => boolean): string | undefined {
  const bad = containersOf(spec).filter((container) => isBad(contextOf(container)));
  const who = [...(isBad(contextOf(spec)) ? ['pod'] : []), ...(bad.length > 0 ? [named(bad)] : [])];
  return who.length > 0 ? who.join(' and ') : undefined;
}

/** A violation by containers: `containers "a", "b" must not …` */
export function byContainers(
  spec: PodSpec,
  reason: string,
  isBad: (container: Container) => boolean,
  detail: (bad: readonly Container[]) => string,
): Violation | undefined {
  const bad = containersOf(spec).filter(isBad);
  return bad.length > 0 ? { reason, detail: `${named(bad)} ${detail(bad)}` } : undefined;
}

/** A Pod with users of its own (hostUsers: false): root in it is nobody outside, which counts since 1.35. */
export const hasOwnUsers = (spec: PodSpec, minor: number): boolean =>
  minor >= 35 && (spec as { hostUsers?: boolean }).hostUsers === false;

/** A Pod on Windows, of which nothing is asked since 1.25 that is of Linux only. */
export const isWindows = ({ os }: PodSpec, minor: number): boolean => minor >= 25 && os?.name === 'windows';
