import { describe, expect, test } from 'vitest';
import type { OwnerReference } from '../../../src/api/object.ts';
import type { ReplicationController } from '../../../src/api/types.ts';
import { deployments, pods, replicaSets, replicationControllers } from '../kinds.ts';
import { gone, namespace, reaches, template, until } from '../scene.ts';

const LABELS = { app: 'gc' };

const controller = (name: string, replicas: number, labels: Record<string, string> = LABELS) => ({
  metadata: { name },
  spec: { replicas, selector: labels, template: template(labels) },
});

const podsOf = async (ns: string, app = 'gc') => (await pods(ns).list({ labelSelector: `app=${app}` })).items;

async function runController(ns: string, name: string, replicas: number): Promise<ReplicationController> {
  await replicationControllers(ns).create(controller(name, replicas));
  return reaches(replicationControllers(ns), name, ({ status }) => status?.replicas === replicas);
}

const deployment = {
  metadata: { name: 'web' },
  spec: { replicas: 2, selector: { matchLabels: LABELS }, template: template(LABELS) },
};

async function runDeployment(ns: string): Promise<void> {
  await deployments(ns).create(deployment);
  await reaches(deployments(ns), 'web', ({ status }) => status?.updatedReplicas === 2);
}

const owner = (apiVersion: string, kind: string, { metadata }: { metadata: { name: string; uid?: string } }) =>
  ({ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' }) satisfies OwnerReference;

describe('[sig-api-machinery] Garbage collector', () => {
  test('Garbage Collector, delete replication controller, propagation policy background', async () => {
    const ns = await namespace();
    const { metadata } = await runController(ns, 'rc', 2);
    await replicationControllers(ns).delete('rc', {
      propagationPolicy: 'Background',
      preconditions: { uid: metadata.uid },
    });
    await until(
      () => podsOf(ns),
      (items) => items.length === 0,
    );
    expect((await replicationControllers(ns).list()).items).toEqual([]);
  });

  test('Garbage Collector, delete replication controller, propagation policy orphan', async () => {
    const ns = await namespace();
    await runController(ns, 'rc', 10);
    await replicationControllers(ns).delete('rc', { propagationPolicy: 'Orphan' });
    await gone(replicationControllers(ns), 'rc');
    const left = await podsOf(ns);
    expect(left).toHaveLength(10);
    expect(left.flatMap(({ metadata }) => metadata.ownerReferences ?? [])).toEqual([]);
  });

  test('Garbage Collector, delete deployment,  propagation policy background', async () => {
    const ns = await namespace();
    await runDeployment(ns);
    await deployments(ns).delete('web', { propagationPolicy: 'Background' });
    await until(
      () => replicaSets(ns).list(),
      ({ items }) => items.length === 0,
    );
    await until(
      () => podsOf(ns),
      (items) => items.length === 0,
    );
  });

  test('Garbage Collector, delete deployment, propagation policy orphan', async () => {
    const ns = await namespace();
    await runDeployment(ns);
    await deployments(ns).delete('web', { propagationPolicy: 'Orphan' });
    await gone(deployments(ns), 'web');
    const { items } = await replicaSets(ns).list();
    expect(items).toHaveLength(1);
    expect(items[0]!.metadata.ownerReferences ?? []).toEqual([]);
    expect(await podsOf(ns)).toHaveLength(2);
  });

  test('Garbage Collector, delete replication controller, after owned pods', async () => {
    const ns = await namespace();
    await runController(ns, 'rc', 10);
    const watch = await replicationControllers(ns).watch({ fieldSelector: 'metadata.name=rc' });
    const deleting = await replicationControllers(ns).delete('rc', { propagationPolicy: 'Foreground' });
    expect(deleting.metadata.deletionTimestamp).toBeDefined();
    expect(deleting.metadata.finalizers).toContain('foregroundDeletion');
    // It may go only when its Pods have gone.
    await watch.until('DELETED');
    watch.stop();
    expect(await podsOf(ns)).toEqual([]);
  });

  test('Garbage Collector, multiple owners', async () => {
    const ns = await namespace();
    await runController(ns, 'leaving', 10);
    const staying = await replicationControllers(ns).create(controller('staying', 0, { app: 'other' }));
    const shared = (await podsOf(ns)).slice(0, 5).map(({ metadata }) => metadata.name);
    for (const name of shared) {
      const patch = { metadata: { ownerReferences: [owner('v1', 'ReplicationController', staying)] } };
      await pods(ns).patch(name, patch, { type: 'strategic' });
    }
    await replicationControllers(ns).delete('leaving', { propagationPolicy: 'Foreground' });
    await gone(replicationControllers(ns), 'leaving');
    const left = await podsOf(ns);
    expect(left.map(({ metadata }) => metadata.name).toSorted()).toEqual(shared.toSorted());
    for (const { metadata } of left) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      expect(metadata.ownerReferences).toEqual([owner('v1', 'ReplicationController', staying)]);
    }
  });

  test('Garbage Collector, dependency cycle', async () => {
    const ns = await namespace();
    const made = await Promise.all(
      ['pod1', 'pod2', 'pod3'].map((name) => pods(ns).create({ ...template(LABELS), metadata: { name } })),
    );
    const [pod1, pod2, pod3] = made.map((pod) => ({
      ...owner('v1', 'Pod', pod),
      controller: true,
      blockOwnerDeletion: true,
    }));
    for (const [name, reference] of [
      ['pod1', pod3],
      ['pod2', pod1],
      ['pod3', pod2],
    ] as const)
      await pods(ns).patch(name, { metadata: { ownerReferences: [reference] } });
    await pods(ns).delete('pod1', { propagationPolicy: 'Foreground' });
    await until(
      () => pods(ns).list(),
      ({ items }) => items.length === 0,
    );
  });
});
