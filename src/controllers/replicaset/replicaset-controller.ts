import { PodKind } from '../../api/core/pod.ts';
import { controllerOf, keyOf } from '../../api/meta.ts';
import { hasReason } from '../../api/status.ts';
import type { OwnerReference } from '../../api/object.ts';
import type { Pod } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { Claims } from '../claims.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { Expectations } from '../expectations.ts';
import { equal } from '../../api/draft.ts';
import { errorText, isNamespaceTerminating, PodControl, podFromTemplate } from '../pod-control.ts';
import { indexPodsByController, isPodActive, orphanPods, podsOfController } from '../pods.ts';
import { slowStart } from '../slow-start.ts';
import { podsToDelete } from './deletion-order.ts';
import { ReplicaTally } from './replica-tally.ts';
import type { Replicated, ReplicatedKind } from './replicated.ts';
import { availability, replicaSetStatus } from './replicaset-status.ts';

/** Pods created or deleted in one sync at most. */
const BURST_REPLICAS = 500;

/** A sync looks at every Pod of the ReplicaSet. */
const BUSY_MS_PER_REPLICA = 0.02;

/** Index of owners by the uid of what owns them: of ReplicaSets by their Deployment. */
const BY_OWNER = 'owner';

/**
 * Keeps as many Pods as each ReplicaSet asks for: creates what is missing (in batches that double as long as they
 * succeed), deletes what is too many (see podsToDelete), adopts Pods that match and nobody owns, releases Pods that no
 * longer match, and reports what it sees in the status.
 *
 * Serves ReplicationControllers as well: `ReplicatedKind` says what differs. The real controller creates the Pods of a
 * batch in parallel; here they come one after another at one moment of virtual time.
 */
