import { DeploymentKind } from '../api/apps/deployment.ts';
import { ReplicaSetKind } from '../api/apps/replica-set.ts';
import { StatefulSetKind } from '../api/apps/stateful-set.ts';
import { PodKind } from '../api/core/pod.ts';
import { ReplicationControllerKind } from '../api/core/replication-controller.ts';
import { controllerOf, formatTime, keyOf, parseTime } from '../api/meta.ts';
import { PodDisruptionBudgetKind } from '../api/policy/pod-disruption-budget.ts';
import type { OwnerReference } from '../api/object.ts';
import { matcherOf } from '../api/selector.ts';
import { hasReason } from '../api/status.ts';
import type { Pod, PodDisruptionBudget } from '../api/types.ts';
import { findCondition, replaceCondition } from './conditions.ts';
import type { Controller, ControllerContext } from './context.ts';
import { ControlLoop } from './control-loop.ts';
import { ScaleTargets } from './horizontal-pod-autoscaler/scale-targets.ts';
import { partOf } from './part-of.ts';
import { errorText, subjectOf } from './pod-control.ts';
import { isPodReady } from './pods.ts';
import { selectorText } from './selector-text.ts';
import { updateStatus } from './update-status.ts';

const NAME = 'disruption-controller';

/** An eviction that was allowed and not seen within this time did not happen. */
const EVICTION_TIMEOUT_MS = 2 * 60_000;

type Status = NonNullable<PodDisruptionBudget['status']>;

/** What is said of Pods that no workload owns, where the budget is a part of a number that only workloads know. */
const unmanagedText = (selector: PodDisruptionBudget['spec']['selector']): string =>
  `Pods selected by this PodDisruptionBudget (selector: ${selectorText(selector)}) were found to be unmanaged. ` +
  'As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. ' +
  'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.';

/**
 * Says how many Pods of each PodDisruptionBudget may be evicted now: as many as are healthy beyond the wanted number.
 * The eviction API takes from that number; this controller corrects it when the Pods are gone.
 */
