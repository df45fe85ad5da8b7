import { describe, expect, test } from 'vitest';
import type { Job } from '../../../src/api/types.ts';
import { operateStatus } from '../api-operations.ts';
import { Resource } from '../client.ts';
import { jobs, nodes, pods } from '../kinds.ts';
import { BUSYBOX, exists, gone, namespace, PAUSE, reaches, until } from '../scene.ts';

const run = (script: string) => ({ image: BUSYBOX, command: ['sh', '-c', script] });

const job = (name: string, container: object, spec: object = {}, pod: object = {}) => ({
  metadata: { name, labels: { e2e: name } },
  spec: {
    parallelism: 2,
    completions: 4,
    backoffLimit: 6,
    template: {
      metadata: { labels: { job: name } },
      spec: {
        restartPolicy: 'Never',
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'c', image: PAUSE, ...container }],
        ...pod,
      },
    },
    ...spec,
  },
});

const condition =
  (type: string) =>
  ({ status }: Job) =>
    status?.conditions?.find((one) => one.type === type && one.status === 'True');

const completes = (ns: string, name: string) =>
  reaches(jobs(ns), name, (one) => condition('Complete')(one) !== undefined);
const fails = (ns: string, name: string) => reaches(jobs(ns), name, (one) => condition('Failed')(one) !== undefined);

const podsOf = async (ns: string, name: string) => (await pods(ns).list({ labelSelector: `job=${name}` })).items;

const INDEX = 'batch.kubernetes.io/job-completion-index';

