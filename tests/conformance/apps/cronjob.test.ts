import { describe, expect, test } from 'vitest';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { cronJobs, jobs } from '../kinds.ts';
import { BUSYBOX, namespace, reaches, until } from '../scene.ts';

const EVERY_MINUTE = '*/1 * * * *';

const cronJob = (name: string, spec: object = {}, command: readonly string[] = ['sleep', '300']) => ({
  metadata: { name },
  spec: {
    schedule: EVERY_MINUTE,
    jobTemplate: {
      spec: {
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            terminationGracePeriodSeconds: 0,
            containers: [{ name: 'c', image: BUSYBOX, command }],
          },
        },
      },
    },
    ...spec,
  },
});

const active = (ns: string, count: number) =>
  reaches(cronJobs(ns), 'cj', ({ status }) => (status?.active?.length ?? 0) >= count);

/** Minutes of the cluster's time take two seconds each. */
const someMinutes = () => new Promise((resolve) => setTimeout(resolve, 5_000));

describe('[sig-apps] CronJob', () => {
  test('CronJob AllowConcurrent', async () => {
    const ns = await namespace();
    await cronJobs(ns).create(cronJob('cj', { concurrencyPolicy: 'Allow' }));
    await active(ns, 2);
    const { items } = await jobs(ns).list();
    expect(items.filter(({ status }) => !status?.completionTime).length).toBeGreaterThanOrEqual(2);
  });

  test('CronJob Suspend', async () => {
    const ns = await namespace();
    await cronJobs(ns).create(cronJob('cj', { suspend: true }));
    await someMinutes();
    expect((await jobs(ns).list()).items).toEqual([]);
    expect((await cronJobs(ns).get('cj')).status?.active ?? []).toEqual([]);
  });

  test('CronJob ForbidConcurrent', async () => {
    const ns = await namespace();
    await cronJobs(ns).create(cronJob('cj', { concurrencyPolicy: 'Forbid' }));
    await active(ns, 1);
    const names = async () => (await jobs(ns).list()).items.map(({ metadata }) => metadata.name);
    const before = await names();
    expect(before).toHaveLength(1);
    await someMinutes();
    expect((await cronJobs(ns).get('cj')).status?.active).toHaveLength(1);
    expect(await names()).toEqual(before);
  });

  test('CronJob ReplaceConcurrent', async () => {
    const ns = await namespace();
    await cronJobs(ns).create(cronJob('cj', { concurrencyPolicy: 'Replace' }));
    const first = (await active(ns, 1)).status!.active![0]!.name;
    const next = await reaches(
      cronJobs(ns),
      'cj',
      ({ status }) => status?.active?.length === 1 && status.active[0]!.name !== first,
    );
    await until(
      () => jobs(ns).list(),
      ({ items }) => items.length === 1 && items[0]!.metadata.name !== first,
    );
    expect(next.status?.active).toHaveLength(1);
  });

  test('CronJob API Operations', async () => {
    const ns = await namespace();
    await discovered('batch/v1', 'cronjobs', 'cronjobs/status');
    const { spec } = cronJob('cj', { suspend: true });
    await operate({ resource: cronJobs(ns), everywhere: cronJobs(), object: () => ({ spec }) });
    await cronJobs(ns).create(cronJob('cj', { suspend: true }));
    await operateStatus(cronJobs(ns), 'cj', { lastScheduleTime: '2026-01-01T00:00:00Z' });
  });
});
