import { keyOf } from '../api/meta.ts';
import { matcherOfSet } from '../api/selector.ts';
import type { Pod, Service } from '../api/types.ts';
import type { SharedInformer } from '../client/index.ts';
import { equal } from '../api/draft.ts';
import { isPodFinished, isPodReady } from './pods.ts';

export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * How long one sync of a Service's endpoints takes up a worker. kube-controller-manager sends 20 requests a second;
 * Pods that become ready meanwhile share the next write.
 */
export const ENDPOINTS_BUSY_MS = 50;

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIP === 'None';

/** Whether a Pod can stand behind a Service at all: it has an address and has not ended. */
export const hasEndpoint = (pod: Pod): boolean => podAddresses(pod).length > 0 && !isPodFinished(pod);

export function podAddresses({ status }: Pod): readonly string[] {
  if (status?.podIPs?.length) return status.podIPs.map(({ ip }) => ip ?? '');
  return status?.podIP ? [status.podIP] : [];
}

/** The hostname under which a Pod is known beside a headless Service of its subdomain. */
export const endpointHostname = ({ spec }: Pod, { metadata }: Service): string | undefined =>
  spec.hostname && spec.subdomain === metadata.name ? spec.hostname : undefined;

/** The port of a Pod that a Service's port means; undefined where the Pod has no port of that name. */
export function targetPort(pod: Pod, port: NonNullable<Service['spec']['ports']>[number]): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === 'number') return target;
  const containers = [
    ...(pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always'),
    ...pod.spec.containers,
  ];
  for (const { ports } of containers) {
    for (const { name, protocol, containerPort } of ports ?? []) {
      if (name === target && (protocol ?? 'TCP') === (port.protocol ?? 'TCP')) return containerPort;
    }
  }
  return undefined;
}

/** Keys of the Services that select a Pod, as it is or as it was. */
export function servicesOf(services: SharedInformer<Service>, ...pods: readonly Pod[]): Set<string> {
  const keys = new Set<string>();
  for (const { metadata } of pods) {
    if (!metadata.labels) continue;
    for (const service of services.list(metadata.namespace)) {
      if (matcherOfSet(service.spec.selector).matches(metadata.labels)) keys.add(keyOf(service));
    }
  }
  return keys;
}

/** Whether a change of a Pod shows in the endpoints of the Services that select it. */
export function endpointChanged(pod: Pod, old: Pod): boolean {
  return (
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    isPodReady(pod) !== isPodReady(old) ||
    isPodFinished(pod) !== isPodFinished(old) ||
    pod.spec.nodeName !== old.spec.nodeName ||
    !equal(podAddresses(pod), podAddresses(old)) ||
    pod.spec.hostname !== old.spec.hostname ||
    pod.spec.subdomain !== old.spec.subdomain
  );
}

export const labelsChanged = (pod: Pod, old: Pod): boolean => !equal(pod.metadata.labels, old.metadata.labels);