describe('[sig-apps] Job', () => {
  test('Jobs, completion after task failure', async () => {
    const ns = await namespace();
    const script = 'if [ -e /data/foo ]; then exit 0; else touch /data/foo; exit 1; fi';
    const volume = { name: 'data', emptyDir: {} };
    const mounted = { ...run(script), volumeMounts: [{ name: 'data', mountPath: '/data' }] };
    const pod = { restartPolicy: 'OnFailure', volumes: [volume] };
    await jobs(ns).create(job('fail-once-local', mounted, {}, pod));
    await completes(ns, 'fail-once-local');
    const all = await podsOf(ns, 'fail-once-local');
    expect(all).toHaveLength(4);
    for (const { status } of all) {
      expect(status?.phase).toBe('Succeeded');
      expect(status?.containerStatuses?.[0]?.restartCount).toBe(1);
    }
  });

  test('Jobs, active pods, graceful termination', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('foo', {}));
    await reaches(jobs(ns), 'foo', ({ status }) => status?.active === 2 && status.ready === 2);
    await jobs(ns).delete('foo', { propagationPolicy: 'Foreground' });
    await gone(jobs(ns), 'foo');
    await until(
      () => podsOf(ns, 'foo'),
      (all) => all.length === 0,
    );
  });

  test('Jobs, orphan pods, re-adoption', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('adopt-release', {}));
    const [first, second] = await until(
      () => podsOf(ns, 'adopt-release'),
      (all) => all.length === 2,
    );
    await pods(ns).patch(first!.metadata.name, { metadata: { ownerReferences: null } });
    await reaches(pods(ns), first!.metadata.name, ({ metadata }) => metadata.ownerReferences?.[0]?.kind === 'Job');
    await pods(ns).change(second!.metadata.name, (old) => ({ ...old, metadata: { ...old.metadata, labels: {} } }));
    await reaches(pods(ns), second!.metadata.name, ({ metadata }) => metadata.ownerReferences === undefined);
  });

  test('Ensure Pods of an Indexed Job get a unique index.', async () => {
    const ns = await namespace();
    const spec = { completionMode: 'Indexed' };
    await jobs(ns).create(job('indexed-job', run('exit 0'), spec));
    const done = await completes(ns, 'indexed-job');
    expect(done.status?.completedIndexes).toBe('0-3');
    const all = (await podsOf(ns, 'indexed-job')).filter(({ status }) => status?.phase === 'Succeeded');
    expect(all.map(({ metadata }) => metadata.annotations?.[INDEX]).sort()).toEqual(['0', '1', '2', '3']);
    for (const { metadata, spec: made } of all) {
      expect(made.hostname).toBe(`indexed-job-${metadata.annotations?.[INDEX]}`);
      expect(made.containers[0]!.env?.map(({ name }) => name)).toContain('JOB_COMPLETION_INDEX');
    }
  });

  test('Verify Pod Failure policy allows to fail job early on exit code.', async () => {
    const ns = await namespace();
    const podFailurePolicy = {
      rules: [{ action: 'FailJob', onExitCodes: { containerName: 'c', operator: 'In', values: [1] } }],
    };
    await jobs(ns).create(job('failure-failjob', run('exit 1'), { podFailurePolicy, backoffLimit: 0, completions: 1 }));
    const failed = await fails(ns, 'failure-failjob');
    expect(condition('Failed')(failed)?.reason).toBe('PodFailurePolicy');
  });

  test('Ensure pod failure policy allows to ignore failure matching on the DisruptionTarget condition', async () => {
    const ns = await namespace();
    const podFailurePolicy = {
      rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
    };
    const spec = { podFailurePolicy, backoffLimit: 0, completions: 1, parallelism: 1 };
    await jobs(ns).create(job('ignore-disruption', run('sleep 9999'), spec));
    await reaches(jobs(ns), 'ignore-disruption', ({ status }) => status?.ready === 1);
    const [pod] = await podsOf(ns, 'ignore-disruption');
    const evict = new Resource(`${pods(ns).path}/${pod!.metadata.name}/eviction`);
    const { name } = pod!.metadata;
    await evict.create({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: ns } });
    const [next] = await until(
      () => podsOf(ns, 'ignore-disruption'),
      (all) => all.length === 1 && all[0]!.metadata.uid !== pod!.metadata.uid,
    );
    expect(condition('Failed')(await jobs(ns).get('ignore-disruption'))).toBeUndefined();
    expect(next).toBeDefined();
  });

  test('Jobs, manage lifecycle', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('e2e-job', run('exit 0'), { suspend: true }));
    await jobs(ns).patch('e2e-job', { metadata: { labels: { [ns]: 'patched' } } }, { type: 'strategic' });
    const suspended = await reaches(jobs(ns), 'e2e-job', (one) => condition('Suspended')(one) !== undefined);
    expect(suspended.metadata.labels?.[ns]).toBe('patched');
    await jobs(ns).change('e2e-job', (old) => ({
      ...old,
      metadata: { ...old.metadata, annotations: { ...old.metadata.annotations, updated: 'true' } },
      spec: { ...old.spec, suspend: false },
    }));
    await completes(ns, 'e2e-job');
    const selector = { labelSelector: `${ns}=patched` };
    expect((await jobs().list(selector)).items).toHaveLength(1);
    await jobs(ns).deleteCollection(selector, { propagationPolicy: 'Background' });
    await until(
      () => jobs().list(selector),
      ({ items }) => items.length === 0,
    );
  });

  test('Jobs, apply changes to status', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('suspend-false-to-true', {}, { backoffLimit: 6 }));
    await reaches(jobs(ns), 'suspend-false-to-true', ({ status }) => status?.ready === 2);
    const custom = { type: 'CustomConditionType', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await operateStatus(jobs(ns), 'suspend-false-to-true', {
      conditions: [{ ...custom, lastTransitionTime: '2026-01-01T00:00:00Z', lastProbeTime: '2026-01-01T00:00:00Z' }],
    });
  });

  const PER_INDEX = { completionMode: 'Indexed', completions: 2, parallelism: 2, backoffLimit: undefined };
  const EVEN_FAILS = 'if [ $(($JOB_COMPLETION_INDEX % 2)) -eq 0 ]; then exit 1; else exit 0; fi';

  test('Job should execute all indexes despite some failing when using backoffLimitPerIndex', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('per-index', run(EVEN_FAILS), { ...PER_INDEX, backoffLimitPerIndex: 1 }));
    const { status } = await fails(ns, 'per-index');
    expect(status).toMatchObject({ failedIndexes: '0', completedIndexes: '1', failed: 2, succeeded: 1 });
    expect(status?.conditions?.find(({ type }) => type === 'Failed')?.reason).toBe('FailedIndexes');
  });

  test('Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes', async () => {
    const ns = await namespace();
    const spec = { ...PER_INDEX, completions: 100, parallelism: 2, backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
    await jobs(ns).create(job('max-failed', run('exit 1'), spec));
    const failed = await fails(ns, 'max-failed');
    expect(condition('Failed')(failed)?.reason).toBe('MaxFailedIndexesExceeded');
  });

  test('Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy', async () => {
    const ns = await namespace();
    const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] };
    const spec = { ...PER_INDEX, backoffLimitPerIndex: 1, podFailurePolicy };
    await jobs(ns).create(job('fail-index', run(EVEN_FAILS), spec));
    const { status } = await fails(ns, 'fail-index');
    expect(status).toMatchObject({ failedIndexes: '0', completedIndexes: '1', failed: 1, succeeded: 1 });
  });

  const succeeds = async (rule: object, script: string) => {
    const ns = await namespace();
    const spec = { completionMode: 'Indexed', completions: 5, parallelism: 5, successPolicy: { rules: [rule] } };
    await jobs(ns).create(job('success', run(script), spec));
    return completes(ns, 'success');
  };

  test('Job with successPolicy should succeeded when all indexes succeeded', async () => {
    const done = await succeeds({ succeededIndexes: '0-4' }, 'exit 0');
    expect(condition('SuccessCriteriaMet')(done)).toBeDefined();
    expect(done.status?.completedIndexes).toBe('0-4');
  });

  test('Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending', async () => {
    const done = await succeeds(
      { succeededIndexes: '0' },
      'if [ $JOB_COMPLETION_INDEX -eq 0 ]; then exit 0; else sleep 9999; fi',
    );
    expect(condition('SuccessCriteriaMet')(done)?.reason).toBe('SuccessPolicy');
    expect(done.status).toMatchObject({ completedIndexes: '0', succeeded: 1 });
  });

  test('Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending', async () => {
    const done = await succeeds(
      { succeededCount: 1 },
      'if [ $JOB_COMPLETION_INDEX -eq 0 ]; then exit 0; else sleep 9999; fi',
    );
    expect(condition('SuccessCriteriaMet')(done)?.reason).toBe('SuccessPolicy');
    expect(done.status).toMatchObject({ completedIndexes: '0', succeeded: 1 });
  });

  test('Job managed by another controller is left alone', async () => {
    const ns = await namespace();
    await jobs(ns).create(job('managed', {}, { managedBy: 'example.com/custom-job-controller' }));
    await nodes().list();
    await jobs(ns).create(job('not-managed', run('exit 0')));
    await completes(ns, 'not-managed');
    expect(await podsOf(ns, 'managed')).toEqual([]);
    expect(await exists(jobs(ns), 'managed')).toBe(true);
  });
});
