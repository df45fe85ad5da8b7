import { describe, expect, test } from 'vitest';
import { CronJobKind } from '../../src/api/batch/cron-job.ts';
import { JobKind } from '../../src/api/batch/job.ts';
import type { CronJob, Job } from '../../src/api/types.ts';
import { messages } from './objects.ts';
import { Rig } from './rig.ts';

const MINUTE_MS = 60_000;

function createCronJob(rig: Rig, spec: Partial<CronJob['spec']> = {}): void {
  rig.client.resource(CronJobKind).create({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick', namespace: 'lab' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } } },
      },
      ...spec,
    } as CronJob['spec'],
  });
  // A second past the minute, when what is due has been done.
  rig.run(1_000);
}

const jobs = (rig: Rig): Job[] => rig.client.resource(JobKind).list({ namespace: 'lab' }).items;
const cronJob = (rig: Rig): CronJob => rig.client.resource(CronJobKind).get('tick', 'lab');
const change = (rig: Rig, spec: object): void =>
  void rig.client.resource(CronJobKind).patch('tick', 'lab', 'merge', { spec });

/** Ends all Jobs that run. */
function finish(rig: Rig): void {
  for (const job of jobs(rig)) {
    if (job.status?.conditions?.length) continue;
    rig.client.resource(JobKind).patch(job.metadata.name, 'lab', 'merge', { spec: { activeDeadlineSeconds: 1 } });
  }
}

/** Minutes since the epoch, by which Jobs are called. */
const minute = (rig: Rig): number => Math.floor(rig.kernel.now / MINUTE_MS);

describe('a CronJob', () => {
  test('makes a Job every time that it is due, called after the minute', () => {
    const rig = new Rig();
    createCronJob(rig);
    expect(jobs(rig)).toEqual([]);
    rig.run(2 * MINUTE_MS);
    expect(jobs(rig).map(({ metadata }) => metadata.name)).toEqual([`tick-${minute(rig) - 1}`, `tick-${minute(rig)}`]);
    expect(cronJob(rig).status?.active).toHaveLength(2);
    expect(messages(rig.events('CronJob'))[0]).toBe(`SuccessfulCreate: Created job tick-${minute(rig) - 1}`);
  });

  test('does not start a second Job beside the first when it may not', () => {
    const rig = new Rig();
    createCronJob(rig, { concurrencyPolicy: 'Forbid' });
    rig.run(3 * MINUTE_MS);
    expect(jobs(rig)).toHaveLength(1);
    expect(messages(rig.events('CronJob'))).toContain(
      'JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    finish(rig);
    rig.run(MINUTE_MS);
    expect(jobs(rig)).toHaveLength(2);
  });

  test('ends the Job before when that is to be replaced', () => {
    const rig = new Rig();
    createCronJob(rig, { concurrencyPolicy: 'Replace' });
    rig.run(3 * MINUTE_MS);
    expect(jobs(rig).map(({ metadata }) => metadata.name)).toEqual([`tick-${minute(rig)}`]);
    expect(messages(rig.events('CronJob'))).toContain(`SuccessfulDelete: Deleted job tick-${minute(rig) - 1}`);
  });

  test('rests while it is suspended, and then does once what it has missed', () => {
    const rig = new Rig();
    createCronJob(rig, { suspend: true });
    rig.run(10 * MINUTE_MS);
    expect(jobs(rig)).toEqual([]);
    change(rig, { suspend: false });
    rig.run(1_000);
    expect(jobs(rig).map(({ metadata }) => metadata.name)).toEqual([`tick-${minute(rig)}`]);
  });

  test('lets go of what is past its deadline', () => {
    const rig = new Rig();
    createCronJob(rig, { suspend: true, schedule: '0 * * * *', startingDeadlineSeconds: 600 });
    rig.run(75 * MINUTE_MS);
    change(rig, { suspend: false });
    rig.run(MINUTE_MS);
    expect(jobs(rig)).toEqual([]);
    rig.run(50 * MINUTE_MS);
    expect(jobs(rig)).toHaveLength(1);
  });

  test('keeps as many ended Jobs as it is told to', () => {
    const rig = new Rig();
    createCronJob(rig, { failedJobsHistoryLimit: 2 });
    for (let i = 0; i < 6; i++) {
      rig.run(MINUTE_MS);
      finish(rig);
    }
    rig.run(30_000);
    const failed = jobs(rig).filter(({ status }) => status?.conditions?.some(({ type }) => type === 'Failed'));
    expect(failed).toHaveLength(2);
    expect(cronJob(rig).status?.active ?? []).toEqual([]);
  });

  test('goes by its time zone', () => {
    const rig = new Rig();
    // Nine in the morning in Tokyo is midnight in Greenwich, where the cluster begins.
    createCronJob(rig, { schedule: '30 9 * * *', timeZone: 'Asia/Tokyo' });
    rig.run(31 * MINUTE_MS);
    expect(jobs(rig)[0]?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T09:30:00+09:00',
    });
  });
});
