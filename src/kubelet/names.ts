import type { Container, Pod } from '../api/types.ts';

/** How the kubelet names a Pod in messages: `web_default(0a1b...)`. */
export const podTitle = (pod: Pod): string =>
  `${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid ?? ''})`;

/** A container of a Pod and which list of the spec it stands in. */
export interface ContainerRef {
  readonly container: Container;
  readonly list: 'containers' | 'initContainers' | 'ephemeralContainers';
}

/** An init container that keeps running beside the others. */
export const isSidecar = ({ container, list }: ContainerRef): boolean =>
  list === 'initContainers' && container.restartPolicy === 'Always';

/** `spec.containers{web}`. */
export const fieldPathOf = ({ container, list }: ContainerRef): string => `spec.${list}{${container.name}}`;

/** Every container of a Pod: init containers, containers, ephemeral containers, each in order. */
export function containersOf(pod: Pod): ContainerRef[] {
  const refs: ContainerRef[] = [];
  for (const container of pod.spec.initContainers ?? []) refs.push({ container, list: 'initContainers' });
  for (const container of pod.spec.containers) refs.push({ container, list: 'containers' });
  for (const container of pod.spec.ephemeralContainers ?? []) {
    refs.push({ container: container as Container, list: 'ephemeralContainers' });
  }
  return refs;
}
