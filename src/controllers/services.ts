import { keyOf } from '../api/meta.ts';
import { matcherOfSet } from '../api/selector.ts';
import type { Pod, Service } from '../api/types.ts';
import { ExponentialLimiter, type SharedInformer } from '../client/index.ts';
import type { ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { equal } from '../api/draft.ts';
import { isPodFinished, isPodReady } from './pods.ts';
import { remembering } from './selection-memo.ts';

export const HEADLESS_LABEL = 'service.kubernetes.io/headless';
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';

/**
 * How long one sync of a Service's endpoints takes up a worker. kube-controller-manager sends 20 requests a second;
 * Pods that become ready meanwhile share the next write.
 */
const ENDPOINTS_BUSY_MS = 50;
/** How long a change waits before: a Pod that was made with its Service has been seen by its kubelet by then. */
const ENDPOINTS_LATENCY_MS = 4;

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

const NONE: readonly string[] = [];

/** Keys of the Services that select a Pod. */
function servicesOf(services: SharedInformer<Service>, { metadata }: Pod): readonly string[] {
  const { labels, namespace } = metadata;
  if (!labels) return NONE;
  let keys: string[] | undefined;
  for (const service of services.list(namespace))
    if (matcherOfSet(service.spec.selector).matches(labels)) (keys ??= []).push(keyOf(service));
  return keys ?? NONE;
}

/** Whether a change of a Pod shows in the endpoints of the Services that select it. */
function endpointChanged(pod: Pod, old: Pod): boolean {
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

const labelsChanged = (pod: Pod, old: Pod): boolean => !equal(pod.metadata.labels, old.metadata.labels);

/** Queues a Service when it changes, and when a change of a Pod may show in its endpoints. */
export function onServicesAndPods(
  loop: ControlLoop,
  services: SharedInformer<Service>,
  pods: SharedInformer<Pod>,
): void {
  const enqueue = (service: Service): void => loop.queue.add(keyOf(service));
  const enqueueAll = (pod: Pod): void => {
    for (const key of servicesOf(services, pod)) loop.queue.add(key);
  };
  loop.on(services, { add: enqueue, update: enqueue, delete: enqueue });
  loop.on(pods, {
    add: (pod) => enqueueAll(pod),
    update: (pod, old) => {
      const relabelled = labelsChanged(pod, old);
      if (relabelled || endpointChanged(pod, old)) enqueueAll(pod);
      if (relabelled) enqueueAll(old);
    },
    delete: (pod) => enqueueAll(pod),
  });
}

/** The Pods that a Service selects. */
export function selectedPods(service: Service, pods: SharedInformer<Pod>): Pod[] {
  const selects = remembering(matcherOfSet(service.spec.selector));
  return pods.list(service.metadata.namespace).filter((pod) => selects(pod.metadata.labels));
}

/** How the controllers of endpoints take a Service that fails: delays between attempts, and how many there are. */
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 1_000_000;
const MAX_RETRIES = 15;

/** A loop over Services, or over Endpoints that stand for them. */
export const endpointsLoop = (
  context: ControllerContext,
  name: string,
  reconcile: (key: string) => void,
  source = name,
): ControlLoop =>
  new ControlLoop({
    context,
    name,
    source,
    reconcile,
    latencyMs: ENDPOINTS_LATENCY_MS,
    busyMs: () => ENDPOINTS_BUSY_MS,
    maxRetries: MAX_RETRIES,
    limiter: new ExponentialLimiter(RETRY_FIRST_MS, RETRY_LAST_MS),
  });
