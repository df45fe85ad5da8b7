import { describe, expect, test } from 'vitest';
import { JobKind } from '../../src/api/batch/job.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { Job, Pod } from '../../src/api/types.ts';
import { messages } from './objects.ts';
import { Rig } from './rig.ts';

const INDEX = 'batch.kubernetes.io/job-completion-index';

function createJob(rig: Rig, spec: Partial<Job['spec']>): void {
  rig.client.resource(JobKind).create({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'j', namespace: 'lab' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'busybox' }] } },
      ...spec,
    } as Job['spec'],
  });
  rig.settle();
}

const job = (rig: Rig): Job => rig.client.resource(JobKind).get('j', 'lab');

const active = (rig: Rig): Pod[] =>
  rig.pods().filter(({ metadata, status }) => !metadata.deletionTimestamp && status?.phase === 'Running');

const indexes = (pods: readonly Pod[]): string =>
  pods
    .map(({ metadata }) => metadata.annotations?.[INDEX])
    .sort()
    .join();

function end(rig: Rig, pod: Pod, phase: 'Succeeded' | 'Failed', exitCode = phase === 'Failed' ? 1 : 0): void {
  const terminated = { exitCode, reason: phase === 'Failed' ? 'Error' : 'Completed' };
  rig.client.resource(PodKind).patch(
    pod.metadata.name,
    'lab',
    'strategic',
    {
      status: {
        phase,
        containerStatuses: [
          { name: 'c', image: 'busybox', imageID: '', ready: false, restartCount: 0, state: { terminated } },
        ],
      },
    },
    { subresource: 'status' },
  );
  rig.settle();
}

/** Ends the Pod of an index. */
const endIndex = (rig: Rig, index: number, phase: 'Succeeded' | 'Failed'): void =>
  end(
    rig,
    active(rig).find(({ metadata }) => metadata.annotations?.[INDEX] === String(index))!,
    phase,
  );

const conditions = (rig: Rig): string[] =>
  (job(rig).status?.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);