export class ReplicaSetController<T extends Replicated> implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #pods: SharedInformer<Pod>;
  readonly #owner: ReplicatedKind<T>;
  readonly #replicaSets: SharedInformer<T>;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  /** By the uid of the ReplicaSet. */
  readonly #tallies = new Map<string, ReplicaTally>();

  constructor(context: ControllerContext, owner: ReplicatedKind<T>) {
    this.#owner = owner;
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: owner.controller,
      reconcile: (key) => this.#reconcile(key),
      busyMs: (key) => BUSY_MS + BUSY_MS_PER_REPLICA * (this.#replicaSets.getByKey(key)?.spec.replicas ?? 0),
    });
    this.#podControl = new PodControl(this.#loop.client, this.#loop.recorder);
    this.#expectations = new Expectations(context.kernel, this.#loop.name);
    this.#pods = context.informers.for(PodKind);
    this.#replicaSets = context.informers.for(owner.kind);
    indexPodsByController(this.#pods);
    this.#replicaSets.addIndex(BY_OWNER, (rs) => [controllerOf(rs)?.uid ?? '']);
    this.#loop.on(this.#replicaSets, {
      add: (rs) => this.#enqueue(rs),
      update: (rs, old) => {
        if (rs.metadata.uid !== old.metadata.uid) this.#expectations.forget(keyOf(old));
        if (!equal(rs.spec.template, old.spec.template)) this.#tallies.delete(old.metadata.uid!);
        this.#enqueue(rs);
      },
      delete: (rs) => {
        this.#expectations.forget(keyOf(rs));
        this.#tallies.delete(rs.metadata.uid!);
        this.#enqueue(rs);
      },
    });
    this.#loop.on(this.#pods, {
      add: (pod) => {
        this.#tallyOf(pod)?.set(pod);
        this.#podAdded(pod);
      },
      update: (pod, old) => {
        const before = this.#tallyOf(old);
        const after = this.#tallyOf(pod);
        if (before !== after) before?.delete(old);
        after?.set(pod);
        this.#podUpdated(pod, old);
      },
      delete: (pod) => {
        this.#tallyOf(pod)?.delete(pod);
        this.#podDeleted(pod);
      },
    });
  }

  stop(): void {
    this.#loop.stop();
  }

  #enqueue(rs: T): void {
    this.#loop.queue.add(keyOf(rs));
  }

  #resolve(namespace: string | undefined, reference: OwnerReference | undefined): T | undefined {
    if (reference?.kind !== this.#owner.kind.kind) return undefined;
    const rs = this.#replicaSets.get(namespace, reference.name);
    return rs?.metadata.uid === reference.uid ? rs : undefined;
  }

  /** Wakes every ReplicaSet that might adopt the Pod. */
  #enqueueAdopters(pod: Pod): void {
    const labels = pod.metadata.labels;
    if (!labels) return;
    for (const rs of this.#replicaSets.list(pod.metadata.namespace)) {
      if (this.#owner.selector(rs).matches(labels)) this.#enqueue(rs);
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
    const labelsChanged = !equal(pod.metadata.labels, old.metadata.labels);
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
    const tally = this.#tally(rs);
    if (tally.strays > 0) this.#release(rs);
    const adopted = this.#adopt(rs);
    const surplus = tally.active + adopted.length - (rs.spec.replicas ?? 1);
    let failure: unknown;
    if (decide && rs.metadata.deletionTimestamp === undefined) {
      try {
        if (surplus < 0) this.#create(key, rs, Math.min(-surplus, BURST_REPLICAS));
        else if (surplus > 0) this.#delete(key, rs, adopted, Math.min(surplus, BURST_REPLICAS));
      } catch (error) {
        failure = error;
      }
    }
    const counts = adopted.length > 0 ? this.#count(rs, [...this.#owned(rs), ...adopted]) : tally;
    const { available, nextAvailableMs } = availability(rs, counts.ready, this.#active(rs, adopted), this.#kernel.now);
    const reason = failure === undefined ? undefined : errorText(failure);
    const status = replicaSetStatus(rs, { counts, available, failure: reason, surplus }, this.#kernel.now);
    this.#updateStatus(rs, this.#owner.status(status));
    if (failure !== undefined) throw failure;
    if (nextAvailableMs !== undefined) this.#loop.queue.addAfter(key, nextAvailableMs);
  }

  #owned(rs: T): Iterable<Pod> {
    return podsOfController(this.#pods, rs.metadata.uid ?? '').values();
  }

  /** The tally of the ReplicaSet that owns a Pod, if it has been counted before. */
  #tallyOf(pod: Pod): ReplicaTally | undefined {
    return this.#tallies.get(controllerOf(pod)?.uid ?? '');
  }

  #tally(rs: T): ReplicaTally {
    const uid = rs.metadata.uid ?? '';
    let tally = this.#tallies.get(uid);
    if (!tally) this.#tallies.set(uid, (tally = this.#count(rs, this.#owned(rs))));
    return tally;
  }

  #count(rs: T, pods: Iterable<Pod>): ReplicaTally {
    return new ReplicaTally(this.#owner.selector(rs), rs.spec.template, pods);
  }

  /** The Pods that count as replicas, those just adopted included. */
  *#active(rs: T, adopted: readonly Pod[]): Generator<Pod> {
    const matcher = this.#owner.selector(rs);
    for (const pod of this.#owned(rs)) if (isPodActive(pod) && matcher.matches(pod.metadata.labels)) yield pod;
    yield* adopted;
  }

  #claims(rs: T): Claims<T, Pod> {
    return new Claims({
      client: this.#loop.client,
      owner: rs,
      ownerKind: this.#owner.kind,
      kind: PodKind,
      matcher: this.#owner.selector(rs),
    });
  }

  /** Lets go of the Pods that are owned and no longer selected. */
  #release(rs: T): void {
    const claims = this.#claims(rs);
    for (const pod of this.#owned(rs)) if (isPodActive(pod)) claims.claim(pod);
  }

  /** Pods that nobody owned and the selector matches, now owned. */
  #adopt(rs: T): Pod[] {
    const orphans = orphanPods(this.#pods, rs.metadata.namespace ?? '');
    if (orphans.size === 0) return [];
    const claims = this.#claims(rs);
    return [...orphans.values()].filter((pod) => isPodActive(pod) && claims.claim(pod));
  }

  #create(key: string, rs: T, count: number): void {
    this.#expectations.expectCreations(key, count);
    const pod = podFromTemplate(rs.spec.template!, rs, this.#owner.kind);
    const { attempted, failure } = slowStart(count, () => {
      try {
        this.#podControl.create(pod, rs, this.#owner.kind);
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    for (let i = attempted; i < count; i++) this.#expectations.creationObserved(key);
    if (failure !== undefined) throw failure;
  }

  #delete(key: string, rs: T, adopted: readonly Pod[], count: number): void {
    const chosen = podsToDelete([...this.#active(rs, adopted)], this.#relatedPods(rs), count, this.#kernel.now);
    this.#expectations.expectDeletions(key, chosen.map(keyOf));
    let failure: unknown;
    for (const pod of chosen) {
      try {
        this.#podControl.delete(pod.metadata.name, rs, this.#owner.kind);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Active Pods of all ReplicaSets of the same Deployment. */
  #relatedPods(rs: T): Pod[] {
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

  #updateStatus(rs: T, status: T['status']): void {
    if (equal(rs.status, status)) return;
    const client = this.#loop.client.resource(this.#owner.kind);
    try {
      client.updateStatus({ ...rs, status }, { trusted: true });
    } catch (error) {
      if (hasReason(error, 'NotFound')) return;
      if (!hasReason(error, 'Conflict')) throw error;
      // The cached version was stale; the counts are not.
      client.updateStatus({ ...client.get(rs.metadata.name, rs.metadata.namespace), status });
    }
  }
}
