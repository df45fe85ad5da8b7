import { CronError, parseCron } from '../../api/batch/cron-schedule.ts';
import { CronJobKind } from '../../api/batch/cron-job.ts';
import { JobKind } from '../../api/batch/job.ts';
import { controllerOf, formatTime, keyOf, ownerReference, parseTime } from '../../api/meta.ts';
import type { Manifest } from '../../api/object.ts';
import { hasReason } from '../../api/status.ts';
import type { CronJob, Job } from '../../api/types.ts';
import type { SharedInformer } from '../../client/index.ts';
import type { Kernel } from '../../kernel/index.ts';
import type { Controller, ControllerContext } from '../context.ts';
import { BUSY_MS, ControlLoop } from '../control-loop.ts';
import { errorText, isNamespaceTerminating, subjectOf } from '../pod-control.ts';
import { updateStatus } from '../update-status.ts';
import { nextDue } from './cron.ts';
import { dueTimes, MANY_MISSED } from './due-times.ts';

type Status = NonNullable<CronJob['status']>;

/** A little later than due, so that the clock of whoever looks is past it. */
const SLACK_MS = 100;

const MINUTE_MS = 60_000;
const BY_OWNER = 'owner';
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** How a Job has ended, if it has. */
const endOf = ({ status }: Job): 'Complete' | 'Failed' | undefined =>
  status?.conditions?.find(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed'))
    ?.type as 'Complete' | 'Failed' | undefined;

const byStart = (a: Job, b: Job): number =>
  (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? '') ||
  a.metadata.name.localeCompare(b.metadata.name);

/** RFC 3339 with the offset of a zone, as Go writes it. */
function zonedTime(ms: number, zone: string | undefined): string {
  if (zone === undefined) return formatTime(ms);
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  const offset = name.slice('GMT'.length);
  if (offset === '') return formatTime(ms);
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  const shift = (hours * 60 + minutes) * MINUTE_MS * (offset.startsWith('-') ? -1 : 1);
  return formatTime(ms + shift).replace('Z', offset);
}

/** Makes a Job whenever the schedule of a CronJob is due, and deletes old ones beyond the history limits. */
export class CronJobController implements Controller {
  readonly #kernel: Kernel;
  readonly #loop: ControlLoop;
  readonly #cronJobs: SharedInformer<CronJob>;
  readonly #jobs: SharedInformer<Job>;

  constructor(context: ControllerContext) {
    this.#kernel = context.kernel;
    this.#loop = new ControlLoop({
      context,
      name: 'cronjob-controller',
      reconcile: (key) => this.#reconcile(key),
      busyMs: () => BUSY_MS,
    });
    this.#cronJobs = context.informers.for(CronJobKind);
    this.#jobs = context.informers.for(JobKind);
    this.#jobs.addIndex(BY_OWNER, (job) => [controllerOf(job)?.uid ?? '']);
    const enqueue = (cronJob: CronJob): void => this.#loop.queue.add(keyOf(cronJob));
    this.#loop.on(this.#cronJobs, {
      add: enqueue,
      update: (cronJob, old) => {
        const { schedule, timeZone } = cronJob.spec;
        if (schedule === old.spec.schedule && timeZone === old.spec.timeZone) enqueue(cronJob);
        else this.#wakeWhenDue(cronJob);
      },
    });
    const enqueueOwner = (job: Job): void => {
      const owner = controllerOf(job);
      if (owner?.kind === 'CronJob') this.#loop.queue.add(`${job.metadata.namespace}/${owner.name}`);
    };
    this.#loop.on(this.#jobs, { add: enqueueOwner, update: enqueueOwner, delete: enqueueOwner });
  }

  stop(): void {
    this.#loop.stop();
  }

  /** A new schedule is for times to come: what it would have missed is not made up for. */
  #wakeWhenDue(cronJob: CronJob): void {
    const { now } = this.#kernel;
    const next = nextDue(parseCron(cronJob.spec.schedule), now, cronJob.spec.timeZone ?? 'UTC');
    if (next !== undefined) this.#loop.queue.addAfter(keyOf(cronJob), next - now + SLACK_MS);
  }

  #reconcile(key: string): void {
    const cronJob = this.#cronJobs.getByKey(key);
    if (!cronJob) return;
    const jobs = this.#jobs.byIndex(BY_OWNER, cronJob.metadata.uid ?? '');
    const status = this.#tidy(cronJob, jobs);
    const next = this.#schedule(key, { ...cronJob, status });
    updateStatus(this.#loop.client.resource(CronJobKind), cronJob, next);
  }

  #tell(cronJob: CronJob, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#loop.recorder.event(subjectOf(cronJob, CronJobKind), type, reason, message);
  }

  /** Notes which Jobs have ended, and deletes the oldest that nobody wants to see any more. */
  #tidy(cronJob: CronJob, jobs: readonly Job[]): Status {
    const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
    const trimmed = new Set([
      ...this.#trim(cronJob, jobs, 'Complete', successfulJobsHistoryLimit),
      ...this.#trim(cronJob, jobs, 'Failed', failedJobsHistoryLimit),
    ]);
    const { active: before = [], ...rest } = cronJob.status ?? {};
    let { lastSuccessfulTime } = rest;
    const active = before.filter(({ uid }) => !trimmed.has(uid));
    const known = new Set(active.map(({ uid }) => uid));
    for (const job of jobs) {
      const { name, uid } = job.metadata;
      const end = endOf(job);
      if (!end && !known.has(uid)) {
        const text = `Saw a job that the controller did not create or forgot: ${name}`;
        this.#tell(cronJob, 'Warning', 'UnexpectedJob', text);
      } else if (end && known.delete(uid)) {
        this.#tell(cronJob, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
      }
      const { completionTime } = job.status ?? {};
      if (end === 'Complete' && completionTime && completionTime > (lastSuccessfulTime ?? '')) {
        lastSuccessfulTime = completionTime;
      }
    }
    const present = new Set(jobs.map(({ metadata }) => metadata.uid));
    const left = active.filter(({ uid, name }) => {
      if (!known.has(uid)) return false;
      if (present.has(uid)) return true;
      this.#tell(cronJob, 'Normal', 'MissingJob', `Active job went missing: ${name}`);
      return false;
    });
    return {
      ...rest,
      ...(left.length > 0 ? { active: left } : {}),
      ...(lastSuccessfulTime ? { lastSuccessfulTime } : {}),
    };
  }

  /** Deletes what goes beyond a limit; returns the uids. */
  #trim(cronJob: CronJob, jobs: readonly Job[], end: 'Complete' | 'Failed', limit: number): (string | undefined)[] {
    const ended = jobs.filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp).sort(byStart);
    const old = ended.slice(0, Math.max(0, ended.length - limit));
    for (const job of old) this.#delete(cronJob, job.metadata);
    return old.map(({ metadata }) => metadata.uid);
  }

  #delete(cronJob: CronJob, { name, namespace }: { readonly name: string; readonly namespace?: string }): void {
    try {
      this.#loop.client.resource(JobKind).delete(name, namespace, { propagationPolicy: 'Background' });
      this.#tell(cronJob, 'Normal', 'SuccessfulDelete', `Deleted job ${name}`);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  /** Makes the Job that is due, if one is, and comes back when the next one will be. */
  #schedule(key: string, cronJob: CronJob): Status {
    const { spec, metadata } = cronJob;
    const status = cronJob.status ?? {};
    const { now } = this.#kernel;
    if (metadata.deletionTimestamp || spec.suspend) return status;
    let due;
    try {
      due = dueTimes(cronJob, now);
    } catch (error) {
      if (!(error instanceof CronError)) throw error;
      const text = `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${error.message}`;
      this.#tell(cronJob, 'Warning', 'UnparseableSchedule', text);
      return status;
    }
    if (due.nextMs === undefined) {
      // Kubernetes reckons with the zero time there.
      const text = `invalid schedule: ${spec.schedule} : time difference between two schedules is less than 1 second`;
      this.#tell(cronJob, 'Warning', 'InvalidSchedule', text);
      return status;
    }
    this.#loop.queue.addAfter(key, due.nextMs - now + SLACK_MS);
    const { missedMs, missed } = due;
    if (missed > MANY_MISSED) {
      const text = `too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew`;
      this.#tell(cronJob, 'Warning', 'TooManyMissedTimes', text);
    }
    if (missedMs === undefined) return status;
    const { startingDeadlineSeconds: deadline } = spec;
    if (deadline !== undefined && missedMs + deadline * 1000 < now) {
      const time = new Date(missedMs).toUTCString().replace('GMT', '+0000');
      const text = `Missed scheduled time to start a job: ${time}`;
      this.#tell(cronJob, 'Warning', 'MissSchedule', text);
      return status;
    }
    const name = `${metadata.name}-${Math.floor(missedMs / MINUTE_MS)}`;
    const active = status.active ?? [];
    if (active.some((reference) => reference.name === name) || parseTime(status.lastScheduleTime ?? '') === missedMs) {
      return status;
    }
    if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) {
      const text = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      this.#tell(cronJob, 'Normal', 'JobAlreadyActive', text);
      return status;
    }
    const replace = spec.concurrencyPolicy === 'Replace';
    if (replace) {
      for (const reference of active) this.#delete(cronJob, { name: reference.name!, namespace: metadata.namespace! });
    }
    return this.#start(cronJob, { ...status, active: replace ? [] : active }, missedMs, name);
  }

  #start(cronJob: CronJob, status: Status, scheduledMs: number, name: string): Status {
    const { jobTemplate, timeZone } = cronJob.spec;
    const draft = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name,
        namespace: cronJob.metadata.namespace!,
        ...(jobTemplate.metadata?.labels ? { labels: jobTemplate.metadata.labels } : {}),
        annotations: { ...jobTemplate.metadata?.annotations, [SCHEDULED_AT]: zonedTime(scheduledMs, timeZone) },
        creationTimestamp: formatTime(scheduledMs),
        ownerReferences: [ownerReference(cronJob, CronJobKind)],
      },
      spec: jobTemplate.spec,
    } as Manifest<Job>;
    const resource = this.#loop.client.resource(JobKind);
    let job: Job;
    let made = true;
    try {
      job = resource.create(draft);
    } catch (error) {
      if (isNamespaceTerminating(error)) return status;
      if (!hasReason(error, 'AlreadyExists')) {
        this.#tell(cronJob, 'Warning', 'FailedCreate', `Error creating job: ${errorText(error)}`);
        throw error;
      }
      job = resource.get(name, cronJob.metadata.namespace);
      if (controllerOf(job)?.uid !== cronJob.metadata.uid) return status;
      made = false;
    }
    if (made) this.#tell(cronJob, 'Normal', 'SuccessfulCreate', `Created job ${name}`);
    const { uid, namespace, resourceVersion } = job.metadata;
    const reference = { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
    return {
      ...status,
      active: [...(status.active ?? []), reference],
      lastScheduleTime: formatTime(scheduledMs),
    } as Status;
  }
}