describe('an indexed Job', () => {
  test('retries each index for itself, and goes on without those that fail too often', () => {
    const rig = new Rig();
    createJob(rig, { completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimitPerIndex: 1 });
    endIndex(rig, 1, 'Failed');
    expect(job(rig).status?.failedIndexes ?? '').toBe('');
    rig.run(15_000);
    expect(indexes(active(rig))).toBe('0,1,2');
    endIndex(rig, 1, 'Failed');
    rig.run(60_000);
    expect(indexes(active(rig))).toBe('0,2');
    expect(job(rig).status).toMatchObject({ failed: 2, failedIndexes: '1', active: 2 });
    endIndex(rig, 0, 'Succeeded');
    endIndex(rig, 2, 'Succeeded');
    expect(job(rig).status).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
    expect(conditions(rig)).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
  });

  test('gives up when too many indexes have failed', () => {
    const rig = new Rig();
    createJob(rig, {
      completionMode: 'Indexed',
      completions: 4,
      parallelism: 4,
      backoffLimitPerIndex: 0,
      maxFailedIndexes: 1,
    });
    endIndex(rig, 0, 'Failed');
    expect(conditions(rig)).toEqual([]);
    endIndex(rig, 1, 'Failed');
    expect(conditions(rig)).toEqual(['FailureTarget MaxFailedIndexesExceeded', 'Failed MaxFailedIndexesExceeded']);
    expect(active(rig)).toEqual([]);
  });

  test('is elastic: completions and parallelism change together', () => {
    const rig = new Rig();
    createJob(rig, { completionMode: 'Indexed', completions: 3, parallelism: 3 });
    const scale = (n: number): void => {
      rig.client.resource(JobKind).patch('j', 'lab', 'merge', { spec: { completions: n, parallelism: n } });
      rig.settle();
    };
    scale(5);
    expect(indexes(active(rig))).toBe('0,1,2,3,4');
    scale(2);
    expect(indexes(active(rig))).toBe('0,1');
    endIndex(rig, 0, 'Succeeded');
    endIndex(rig, 1, 'Succeeded');
    expect(conditions(rig)).toEqual(['SuccessCriteriaMet CompletionsReached', 'Complete CompletionsReached']);
  });

  test('is done when its success policy is met, and ends what still runs', () => {
    const rig = new Rig();
    createJob(rig, {
      completionMode: 'Indexed',
      completions: 3,
      parallelism: 3,
      successPolicy: { rules: [{ succeededIndexes: '0' }] },
    });
    endIndex(rig, 0, 'Succeeded');
    expect(conditions(rig)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
    expect(job(rig).status).toMatchObject({ succeeded: 1, ready: 0, terminating: 0 });
    expect(active(rig)).toEqual([]);
  });
});

describe('podReplacementPolicy', () => {
  /** Deletes the only Pod while its kubelet is slow to let it go; how many are there then. */
  function withSlowEnd(policy: 'Failed' | 'TerminatingOrFailed'): { rig: Rig; pods: number } {
    const rig = new Rig();
    createJob(rig, { podReplacementPolicy: policy });
    const [pod] = active(rig);
    rig.silent.add(pod!.spec.nodeName!);
    rig.client.resource(PodKind).delete(pod!.metadata.name, 'lab');
    rig.run(15_000);
    return { rig, pods: rig.pods().length };
  }

  test('TerminatingOrFailed replaces Pods that are on their way out', () => {
    const { rig, pods } = withSlowEnd('TerminatingOrFailed');
    expect(pods).toBe(2);
    expect(job(rig).status).toMatchObject({ active: 1, terminating: 1, failed: 1 });
  });

  test('Failed waits until they are gone', () => {
    const { rig, pods } = withSlowEnd('Failed');
    expect(pods).toBe(1);
    expect(job(rig).status).toMatchObject({ terminating: 1 });
    expect(job(rig).status?.active ?? 0).toBe(0);
    end(rig, rig.pods()[0]!, 'Failed', 143);
    rig.run(30_000);
    expect(active(rig)).toHaveLength(1);
    expect(job(rig).status).toMatchObject({ active: 1, failed: 1 });
  });
});

describe('a Job', () => {
  test('that somebody else manages is left alone', () => {
    const rig = new Rig();
    createJob(rig, { managedBy: 'example.com/queue' });
    expect(rig.pods()).toEqual([]);
    expect(job(rig).status).toEqual({});
  });

  test('that is suspended has no Pods, and begins anew when it goes on', () => {
    const rig = new Rig();
    createJob(rig, { parallelism: 2 });
    const suspend = (value: boolean): void => {
      rig.run(5_000);
      rig.client.resource(JobKind).patch('j', 'lab', 'merge', { spec: { suspend: value } });
      rig.settle();
    };
    const startTime = (): number => Date.parse(job(rig).status?.startTime ?? '');
    const started = startTime();
    suspend(true);
    expect(active(rig)).toEqual([]);
    expect(job(rig).status?.startTime).toBeUndefined();
    suspend(false);
    expect(active(rig)).toHaveLength(2);
    expect(startTime()).toBeGreaterThan(started);
    expect(messages(rig.events('Job')).filter((text) => /Suspend|Resum/.test(text))).toEqual([
      'Suspended: Job suspended',
      'Resumed: Job resumed',
    ]);
  });

  test('ignores failures that its policy says are none', () => {
    const rig = new Rig();
    createJob(rig, {
      backoffLimit: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }] },
    });
    end(rig, active(rig)[0]!, 'Failed', 42);
    rig.run(30_000);
    expect(active(rig)).toHaveLength(1);
    expect(job(rig).status?.failed ?? 0).toBe(0);
    end(rig, active(rig)[0]!, 'Failed', 1);
    expect(conditions(rig)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
  });
});

describe('an index that waits to be retried', () => {
  test('keeps its place: with one Pod at a time, the others wait with it', () => {
    const rig = new Rig();
    createJob(rig, { completionMode: 'Indexed', completions: 3, parallelism: 1, backoffLimitPerIndex: 2 });
    endIndex(rig, 0, 'Failed');
    rig.run(15_000);
    expect(indexes(rig.pods())).toBe('0,0');
  });

  test('tells its successor of failures that do not count', () => {
    const rig = new Rig();
    createJob(rig, {
      completionMode: 'Indexed',
      completions: 1,
      parallelism: 1,
      backoffLimitPerIndex: 0,
      podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } }] },
    } as Partial<Job['spec']>);
    endIndex(rig, 0, 'Failed');
    rig.run(15_000);
    expect(active(rig)[0]?.metadata.annotations).toMatchObject({
      'batch.kubernetes.io/job-index-failure-count': '0',
      'batch.kubernetes.io/job-index-ignored-failure-count': '1',
    });
  });
});

test('a Job that fails is not over before its Pods are gone', () => {
  const rig = new Rig();
  createJob(rig, { activeDeadlineSeconds: 30 });
  const [pod] = active(rig);
  rig.silent.add(pod!.spec.nodeName!);
  rig.run(40_000);
  expect(conditions(rig)).toEqual(['FailureTarget DeadlineExceeded']);
  expect(job(rig).status).toMatchObject({ failed: 1, terminating: 1, ready: 0 });
});
