import { JobKind } from '../../api/batch/job.ts';
import { PodKind } from '../../api/core/pod.ts';
import { controllerOf, formatTime, keyOf } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { Job, Pod } from '../../api/types.ts';
import { ExponentialLimiter, type SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { findCondition, replaceCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { Expectations } from '../expectations.ts';
import { OwnedPods } from '../owned-pods.ts';
import { isNamespaceTerminating, PodControl, subjectOf } from '../pod-control.ts';
import { isPodReady } from '../pods.ts';
import { podsToDelete } from '../replicaset/deletion-order.ts';
import { slowStart } from '../slow-start.ts';
import { updateStatus } from '../update-status.ts';
import { backoffMs, finishedMs, NO_FAILURES, withEnded, type FailureRecord } from './failure-backoff.ts';
import { indexOf } from './indexes.ts';
import { failureAnnotations, isTracked, newIndexedPod, newJobPod, TRACKING } from './job-pod.ts';
import { COMPLETED, deadlineMs, isJobFinished, isSuspended, outcomeOf, type Outcome } from './outcome.ts';
import { failuresAfter, indexStatus, isIndexed, replacesOnlyFailed, tally, type Tally } from './tally.ts';

type Status = NonNullable<Job['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** Pods created or deleted in one sync at most. */
const BURST = 500;

/** What a failed sync waits for, the first time and at most. */
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 60_000;

/** Changes of Pods and of the status are gathered for so long; a new spec is looked at without delay. */
const BATCH_MS = 1000;

/** What a sync leaves behind. */
interface Aftermath {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  /** What went wrong; the status is written all the same. */
  readonly failure?: unknown;
}

interface Deletion {
  readonly deleted: number;
  readonly failure: unknown;
}

interface Tracking {
  readonly after: Aftermath;
  readonly outcome: Outcome | undefined;
  readonly pods: readonly Pod[];
  /** The ends of Pods are written down. */
  readonly flushed: () => void;
}

/** Queue keys of Pods whose Job no longer counts them. */
const POD = 'pod ';

/**
 * Runs Jobs: as many Pods at a time as spec.parallelism says until enough of them have succeeded. Every Pod carries a
 * finalizer until its end is counted in the status, so that none is counted twice or never.
 */
export class JobController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #jobs: SharedInformer<Job>;
  readonly #pods: SharedInformer<Pod>;
  readonly #owned: OwnedPods<Job>;
  readonly #podControl: PodControl;
  readonly #expectations: Expectations;
  readonly #failures = new Map<string, FailureRecord>();

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'job-controller',
      limiter: new ExponentialLimiter(RETRY_FIRST_MS, RETRY_LAST_MS),
      reconcile: (key) => (key.startsWith(POD) ? this.#untrackStray(key.slice(POD.length)) : this.#reconcile(key)),
      busyMs: () => BUSY_MS,
    });
    this.#podControl = new PodControl(this.#loop.client, this.#loop.recorder);
    this.#expectations = new Expectations(context.kernel, this.#loop.name);
    this.#jobs = context.informers.for(JobKind);
    this.#pods = context.informers.for(PodKind);
    const later = (key: string): void => this.#loop.queue.addAfter(key, BATCH_MS);
    this.#loop.on(this.#jobs, {
      add: (job) => this.#loop.queue.add(keyOf(job)),
      update: (job, old) => {
        if (job.metadata.generation === old.metadata.generation) later(keyOf(job));
        else this.#loop.queue.add(keyOf(job));
        if (isJobFinished(job)) this.#enqueueStrays(job);
      },
      delete: (job) => {
        this.#expectations.forget(keyOf(job));
        this.#failures.delete(keyOf(job));
        this.#enqueueStrays(job);
      },
    });
    this.#owned = new OwnedPods({
      loop: this.#loop,
      pods: this.#pods,
      owners: this.#jobs,
      kind: JobKind,
      finalizer: TRACKING,
      wake: later,
      created: (key) => this.#expectations.creationObserved(key),
      deleted: (key, pod) => this.#expectations.deletionObserved(key, pod),
    });
    const stray = (pod: Pod): void => {
      if (isTracked(pod) && !this.#counts(pod)) this.#loop.queue.add(POD + keyOf(pod));
    };
    this.#loop.on(this.#pods, { add: stray, update: stray });
  }

  stop(): void {
    this.#loop.stop();
  }

  #enqueueStrays(job: Job): void {
    for (const pod of this.#owned.of(job)) if (isTracked(pod)) this.#loop.queue.add(POD + keyOf(pod));
  }

  /** Whether some Job will still count the Pod. */
  #counts(pod: Pod): boolean {
    const owner = controllerOf(pod);
    if (owner?.kind !== 'Job') return false;
    const job = this.#jobs.get(pod.metadata.namespace, owner.name);
    return job?.metadata.uid === owner.uid && !isJobFinished(job);
  }

  #untrackStray(key: string): void {
    const pod = this.#pods.getByKey(key);
    if (pod && isTracked(pod) && !this.#counts(pod)) this.#untrack(pod);
  }

  #untrack({ metadata: { name, namespace, uid, finalizers = [] } }: Pod): void {
    const rest = finalizers.filter((finalizer) => finalizer !== TRACKING);
    try {
      this.#loop.client.resource(PodKind).patch(name, namespace, 'merge', {
        metadata: { uid, finalizers: rest.length > 0 ? rest : null },
      });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  #reconcile(key: string): void {
    const job = this.#jobs.getByKey(key);
    if (!job || isJobFinished(job)) {
      this.#expectations.forget(key);
      this.#failures.delete(key);
      return;
    }
    if (job.spec.managedBy && job.spec.managedBy !== 'kubernetes.io/job-controller') return;
    const pods = this.#owned.claim(job, this.#loop.client);
    const seen = tally(job, pods);
    const started = this.#started(job);
    const due = deadlineMs({ ...job, status: started });
    if (due !== undefined && due > this.#kernel.now) this.#loop.queue.addAfter(key, due - this.#kernel.now);
    const record = withEnded(this.#failures.get(key) ?? NO_FAILURES, seen.newlySucceeded, [
      ...seen.newlyFailed,
      ...seen.ignored,
    ]);
    const settled = this.#expectations.satisfied(key);
    let outcome = outcomeOf({ ...job, status: started }, seen, pods, this.#kernel.now);
    let after: Aftermath = { active: seen.active.length, ready: seen.ready, terminating: seen.terminating };
    let conditions = started.conditions ?? [];
    let startTime = started.startTime;
    if (outcome) {
      after = this.#without(seen, this.#delete(job, seen.active), seen.active);
      // Not while Pods are left that are not on their way out, or not seen yet.
      if (after.active > 0 || !settled) outcome = undefined;
    } else {
      const deciding = settled && job.metadata.deletionTimestamp === undefined;
      if (deciding) after = this.#manage(key, job, seen, record);
      const { completions } = job.spec;
      const enough = completions === undefined ? seen.succeeded > 0 : seen.succeeded >= completions;
      if (enough && after.active === 0) outcome = COMPLETED;
      else if (deciding) {
        const changed = this.#suspension(job, conditions);
        if (changed !== conditions) startTime = isSuspended(job) ? undefined : formatTime(this.#kernel.now);
        conditions = changed;
      }
    }
    const { startTime: _, ...base } = started;
    const status = { ...base, ...(startTime ? { startTime } : {}), conditions };
    this.#track(job, status, seen, { after, outcome, pods, flushed: () => this.#failures.set(key, record) });
    if (after.failure !== undefined) throw after.failure;
  }

  #started({ status = {}, spec }: Job): Status {
    return status.startTime || spec.suspend ? status : { ...status, startTime: formatTime(this.#kernel.now) };
  }

  /** The conditions with Suspended as spec.suspend has it; the same ones when nothing changes. */
  #suspension(job: Job, conditions: Condition[]): Condition[] {
    const suspended = isSuspended(job);
    const present = findCondition(conditions, 'Suspended');
    if (present ? (present.status === 'True') === suspended : !suspended) return conditions;
    const [reason, message] = suspended ? ['Suspended', 'Job suspended'] : ['Resumed', 'Job resumed'];
    this.#loop.recorder.event(subjectOf(job, JobKind), 'Normal', reason!, message!);
    const condition = this.#condition('Suspended', suspended, `Job${reason}`, message!);
    return replaceCondition(conditions, condition);
  }

  #condition(type: string, status: boolean, reason: string, message: string): Condition {
    const now = formatTime(this.#kernel.now);
    return { type, status: status ? 'True' : 'False', lastProbeTime: now, lastTransitionTime: now, reason, message };
  }

  /** Creates or deletes Pods. */
  #manage(key: string, job: Job, seen: Tally, record: FailureRecord): Aftermath {
    const { ready, terminating } = seen;
    const active = seen.active.length;
    if (isSuspended(job)) return this.#release(key, job, seen, seen.active);
    const { parallelism = 1, completions } = job.spec;
    const wanted =
      completions === undefined
        ? seen.succeeded > 0
          ? active
          : parallelism
        : Math.max(0, Math.min(completions - seen.succeeded, parallelism));
    const surplus = this.#surplus(job, seen, Math.max(0, active - wanted)).slice(0, BURST);
    if (surplus.length > 0) return this.#release(key, job, seen, surplus);
    const missing = wanted - active - (replacesOnlyFailed(job) ? terminating : 0);
    if (missing <= 0) return { active, ready, terminating };
    const perIndex = job.spec.backoffLimitPerIndex !== undefined;
    let wait = perIndex ? 0 : backoffMs(record, this.#kernel.now);
    let drafts: readonly Manifest<Pod>[] = [];
    if (wait === 0 && isIndexed(job)) ({ drafts, wait } = this.#indexedPods(job, seen, Math.min(missing, BURST)));
    else if (wait === 0) drafts = Array.from({ length: Math.min(missing, BURST) }, () => newJobPod(job));
    if (wait > 0) {
      this.#loop.queue.addAfter(key, Math.max(wait, BATCH_MS));
      // While a failure is waited out, no Pod is reported as active.
      return { active: 0, ready, terminating };
    }
    const { created, failure } = this.#create(key, job, drafts);
    return { active: active + created, ready, terminating, ...(failure === undefined ? {} : { failure }) };
  }

  /** Pods of indexes that are out of range or doubled, and then as many more as have to go. */
  #surplus(job: Job, seen: Tally, atLeast: number): Pod[] {
    const { now } = this.#kernel;
    const chosen = new Set<Pod>();
    if (isIndexed(job)) {
      for (const [index, pods] of Map.groupBy(seen.active, indexOf)) {
        const known = index >= 0 && index < job.spec.completions!;
        for (const pod of known ? podsToDelete(pods, [], pods.length - 1, now) : pods) chosen.add(pod);
      }
    }
    const left = seen.active.filter((pod) => !chosen.has(pod));
    const more = Math.max(0, atLeast - chosen.size);
    return [...chosen, ...(more > 0 ? podsToDelete(left, [], more, now) : [])];
  }

  /**
   * Pods of the lowest indexes that have none. Where failures count per index, each waits for itself: those that may
   * not be retried yet keep their place, and `wait` is for the first of them when nothing can be done before.
   */
  #indexedPods(job: Job, seen: Tally, count: number): { drafts: Manifest<Pod>[]; wait: number } {
    const { now } = this.#kernel;
    const taken = new Set(seen.active.map(indexOf)).union(seen.succeededIndexes).union(seen.failedIndexes);
    const held = replacesOnlyFailed(job) ? taken.union(seen.terminatingIndexes) : taken;
    const pending: number[] = [];
    for (let index = 0; index < job.spec.completions! && pending.length < count; index++) {
      if (!held.has(index)) pending.push(index);
    }
    if (job.spec.backoffLimitPerIndex === undefined) {
      return { drafts: pending.map((index) => newIndexedPod(job, index, {})), wait: 0 };
    }
    const drafts: Manifest<Pod>[] = [];
    let soonest = Infinity;
    for (const index of pending) {
      const last = seen.awaitingRetry.get(index);
      const { failed, ignored } = last ? failuresAfter(job, last) : { failed: 0, ignored: 0 };
      const failures = failed + ignored;
      const wait = last ? backoffMs({ failures, lastFailureMs: finishedMs(last) }, now) : 0;
      if (wait > 0) soonest = Math.min(soonest, wait);
      else drafts.push(newIndexedPod(job, index, failureAnnotations(failed, ignored)));
    }
    return { drafts, wait: drafts.length === 0 && soonest < Infinity ? soonest : 0 };
  }

  #create(key: string, job: Job, drafts: readonly Manifest<Pod>[]): { created: number; failure: unknown } {
    this.#expectations.expectCreations(key, drafts.length);
    let created = 0;
    const { attempted, failure } = slowStart(drafts.length, (i) => {
      try {
        this.#podControl.create(drafts[i]!, job, JobKind);
        created++;
      } catch (error) {
        this.#expectations.creationObserved(key);
        if (!isNamespaceTerminating(error)) throw error;
      }
    });
    for (let i = attempted; i < drafts.length; i++) this.#expectations.creationObserved(key);
    return { created, failure };
  }

  /** Deletes Pods that will not be counted. */
  #release(key: string, job: Job, seen: Tally, pods: readonly Pod[]): Aftermath {
    for (const pod of pods) if (isTracked(pod)) this.#untrack(pod);
    this.#expectations.expectDeletions(key, pods.map(keyOf));
    return this.#without(seen, this.#delete(job, pods, key), pods);
  }

  /** Deletes Pods; those of a Job that has been told what to expect are taken off that when it cannot be. */
  #delete(job: Job, pods: readonly Pod[], expecting?: string): Deletion {
    let failure: unknown;
    let deleted = 0;
    for (const pod of pods) {
      try {
        this.#podControl.delete(pod.metadata.name, job, JobKind);
        deleted++;
      } catch (error) {
        if (expecting !== undefined) this.#expectations.deletionObserved(expecting, keyOf(pod));
        if (hasReason(error, 'NotFound')) deleted++;
        else failure ??= error;
      }
    }
    return { deleted, failure };
  }

  #without(seen: Tally, { deleted, failure }: Deletion, pods: readonly Pod[]): Aftermath {
    return {
      active: seen.active.length - deleted,
      ready: seen.ready - pods.filter(isPodReady).length,
      terminating: seen.terminating + deleted,
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /**
   * Counts the Pods that have ended: writes them down by uid first, then takes the finalizer off them, and last moves
   * them into the counters. Ends the Job when there is an outcome and no Pod is left.
   */
  #track(job: Job, base: Status, seen: Tally, { after, outcome, pods, flushed }: Tracking): void {
    const failing = outcome !== undefined && !outcome.success;
    const waiting = new Set(outcome ? [] : seen.awaitingRetry.values());
    const succeeded = [...seen.newlySucceeded];
    // A Job that fails fails all that it has not seen succeed.
    const failed = failing
      ? pods.filter((pod) => isTracked(pod) && pod.status?.phase !== 'Succeeded' && !seen.ignored.includes(pod))
      : seen.newlyFailed.filter((pod) => !waiting.has(pod));
    const uncounted = outcome?.success
      ? pods.filter((pod) => isTracked(pod) && !succeeded.includes(pod) && !failed.includes(pod))
      : seen.ignored.filter((pod) => !waiting.has(pod));
    const uids = (list: readonly Pod[]): string[] => list.map(({ metadata }) => metadata.uid ?? '');
    const { active: _a, conditions: _c, ready: _r, terminating: _t, uncountedTerminatedPods: _u, ...kept } = base;
    let conditions = base.conditions ?? [];
    if (outcome) {
      const type = outcome.success ? 'SuccessCriteriaMet' : 'FailureTarget';
      if (!findCondition(conditions, type)) {
        conditions = [...conditions, this.#condition(type, true, outcome.reason, outcome.message)];
      }
    }
    const present = {
      ...kept,
      ...indexStatus(job, seen),
      ...(conditions.length > 0 ? { conditions } : {}),
      ...(after.active > 0 ? { active: after.active } : {}),
      ready: after.ready,
      terminating: after.terminating,
    };
    const resource = this.#loop.client.resource(JobKind);
    const ended = succeeded.length + failed.length;
    const noted = {
      ...(succeeded.length > 0 && !isIndexed(job) ? { succeeded: uids(succeeded) } : {}),
      ...(failed.length > 0 ? { failed: uids(failed) } : {}),
    };
    let latest = job;
    if (ended > 0 || outcome) {
      latest = resource.updateStatus({ ...job, status: { ...present, uncountedTerminatedPods: noted } as Status });
    }
    flushed();
    for (const pod of [...succeeded, ...failed, ...uncounted]) this.#untrack(pod);
    const totals = {
      succeeded: isIndexed(job) ? seen.succeededIndexes.size : (base.succeeded ?? 0) + succeeded.length,
      failed: (base.failed ?? 0) + failed.length,
    };
    const over = outcome !== undefined && after.terminating === 0;
    const status = {
      ...present,
      ...(totals.succeeded > 0 ? { succeeded: totals.succeeded } : {}),
      ...(totals.failed > 0 ? { failed: totals.failed } : {}),
      uncountedTerminatedPods: {},
      ...(over ? this.#finish(outcome, conditions) : {}),
    } as Status;
    updateStatus(resource, latest, status);
    if (over) this.#tellFinished(job, outcome, totals.succeeded);
  }

  #finish({ success, reason, message }: Outcome, conditions: readonly Condition[]): Partial<Status> {
    return {
      conditions: [...conditions, this.#condition(success ? 'Complete' : 'Failed', true, reason, message)],
      ...(success ? { completionTime: formatTime(this.#kernel.now) } : {}),
    };
  }

  #tellFinished(job: Job, { success, reason, message }: Outcome, succeeded: number): void {
    const { recorder } = this.#loop;
    const subject = subjectOf(job, JobKind);
    if (!success) return recorder.event(subject, 'Warning', reason, message);
    if (job.spec.completions !== undefined && succeeded > job.spec.completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      recorder.event(subject, 'Warning', 'TooManySucceededPods', text);
    }
    recorder.event(subject, 'Normal', 'Completed', 'Job completed');
  }
}
