import type { Container, PodSpec } from '../types.ts';

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

/** Every container of a Pod with its path, in the order in which Kubernetes visits them. */
export function containersOf(
  spec: PodSpec,
  path = 'spec',
): readonly { readonly container: Container; readonly path: string }[] {
  return LISTS.flatMap((list) =>
    ((spec[list] ?? []) as readonly Container[]).map((container, i) => ({ container, path: `${path}.${list}[${i}]` })),
  );
}
