import { PodKind } from '../../api/core/pod.ts';
import { ReplicaSetKind } from '../../api/apps/replica-set.ts';
import { controllerOf, keyOf } from '../../api/meta.ts';
import { matcherOf } from '../../api/selector.ts';
import { hasReason } from '../../api/status.ts';
import type { OwnerReference } from '../../api/object.ts';
import type { Pod, ReplicaSet } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Claims } from '../claims.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { Expectations } from '../expectations.ts';
import { jsonEqual } from '../json-equal.ts';
import { errorText, isNamespaceTerminating, PodControl, podFromTemplate } from '../pod-control.ts';
import { indexPodsByController, isPodActive, isPodTerminating, orphanPods, podsOfController } from '../pods.ts';
import { remembering } from '../selection-memo.ts';
import { podsToDelete } from './deletion-order.ts';
import { replicaSetStatus, type ReplicaSetStatus } from './replicaset-status.ts';

/** Pods created or deleted in one sync at most. */
const BURST_REPLICAS = 500;

/** A sync looks at every Pod of the ReplicaSet. */
const BUSY_MS_PER_REPLICA = 0.02;

/** Index of ReplicaSets by the uid of the Deployment that owns them. */
const BY_OWNER = 'owner';

/**
 * Keeps as many Pods as each ReplicaSet asks for: creates what is missing (in batches that double as long as they
 * succeed), deletes what is too many (see podsToDelete), adopts Pods that match and nobody owns, releases Pods that no
 * longer match, and reports what it sees in the status.
 *
 * The real controller also serves ReplicationControllers and creates the Pods of a batch in parallel; here they come
 * one after another at one moment of virtual time.
 */
