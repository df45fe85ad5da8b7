import { JobKind } from '../../api/batch/job.ts';
import { PodKind } from '../../api/core/pod.ts';
import { controllerOf, formatTime, keyOf } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { Job, Pod } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import { findCondition, replaceCondition } from '../conditions.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { Expectations } from '../expectations.ts';
import { OwnedPods } from '../owned-pods.ts';
import { PodControl, subjectOf } from '../pod-control.ts';
import { podsToDelete } from '../replicaset/deletion-order.ts';
import { updateStatus } from '../update-status.ts';
import { backoffMs, finishedMs, NO_FAILURES, withEnded, type FailureRecord } from './failure-backoff.ts';
import { indexOf } from './indexes.ts';
import { FAILURE_COUNT, isTracked, newIndexedPod, newJobPod, TRACKING } from './job-pod.ts';
import { COMPLETED, deadlineMs, isJobFinished, isSuspended, outcomeOf, type Outcome } from './outcome.ts';
import { failuresAfter, indexStatus, isIndexed, replacesOnlyFailed, tally, type Tally } from './tally.ts';

type Status = NonNullable<Job['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** Pods created or deleted in one sync at most. */
const BURST = 500;

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
      reconcile: (key) => (key.startsWith(POD) ? this.#untrackStray(key.slice(POD.length)) : this.#reconcile(key)),
      busyMs: () => BUSY_MS,
    });
    this.#podControl = new PodControl(this.#loop.client, this.#loop.recorder);
    this.#expectations = new Expectations(context.kernel, this.#loop.name);
    this.#jobs = context.informers.for(JobKind);
    this.#pods = context.informers.for(PodKind);
    const enqueue = (job: Job): void => this.#loop.queue.add(keyOf(job));
    this.#loop.on(this.#jobs, {
      add: enqueue,
      update: (job) => {
        enqueue(job);
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
    this.#failures.set(key, withEnded(this.#failures.get(key) ?? NO_FAILURES, seen.newlySucceeded, seen.newlyFailed));
    let outcome = outcomeOf({ ...job, status: started }, seen, pods, this.#kernel.now);
    let active = seen.active.length;
    let conditions = started.conditions ?? [];
    let startTime = started.startTime;
    if (outcome) {
      this.#delete(key, job, seen.active);
      active = 0;
    } else if (this.#expectations.satisfied(key) && job.metadata.deletionTimestamp === undefined) {
      active = this.#manage(key, job, seen);
      const reached =
        job.spec.completions === undefined
          ? seen.succeeded > 0 && active === 0
          : seen.succeeded >= job.spec.completions && active === 0;
      if (reached) outcome = COMPLETED;
      else {
        const changed = this.#suspension(job, conditions);
        if (changed !== conditions) startTime = isSuspended(job) ? undefined : formatTime(this.#kernel.now);
        conditions = changed;
      }
    }
    const { startTime: _, ...base } = started;
    const status = { ...base, ...(startTime ? { startTime } : {}), conditions };
    const deleted = outcome ? seen.active.length : 0;
    this.#track(job, status, { ...seen, terminating: seen.terminating + deleted }, { active, outcome, pods });
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

  /** Creates or deletes Pods; returns how many are active then. */
  #manage(key: string, job: Job, seen: Tally): number {
    const active = seen.active.length;
    if (isSuspended(job)) {
      this.#release(key, job, seen.active);
      return 0;
    }
    const { parallelism = 1, completions } = job.spec;
    const wanted =
      completions === undefined
        ? seen.succeeded > 0
          ? active
          : parallelism
        : Math.max(0, Math.min(completions - seen.succeeded - seen.failedIndexes.size, parallelism));
    const surplus = this.#surplus(job, seen, Math.max(0, active - wanted)).slice(0, BURST);
    if (surplus.length > 0) {
      this.#release(key, job, surplus);
      return active - surplus.length;
    }
    const missing = wanted - active - (replacesOnlyFailed(job) ? seen.terminating : 0);
    if (missing <= 0) return active;
    const { now } = this.#kernel;
    const perIndex = job.spec.backoffLimitPerIndex !== undefined;
    const wait = perIndex ? 0 : backoffMs(this.#failures.get(key)!, now);
    if (wait > 0) {
      this.#loop.queue.addAfter(key, wait);
      return 0;
    }
    const drafts = isIndexed(job)
      ? this.#indexedPods(key, job, seen, Math.min(missing, BURST))
      : Array.from({ length: Math.min(missing, BURST) }, () => newJobPod(job));
    this.#create(key, job, drafts);
    return active + drafts.length;
  }

  /** Pods of indexes that are done, out of range or doubled, and then as many more as have to go. */
  #surplus(job: Job, seen: Tally, atLeast: number): Pod[] {
    const chosen = new Set<Pod>();
    if (isIndexed(job)) {
      const taken = new Set<number>();
      for (const pod of seen.active) {
        const index = indexOf(pod);
        if (index < 0 || index >= job.spec.completions! || seen.succeededIndexes.has(index) || taken.has(index)) {
          chosen.add(pod);
        }
        taken.add(index);
      }
    }
    const left = seen.active.filter((pod) => !chosen.has(pod));
    const more = Math.max(0, atLeast - chosen.size);
    return [...chosen, ...(more > 0 ? podsToDelete(left, left, more, this.#kernel.now) : [])];
  }

  /** Pods of the lowest indexes that have none; where failures count per index, each waits for itself. */
  #indexedPods(key: string, job: Job, seen: Tally, count: number): Manifest<Pod>[] {
    const taken = new Set(seen.active.map(indexOf));
    const drafts: Manifest<Pod>[] = [];
    let soonest = Infinity;
    for (let index = 0; index < job.spec.completions! && drafts.length < count; index++) {
      if (taken.has(index) || seen.succeededIndexes.has(index) || seen.failedIndexes.has(index)) continue;
      const last = seen.awaitingRetry.get(index);
      const failures = last ? failuresAfter(job, last) : 0;
      const wait = last ? backoffMs({ failures, lastFailureMs: finishedMs(last) }, this.#kernel.now) : 0;
      if (wait > 0) soonest = Math.min(soonest, wait);
      else {
        const counted: Record<string, string> =
          job.spec.backoffLimitPerIndex === undefined ? {} : { [FAILURE_COUNT]: String(failures) };
        drafts.push(newIndexedPod(job, index, counted));
      }
    }
    if (drafts.length === 0 && soonest < Infinity) this.#loop.queue.addAfter(key, soonest);
    return drafts;
  }

  #create(key: string, job: Job, drafts: readonly Manifest<Pod>[]): void {
    this.#expectations.expectCreations(key, drafts.length);
    for (const [i, draft] of drafts.entries()) {
      try {
        this.#podControl.create(draft, job, JobKind);
      } catch (error) {
        for (let rest = i; rest < drafts.length; rest++) this.#expectations.creationObserved(key);
        throw error;
      }
    }
  }

  /** Deletes Pods that will not be counted. */
  #release(key: string, job: Job, pods: readonly Pod[]): void {
    for (const pod of pods) if (isTracked(pod)) this.#untrack(pod);
    this.#delete(key, job, pods);
  }

  #delete(key: string, job: Job, pods: readonly Pod[]): void {
    if (pods.length === 0) return;
    this.#expectations.expectDeletions(key, pods.map(keyOf));
    for (const pod of pods) {
      try {
        this.#podControl.delete(pod.metadata.name, job, JobKind);
      } catch (error) {
        this.#expectations.deletionObserved(key, keyOf(pod));
        if (!hasReason(error, 'NotFound')) throw error;
      }
    }
  }

  /**
   * Counts the Pods that have ended: writes them down by uid first, then takes the finalizer off them, and last moves
   * them into the counters. Ends the Job when there is an outcome and no Pod is left.
   */
  #track(
    job: Job,
    base: Status,
    seen: Tally,
    { active, outcome, pods }: { active: number; outcome: Outcome | undefined; pods: readonly Pod[] },
  ): void {
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
      ...(active > 0 ? { active } : {}),
      ready: outcome ? 0 : Math.min(seen.ready, active),
      terminating: seen.terminating,
    };
    const resource = this.#loop.client.resource(JobKind);
    const ended = succeeded.length + failed.length;
    const noted = {
      ...(succeeded.length > 0 && !isIndexed(job) ? { succeeded: uids(succeeded) } : {}),
      ...(failed.length > 0 ? { failed: uids(failed) } : {}),
    };
    let latest = job;
    if (ended > 0) {
      latest = resource.updateStatus({ ...job, status: { ...present, uncountedTerminatedPods: noted } as Status });
    }
    for (const pod of [...succeeded, ...failed, ...uncounted]) this.#untrack(pod);
    const totals = {
      succeeded: isIndexed(job) ? seen.succeededIndexes.size : (base.succeeded ?? 0) + succeeded.length,
      failed: (base.failed ?? 0) + failed.length,
    };
    const gone = new Set([...failed, ...uncounted]);
    const left = pods.filter(
      (pod) => pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed' && !gone.has(pod),
    );
    const over = outcome !== undefined && left.length === 0;
    const terminating = outcome ? left.length : seen.terminating;
    const status = {
      ...present,
      terminating,
      ...(totals.succeeded > 0 ? { succeeded: totals.succeeded } : {}),
      ...(totals.failed > 0 ? { failed: totals.failed } : {}),
      uncountedTerminatedPods: {},
      ...(over ? this.#finish(job, outcome, conditions) : {}),
    } as Status;
    updateStatus(resource, latest, status);
  }

  #finish(job: Job, { success, reason, message }: Outcome, conditions: readonly Condition[]): Partial<Status> {
    const subject = subjectOf(job, JobKind);
    if (success) this.#loop.recorder.event(subject, 'Normal', 'Completed', 'Job completed');
    else this.#loop.recorder.event(subject, 'Warning', reason, message);
    return {
      conditions: [...conditions, this.#condition(success ? 'Complete' : 'Failed', true, reason, message)],
      ...(success ? { completionTime: formatTime(this.#kernel.now) } : {}),
    };
  }
}