export function startDisruptionController(context: ControllerContext): Controller {
  const { kernel, informers } = context;
  const pods = informers.for(PodKind);
  const budgets = informers.for(PodDisruptionBudgetKind);
  const replicaSets = informers.for(ReplicaSetKind);
  const scales = {
    Deployment: informers.for(DeploymentKind),
    StatefulSet: informers.for(StatefulSetKind),
    ReplicationController: informers.for(ReplicationControllerKind),
  };
  const loop = new ControlLoop({
    context,
    name: NAME,
    reconcile: (key) => {
      const budget = budgets.getByKey(key);
      if (budget) reconcile(budget);
    },
  });

  const targets = new ScaleTargets(loop.client, context);

  /** The workload that says how many Pods there should be, by uid, with its replicas. */
  function scaleOf(pod: Pod, owner: OwnerReference): readonly [uid: string, replicas: number] {
    const { namespace } = pod.metadata;
    const set = owner.kind === 'ReplicaSet' ? replicaSets.get(namespace, owner.name) : undefined;
    const above = set && controllerOf(set);
    if (set && above?.kind !== 'Deployment') return [owner.uid, set.spec.replicas ?? 1];
    const reference = above ?? owner;
    const { kind, name, uid } = reference;
    const workload = scales[kind as keyof typeof scales]?.get(namespace, name);
    const scale = workload
      ? { uid: workload.metadata.uid, replicas: workload.spec?.replicas ?? 1 }
      : servedScale(reference, namespace);
    if (scale?.uid !== uid) throw new Error(`found no controllers for pod ${JSON.stringify(pod.metadata.name)}`);
    return [uid, scale.replicas];
  }

  /** The scale of a kind that this controller does not watch. */
  function servedScale(
    { apiVersion, kind, name }: OwnerReference,
    namespace: string | undefined,
  ): { uid: string | undefined; replicas: number } | undefined {
    const resource = targets.resourceOf({ apiVersion, kind, name });
    if (!resource.scalable) {
      const called = [resource.resource, resource.group].filter(Boolean).join('.');
      throw new Error(`${called} does not implement the scale subresource`);
    }
    try {
      const { metadata, spec } = targets.get(resource, namespace, name);
      return { uid: metadata.uid, replicas: spec?.replicas ?? 0 };
    } catch (error) {
      if (hasReason(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** How many Pods there should be, and how many of them have to be healthy. */
  function expectation(
    { spec }: PodDisruptionBudget,
    selected: readonly Pod[],
  ): { expected: number; desired: number; unmanaged?: boolean } {
    const { minAvailable, maxUnavailable } = spec;
    if (maxUnavailable === undefined && typeof minAvailable === 'number') {
      return { expected: selected.length, desired: minAvailable };
    }
    if (maxUnavailable === undefined && minAvailable === undefined) return { expected: selected.length, desired: 0 };
    const replicas = new Map<string, number>();
    const known = new Set<string>();
    let unmanaged = false;
    for (const pod of selected) {
      const owner = controllerOf(pod);
      if (!owner) unmanaged = true;
      else if (!known.has(owner.uid)) replicas.set(...scaleOf(pod, owner));
      if (owner) known.add(owner.uid);
    }
    const expected = [...replicas.values()].reduce((sum, count) => sum + count, 0);
    const desired =
      maxUnavailable === undefined
        ? partOf(minAvailable, expected, true)
        : Math.max(0, expected - partOf(maxUnavailable, expected, true));
    return { expected, desired, unmanaged };
  }

  /** Evictions that were allowed and whose Pods are still there; and when the first of them is given up. */
  function pending({ metadata, status }: PodDisruptionBudget, selected: readonly Pod[]): Record<string, string> {
    const present = new Map(selected.map((pod) => [pod.metadata.name, pod]));
    return Object.fromEntries(
      Object.entries(status?.disruptedPods ?? {}).filter(([name, time]) => {
        const pod = present.get(name);
        if (!pod || pod.metadata.deletionTimestamp) return false;
        if (kernel.now - parseTime(time) < EVICTION_TIMEOUT_MS) return true;
        const text = `Pod was expected by PDB ${metadata.namespace}/${metadata.name} to be deleted but it wasn't`;
        loop.recorder.event(subjectOf(pod, PodKind), 'Warning', 'NotDeleted', text);
        return false;
      }),
    );
  }

  function conditionsOf(
    budget: PodDisruptionBudget,
    allowed: boolean,
    reason: string,
    message: string,
    observedGeneration: number,
  ): Status['conditions'] {
    const conditions = budget.status?.conditions ?? [];
    const status = allowed ? 'True' : 'False';
    const before = findCondition(conditions, 'DisruptionAllowed');
    return replaceCondition(conditions, {
      type: 'DisruptionAllowed',
      status,
      reason,
      message,
      ...(observedGeneration > 0 ? { observedGeneration } : {}),
      lastTransitionTime: before?.status === status ? before.lastTransitionTime : formatTime(kernel.now),
    });
  }

  function reconcile(budget: PodDisruptionBudget): void {
    const subject = subjectOf(budget, PodDisruptionBudgetKind);
    const matcher = matcherOf(budget.spec.selector);
    const selected = pods.list(budget.metadata.namespace).filter((pod) => matcher.matches(pod.metadata.labels));
    if (selected.length === 0) loop.recorder.event(subject, 'Normal', 'NoPods', 'No matching pods found');
    const resource = loop.client.resource(PodDisruptionBudgetKind);
    let counts: ReturnType<typeof expectation>;
    try {
      counts = expectation(budget, selected);
    } catch (error) {
      const text = errorText(error);
      const reason = 'CalculateExpectedPodCountFailed';
      loop.recorder.event(subject, 'Warning', reason, `Failed to calculate the number of expected pods: ${text}`);
      // Of the generation that was last counted.
      const conditions = conditionsOf(budget, false, 'SyncFailed', text, budget.status?.observedGeneration ?? 0);
      updateStatus(resource, budget, { ...budget.status, disruptionsAllowed: 0, conditions } as Status);
      return;
    }
    if (counts.unmanaged) {
      loop.recorder.event(subject, 'Warning', 'UnmanagedPods', unmanagedText(budget.spec.selector));
    }
    const disruptedPods = pending(budget, selected);
    const waits = Object.values(disruptedPods).map((time) => parseTime(time) + EVICTION_TIMEOUT_MS - kernel.now);
    if (waits.length > 0) loop.queue.addAfter(keyOf(budget), Math.min(...waits));
    const isHealthy = (pod: Pod): boolean =>
      pod.metadata.deletionTimestamp === undefined && disruptedPods[pod.metadata.name] === undefined && isPodReady(pod);
    const healthy = selected.filter(isHealthy).length;
    const allowed = counts.expected > 0 ? Math.max(0, healthy - counts.desired) : 0;
    const generation = budget.metadata.generation ?? 0;
    const reason = allowed > 0 ? 'SufficientPods' : 'InsufficientPods';
    updateStatus(resource, budget, {
      currentHealthy: healthy,
      desiredHealthy: counts.desired,
      expectedPods: counts.expected,
      disruptionsAllowed: allowed,
      observedGeneration: generation,
      ...(waits.length > 0 ? { disruptedPods } : {}),
      conditions: conditionsOf(budget, allowed > 0, reason, '', generation),
    } as Status);
  }

  const enqueue = (budget: PodDisruptionBudget): void => loop.queue.add(keyOf(budget));
  const enqueueFor = ({ metadata: { namespace, labels } }: Pod): void => {
    for (const budget of budgets.list(namespace)) if (matcherOf(budget.spec.selector).matches(labels)) enqueue(budget);
  };
  loop.on(budgets, { add: enqueue, update: enqueue });
  loop.on(pods, {
    add: enqueueFor,
    update: (pod, old) => {
      enqueueFor(pod);
      if (pod.metadata.labels !== old.metadata.labels) enqueueFor(old);
    },
    delete: enqueueFor,
  });
  for (const informer of [replicaSets, ...Object.values(scales)]) loop.needs(informer);
  return loop;
}
