import { describe, expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../../src/api/types.ts';
import { request } from '../client.ts';
import { deployments, pods, replicaSets } from '../kinds.ts';
import { operateStatus } from '../api-operations.ts';
import { namespace, NGINX, PAUSE, reaches, template, until } from '../scene.ts';

const LABELS = { name: 'sample-pod' };
const REVISION = 'deployment.kubernetes.io/revision';

const replicaSet = (name: string, replicas: number, container: object = {}) => ({
  metadata: { name, labels: LABELS },
  spec: { replicas, selector: { matchLabels: LABELS }, template: template(LABELS, container) },
});

const deployment = (name: string, replicas: number, container: object = {}, spec: object = {}) => ({
  metadata: { name, labels: LABELS },
  spec: { replicas, selector: { matchLabels: LABELS }, template: template(LABELS, container), ...spec },
});

const isComplete = ({ metadata, spec, status }: Deployment): boolean =>
  status?.observedGeneration === metadata.generation &&
  status?.updatedReplicas === spec.replicas &&
  status?.replicas === spec.replicas &&
  status?.availableReplicas === spec.replicas;

const completes = (ns: string, name: string) => reaches(deployments(ns), name, isComplete);

const setsOf = async (ns: string): Promise<ReplicaSet[]> => (await replicaSets(ns).list()).items;

const image = ({ spec }: ReplicaSet) => spec.template?.spec?.containers[0]?.image;

const withImage = (name: string) => ({ spec: { template: { spec: { containers: [{ name: 'app', image: name }] } } } });

describe('[sig-apps] Deployment', () => {
  test('Deployment RollingUpdate', async () => {
    const ns = await namespace();
    await replicaSets(ns).create({
      ...replicaSet('test-rolling-update-controller', 1, { image: NGINX }),
      metadata: {
        name: 'test-rolling-update-controller',
        labels: LABELS,
        annotations: { [REVISION]: '3546343826724305832' },
      },
    });
    await reaches(replicaSets(ns), 'test-rolling-update-controller', ({ status }) => status?.readyReplicas === 1);
    await deployments(ns).create(deployment('test-rolling-update-deployment', 1));
    const done = await completes(ns, 'test-rolling-update-deployment');
    expect(done.metadata.annotations?.[REVISION]).toBe('3546343826724305833');
    const old = (await setsOf(ns)).filter((one) => image(one) === NGINX);
    expect(old.map(({ spec }) => spec.replicas)).toEqual([0]);
    expect(old[0]?.metadata.ownerReferences?.[0]?.uid).toBe(done.metadata.uid);
  });

  test('Deployment Recreate', async () => {
    const ns = await namespace();
    const name = 'test-recreate-deployment';
    await deployments(ns).create(deployment(name, 1, { image: NGINX }, { strategy: { type: 'Recreate' } }));
    await completes(ns, name);
    const watch = await pods(ns).watch();
    await deployments(ns).patch(name, withImage(PAUSE), { type: 'strategic' });
    // Old Pods and new ones must not run at the same time.
    const there = new Map<string, string>();
    let seenNew = false;
    while (!seenNew) {
      const event = (await watch.next())!;
      if (event.type === 'ERROR' || event.type === 'BOOKMARK') continue;
      const { metadata, spec, status } = event.object;
      const of = spec.containers[0]!.image!;
      if (event.type === 'DELETED') there.delete(metadata.name);
      else if (status?.phase === 'Running') there.set(metadata.name, of);
      expect(new Set(there.values()).size).toBeLessThanOrEqual(1);
      seenNew = of === PAUSE && status?.phase === 'Running';
    }
    watch.stop();
    await completes(ns, name);
  });

  test('Deployment RevisionHistoryLimit', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('test-cleanup-controller', 1, { image: NGINX }));
    await reaches(replicaSets(ns), 'test-cleanup-controller', ({ status }) => status?.readyReplicas === 1);
    await deployments(ns).create(deployment('test-cleanup-deployment', 1, {}, { revisionHistoryLimit: 0 }));
    await completes(ns, 'test-cleanup-deployment');
    await until(
      () => setsOf(ns),
      (sets) => sets.length === 1 && image(sets[0]!) === PAUSE,
    );
  });

  test('Deployment Rollover', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('test-rollover-controller', 1, { image: NGINX }));
    await reaches(replicaSets(ns), 'test-rollover-controller', ({ status }) => status?.readyReplicas === 1);
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    const name = 'test-rollover-deployment';
    await deployments(ns).create(
      deployment(name, 1, { image: 'registry.k8s.io/nothing:1' }, { minReadySeconds: 10, strategy }),
    );
    await reaches(deployments(ns), name, ({ status }) => status?.updatedReplicas === 1);
    await deployments(ns).patch(name, withImage(PAUSE), { type: 'strategic' });
    await completes(ns, name);
    const sets = await setsOf(ns);
    expect(sets).toHaveLength(3);
    for (const one of sets) expect(one.spec.replicas).toBe(image(one) === PAUSE ? 1 : 0);
  });

  test('Deployment Proportional Scaling', async () => {
    const ns = await namespace();
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } };
    await deployments(ns).create(deployment('web', 10, {}, { strategy }));
    await completes(ns, 'web');
    await deployments(ns).patch('web', withImage('registry.k8s.io/nothing:404'), { type: 'strategic' });
    const shares = async () => {
      const sets = await setsOf(ns);
      const of = (old: boolean) => sets.find((one) => (image(one) === PAUSE) === old)?.spec.replicas ?? 0;
      return [of(true), of(false)];
    };
    // With 10 replicas: 8 old ones must stay available, and of 13 at most 5 can be new.
    await until(shares, ([old, fresh]) => old === 8 && fresh === 5);
    await deployments(ns).patch('web', { spec: { replicas: 30 } });
    // 20 more by 8:5.
    await until(shares, ([old, fresh]) => old === 20 && fresh === 13);
  });

  test('Deployment, completes the scaling of a Deployment subresource', async () => {
    const ns = await namespace();
    await deployments(ns).create(deployment('test-new-deployment', 1));
    await completes(ns, 'test-new-deployment');
    const at = `${deployments(ns).path}/test-new-deployment/scale`;
    const scale = await request<{ metadata: object; spec: object }>('GET', at);
    expect(scale.spec).toEqual({ replicas: 1 });
    await request('PUT', at, { ...scale, metadata: { ...scale.metadata, resourceVersion: '' }, spec: { replicas: 2 } });
    expect((await deployments(ns).get('test-new-deployment')).spec.replicas).toBe(2);
    await deployments(ns).patch('test-new-deployment/scale', { spec: { replicas: 4 } });
    await completes(ns, 'test-new-deployment');
  });

  test('Deployment, completes the lifecycle of a Deployment', async () => {
    const ns = await namespace();
    const name = 'test-deployment';
    const all = { labelSelector: 'name=sample-pod' };
    const watch = await deployments(ns).watch(all);
    await deployments(ns).create(deployment(name, 1));
    await watch.until('ADDED');
    await watch.until('MODIFIED', ({ status }) => status?.availableReplicas === 1);
    const patch = {
      metadata: { labels: { 'test-deployment': 'patched' } },
      spec: { replicas: 2, ...withImage(NGINX).spec },
    };
    await deployments(ns).patch(name, patch, { type: 'strategic' });
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-deployment'] === 'patched');
    await watch.until('MODIFIED', (one) => one.spec.replicas === 2 && isComplete(one));
    expect((await deployments().list({ labelSelector: 'test-deployment=patched' })).items).not.toEqual([]);
    await deployments(ns).change(name, (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, 'test-deployment': 'updated' } },
    }));
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-deployment'] === 'updated');
    const status = await deployments(ns).get(`${name}/status`);
    expect(status.status?.readyReplicas).toBe(2);
    await deployments(ns).patch(`${name}/status`, {
      metadata: { labels: { 'test-deployment': 'patched-status' } },
      status: {
        readyReplicas: 0,
        availableReplicas: 0,
        conditions: [{ type: 'Available', status: 'False', reason: 'E', message: 'e2e' }],
      },
    });
    await watch.until('MODIFIED', ({ status: now }) => (now?.readyReplicas ?? 0) === 0);
    await deployments(ns).deleteCollection(all);
    await watch.until('DELETED');
    watch.stop();
  });

  test('Deployment, status sub-resource', async () => {
    const ns = await namespace();
    await deployments(ns).create(deployment('test-deployment', 1));
    await completes(ns, 'test-deployment');
    const condition = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await operateStatus(deployments(ns), 'test-deployment', { conditions: [condition] });
  });
});
