import { NamespaceKind } from '../api/core/namespace.ts';
import { PodKind } from '../api/core/pod.ts';
import type { Kind } from '../api/kind.ts';
import { parseTime } from '../api/meta.ts';
import { hasReason } from '../api/status.ts';
import type { Namespace, Pod } from '../api/types.ts';
import { ExponentialLimiter } from '../client/index.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { equal } from '../api/draft.ts';
import { terminatingConditions } from './namespace-conditions.ts';
import { errorText } from './pod-control.ts';
import { isPodFinished } from './pods.ts';

/** The finalizer in a namespace's spec that this controller takes off when the namespace is empty. */
const FINALIZER = 'kubernetes';

/** Waits for API servers to stop letting new objects in. */
const GRACE_MS = 5_000;

/** How long finalizers are given before the controller looks again. */
const FINALIZER_ESTIMATE_SECONDS = 15;

interface Remains {
  readonly remaining: Map<string, number>;
  readonly finalizers: Map<string, number>;
  readonly errors: string[];
  /** Seconds until what is left should be gone; 0 when nothing is. */
  estimateSeconds: number;
}

/**
 * Empties namespaces that are being deleted, Pods first, and lets them go. What is left, and which finalizers hold it,
 * it writes into the namespace's conditions; it looks again after half the time that the rest should take.
 */
export function startNamespaceController(context: ControllerContext): Controller {
  const { kernel } = context;
  const namespaces = context.informers.for(NamespaceKind);
  const loop = new ControlLoop({
    context,
    name: 'namespace-controller',
    limiter: new ExponentialLimiter(5, 60_000),
    reconcile: (name) => {
      const client = loop.client.resource(NamespaceKind);
      let namespace = getOrUndefined(() => client.get(name));
      if (!namespace?.metadata.deletionTimestamp) return;
      if (namespace.status?.phase !== 'Terminating') {
        namespace = client.updateStatus({ ...namespace, status: { ...namespace.status, phase: 'Terminating' } });
      }
      if (!namespace.spec.finalizers?.length) return;
      const remains = deleteContent(namespace);
      const conditions = terminatingConditions(namespace.status?.conditions ?? [], remains, kernel.now);
      if (!equal(namespace.status?.conditions, conditions)) {
        namespace = client.updateStatus({ ...namespace, status: { ...namespace.status, conditions } });
      }
      if (remains.errors.length > 0) throw new Error(remains.errors.join(', '));
      if (remains.estimateSeconds > 0) {
        loop.queue.addAfter(name, (Math.floor(remains.estimateSeconds / 2) + 1) * 1000);
        return;
      }
      const finalizers = namespace.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
      client.subresource(name, undefined, 'finalize', 'update', {
        ...namespace,
        spec: finalizers.length > 0 ? { finalizers } : {},
      });
    },
  });

  function deleteContent(namespace: Namespace): Remains {
    const remains: Remains = { remaining: new Map(), finalizers: new Map(), errors: [], estimateSeconds: 0 };
    const namespaced = context.kinds.filter(({ namespaced: own, verbs }) => own && (verbs?.includes('delete') ?? true));
    const pods = namespaced.filter(isPodKind);
    for (const kind of pods) deleteKind(kind, namespace, remains);
    if (remains.remaining.size > 0 || remains.errors.length > 0) return remains;
    // Events are served by two groups; one deletes them for both.
    const others = namespaced.filter((kind) => !isPodKind(kind) && kind.group !== 'events.k8s.io');
    for (const kind of others) deleteKind(kind, namespace, remains);
    return remains;
  }

  function deleteKind(kind: Kind, { metadata }: Namespace, remains: Remains): void {
    const client = loop.client.resource(kind);
    const namespace = metadata.name;
    try {
      const before = client.list({ namespace }).items;
      if (before.length === 0) return;
      const estimate = isPodKind(kind) ? graceSeconds(before as unknown as Pod[], metadata.deletionTimestamp!) : 0;
      client.deleteCollection({ namespace }, { propagationPolicy: 'Background' });
      const { items } = client.list({ namespace });
      if (items.length === 0) return;
      remains.remaining.set(`${kind.resource}.${kind.group}`, items.length);
      let held = false;
      for (const item of items) {
        for (const finalizer of item.metadata.finalizers ?? []) {
          held = true;
          remains.finalizers.set(finalizer, (remains.finalizers.get(finalizer) ?? 0) + 1);
        }
      }
      if (estimate === 0 && !held) {
        const what = `${kind.group}/${kind.version}, Resource=${kind.resource}`;
        remains.errors.push(`unexpected items still remain in namespace: ${namespace} for gvr: ${what}`);
      }
      remains.estimateSeconds = Math.max(remains.estimateSeconds, estimate || FINALIZER_ESTIMATE_SECONDS);
    } catch (error) {
      remains.errors.push(errorText(error));
    }
  }

  /** The longest that a running Pod may take to end, as long as the deletion has not lasted that long already. */
  function graceSeconds(pods: readonly Pod[], deletedAt: string): number {
    const longest = pods
      .filter((pod) => !isPodFinished(pod))
      .reduce((most, { spec }) => Math.max(most, spec.terminationGracePeriodSeconds ?? 0), 0);
    return kernel.now - parseTime(deletedAt) >= longest * 1000 ? 0 : longest;
  }

  const enqueue = ({ metadata }: Namespace): void => {
    if (metadata.deletionTimestamp) loop.queue.addAfter(metadata.name, GRACE_MS);
  };
  loop.on(namespaces, { add: enqueue, update: enqueue });
  return loop;
}

const isPodKind = ({ group, resource }: Kind): boolean => group === PodKind.group && resource === PodKind.resource;

function getOrUndefined<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