export class ReplicaSetController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #pods: SharedInformer<Pod>;
  readonly #replicaSets: SharedInformer<ReplicaSet>;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'replicaset-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: (key) => BUSY_MS + BUSY_MS_PER_REPLICA * (this.#replicaSets.getByKey(key)?.spec.replicas ?? 0),
    });
    this.#podControl = new PodControl(this.#loop.client, this.#loop.recorder);
    this.#expectations = new Expectations(context.kernel);
    this.#pods = context.informers.for(PodKind);
    this.#replicaSets = context.informers.for(ReplicaSetKind);
    indexPodsByController(this.#pods);
    this.#replicaSets.addIndex(BY_OWNER, (rs) => [controllerOf(rs)?.uid ?? '']);
    this.#loop.on(this.#replicaSets, {
      add: (rs) => this.#enqueue(rs),
      update: (rs, old) => {
        if (rs.metadata.uid !== old.metadata.uid) this.#expectations.forget(keyOf(old));
        this.#enqueue(rs);
      },
      delete: (rs) => {
        this.#expectations.forget(keyOf(rs));
        this.#enqueue(rs);
      },
    });
    this.#loop.on(this.#pods, {
      add: (pod) => this.#podAdded(pod),
      update: (pod, old) => this.#podUpdated(pod, old),
      delete: (pod) => this.#podDeleted(pod),
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #enqueue(rs: ReplicaSet): void {
    this.#loop.queue.add(keyOf(rs));
  }

  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): ReplicaSet | undefined {
    if (reference?.kind !== 'ReplicaSet') return undefined;
    const rs = this.#replicaSets.get(namespace, reference.name);
    return rs?.metadata.uid === reference.uid ? rs : undefined;
  }

  /** Wakes every ReplicaSet that might adopt the Pod. */
  #enqueueAdopters(pod: Pod): void {
    const labels = pod.metadata.labels;
    if (!labels) return;
    for (const rs of this.#replicaSets.list(pod.metadata.namespace)) {
      if (matcherOf(rs.spec.selector).matches(labels)) this.#enqueue(rs);
    }
  }

  #podAdded(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#podDeleted(pod);
      return;
    }
    const controller = controllerOf(pod);
    if (!controller) {
      this.#enqueueAdopters(pod);
      return;
    }
    const rs = this.#resolve(pod.metadata.namespace, controller);
    if (!rs) return;
    this.#expectations.creationObserved(keyOf(rs));
    this.#enqueue(rs);
  }

  #podUpdated(pod: Pod, old: Pod): void {
    const labelsChanged = !jsonEqual(pod.metadata.labels, old.metadata.labels);
    if (pod.metadata.deletionTimestamp !== undefined) {
      // A replacement is due as soon as the deletion begins, not when the Pod is gone.
      this.#podDeleted(pod);
      if (labelsChanged) this.#podDeleted(old);
      return;
    }
    const controller = controllerOf(pod);
    const before = controllerOf(old);
    const ownerChanged = controller?.uid !== before?.uid;
    if (ownerChanged) {
      const rs = this.#resolve(old.metadata.namespace, before);
      if (rs) this.#enqueue(rs);
    }
    if (controller) {
      const rs = this.#resolve(pod.metadata.namespace, controller);
      if (rs) this.#enqueue(rs);
    } else if (labelsChanged || ownerChanged) {
      this.#enqueueAdopters(pod);
    }
  }

  #podDeleted(pod: Pod): void {
    const rs = this.#resolve(pod.metadata.namespace, controllerOf(pod));
    if (!rs) return;
    this.#expectations.deletionObserved(keyOf(rs), keyOf(pod));
    this.#enqueue(rs);
  }

  #reconcile(key: string): void {
    const rs = this.#replicaSets.getByKey(key);
    if (!rs) {
      this.#expectations.forget(key);
      return;
    }
    const decide = this.#expectations.satisfied(key);
    const { active, terminating } = this.#claim(rs);
    const surplus = active.length - (rs.spec.replicas ?? 1);
    let failure: unknown;
    if (decide && rs.metadata.deletionTimestamp === undefined) {
      try {
        if (surplus < 0) this.#create(key, rs, Math.min(-surplus, BURST_REPLICAS));
        else if (surplus > 0) this.#delete(key, rs, active, Math.min(surplus, BURST_REPLICAS));
      } catch (error) {
        failure = error;
      }
    }
    const { status, nextAvailableMs } = replicaSetStatus(
      rs,
      {
        active,
        terminating,
        failure: failure === undefined ? undefined : errorText(failure),
        surplus,
      },
      this.#kernel.now,
    );
    this.#updateStatus(rs, status);
    if (failure !== undefined) throw failure;
    if (nextAvailableMs !== undefined) this.#loop.queue.addAfter(key, nextAvailableMs);
  }

  /** The active Pods that belong to the ReplicaSet, after adoption and release, and how many of its Pods are on their way out. */
  #claim(rs: ReplicaSet): { readonly active: Pod[]; readonly terminating: number } {
    const matcher = matcherOf(rs.spec.selector);
    const claims = new Claims({
      client: this.#loop.client,
      owner: rs,
      ownerKind: ReplicaSetKind,
      kind: PodKind,
      matcher,
    });
    const selects = remembering(matcher);
    const active: Pod[] = [];
    let terminating = 0;
    for (const pod of podsOfController(this.#pods, rs.metadata.uid ?? '').values()) {
      if (!selects(pod.metadata.labels)) {
        if (isPodActive(pod)) claims.claim(pod);
      } else if (isPodActive(pod)) active.push(pod);
      else if (isPodTerminating(pod)) terminating++;
    }
    for (const pod of orphanPods(this.#pods, rs.metadata.namespace ?? '').values()) {
      if (isPodActive(pod) && claims.claim(pod)) active.push(pod);
    }
    return { active, terminating };
  }

  /** Creates Pods in batches of 1, 2, 4, ...; the first failure ends it, so that a full quota is not asked 500 times. */
  #create(key: string, rs: ReplicaSet, count: number): void {
    this.#expectations.expectCreations(key, count);
    const pod = podFromTemplate(rs.spec.template!, rs, ReplicaSetKind);
    let attempted = 0;
    let failure: unknown;
    for (let batch = 1; attempted < count && failure === undefined; batch *= 2) {
      const end = Math.min(attempted + batch, count);
      for (; attempted < end; attempted++) {
        try {
          this.#podControl.create(pod, rs, ReplicaSetKind);
        } catch (error) {
          this.#expectations.creationObserved(key);
          if (!isNamespaceTerminating(error)) failure ??= error;
        }
      }
    }
    for (; attempted < count; attempted++) this.#expectations.creationObserved(key);
    if (failure !== undefined) throw failure;
  }

  #delete(key: string, rs: ReplicaSet, active: readonly Pod[], count: number): void {
    const chosen = podsToDelete(active, this.#relatedPods(rs), count, this.#kernel.now);
    this.#expectations.expectDeletions(key, chosen.map(keyOf));
    let failure: unknown;
    for (const pod of chosen) {
      try {
        this.#podControl.delete(pod.metadata.name, rs, ReplicaSetKind);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Active Pods of all ReplicaSets of the same Deployment. */
  #relatedPods(rs: ReplicaSet): Pod[] {
    const owner = controllerOf(rs);
    if (!owner) return [];
    const related: Pod[] = [];
    for (const { metadata } of this.#replicaSets.byIndex(BY_OWNER, owner.uid)) {
      for (const pod of podsOfController(this.#pods, metadata.uid ?? '').values()) {
        if (isPodActive(pod)) related.push(pod);
      }
    }
    return related;
  }

  #updateStatus(rs: ReplicaSet, status: ReplicaSetStatus): void {
    if (jsonEqual(rs.status, status)) return;
    const client = this.#loop.client.resource(ReplicaSetKind);
    try {
      client.updateStatus({ ...rs, status });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (!hasReason(error, 'Conflict')) throw error;
      // The cached version was stale; the counts are not.
      client.updateStatus({ ...client.get(rs.metadata.name, rs.metadata.namespace), status });
    }
  }
}
