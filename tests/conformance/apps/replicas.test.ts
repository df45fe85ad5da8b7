/** ReplicaSets and ReplicationControllers. */
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types.ts';
import { operateStatus } from '../api-operations.ts';
import { pods, replicaSets, replicationControllers, resourceQuotas } from '../kinds.ts';
import { request } from '../client.ts';
import { AGNHOST, afterwards, gone, namespace, PAUSE, reaches, template, until } from '../scene.ts';

const labels = (name: string) => ({ name, app: name });

const replicaSet = (name: string, replicas: number, container: object = {}) => ({
  metadata: { name, labels: labels(name) },
  spec: { replicas, selector: { matchLabels: labels(name) }, template: template(labels(name), container) },
});

const controller = (name: string, replicas: number, container: object = {}) => ({
  metadata: { name, labels: labels(name) },
  spec: { replicas, selector: labels(name), template: template(labels(name), container) },
});

/** Waits until so many Pods with the label run. */
const running = (ns: string, name: string, count: number) =>
  until(
    () => pods(ns).list({ labelSelector: `name=${name}` }),
    ({ items }) => items.length === count && items.every(({ status }) => status?.phase === 'Running'),
  );

const owners = ({ metadata }: Pod) => metadata.ownerReferences ?? [];

/** What runs on each replica answers with the name of its Pod. */
async function serves(ns: string, name: string): Promise<void> {
  for (const { metadata } of (await running(ns, name, 3)).items) {
    const answer = await until(
      () =>
        request<string>('GET', `${pods(ns).path}/${metadata.name}:9376/proxy/`).catch((error: Error) => error.message),
      (text) => text.includes(metadata.name),
    );
    expect(answer).toContain(metadata.name);
  }
}

const HOSTNAME = { image: AGNHOST, args: ['serve-hostname'], ports: [{ containerPort: 9376 }] };

/** Reads, replaces and patches the scale of one replica. */
async function scales(resource: ReturnType<typeof replicaSets>, name: string): Promise<void> {
  interface Scale {
    readonly kind: string;
    readonly spec: { readonly replicas?: number };
    readonly metadata: { readonly name: string };
  }
  const at = `${resource.path}/${name}/scale`;
  const scale = await request<Scale>('GET', at);
  expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 1 } });
  const updated = await request<Scale>('PUT', at, { ...scale, spec: { replicas: 2 } });
  expect(updated.spec.replicas).toBe(2);
  expect((await resource.get(name)).spec.replicas).toBe(2);
  await resource.patch(`${name}/scale`, { spec: { replicas: 4 } });
  await reaches(resource, name, ({ spec, status }) => spec.replicas === 4 && status?.replicas === 4);
}

describe('[sig-apps] ReplicaSet', () => {
  test('Replica Set, run basic image', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('basic', 3, HOSTNAME));
    await serves(ns, 'basic');
  });

  test('Replica Set, adopt matching pods and release non matching pods', async () => {
    const ns = await namespace();
    const name = 'pod-adoption-release';
    await pods(ns).create({ ...template(labels(name)), metadata: { name, labels: labels(name) } });
    await replicaSets(ns).create(replicaSet(name, 1));
    const { metadata } = await replicaSets(ns).get(name);
    const adopted = await reaches(pods(ns), name, (pod) => owners(pod).length > 0);
    expect(owners(adopted)).toMatchObject([{ kind: 'ReplicaSet', uid: metadata.uid, controller: true }]);
    await pods(ns).patch(name, { metadata: { labels: { name: 'other' } } });
    await reaches(pods(ns), name, (pod) => owners(pod).length === 0);
    await running(ns, name, 1);
  });

  test('ReplicaSet, completes the scaling of a ReplicaSet subresource', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('test-rs', 1));
    await running(ns, 'test-rs', 1);
    await scales(replicaSets(ns), 'test-rs');
  });

  test('ReplicaSet, is created, Replaced and Patched', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('test-rs', 1));
    await running(ns, 'test-rs', 1);
    await replicaSets(ns).change('test-rs', (old) => ({ ...old, spec: { ...old.spec, replicas: 2 } }));
    await running(ns, 'test-rs', 2);
    const patch = {
      metadata: { labels: { 'test-rs': 'patched' } },
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'app', image: PAUSE }] } } },
    };
    const patched = await replicaSets(ns).patch('test-rs', patch, { type: 'strategic' });
    expect(patched.metadata.labels).toMatchObject({ 'test-rs': 'patched' });
    await reaches(replicaSets(ns), 'test-rs', ({ status }) => status?.readyReplicas === 3);
  });

  test('ReplicaSet, list and delete a collection of ReplicaSets', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet(ns, 1));
    const selector = { labelSelector: `name=${ns}` };
    expect((await replicaSets().list(selector)).items).toHaveLength(1);
    await replicaSets(ns).deleteCollection(selector, { propagationPolicy: 'Background' });
    await until(
      () => replicaSets().list(selector),
      ({ items }) => items.length === 0,
    );
  });

  test('ReplicaSet, status sub-resource', async () => {
    const ns = await namespace();
    await replicaSets(ns).create(replicaSet('test-rs', 1));
    await running(ns, 'test-rs', 1);
    const condition = { type: 'StatusPatched', status: 'True' };
    await operateStatus(replicaSets(ns), 'test-rs', { conditions: [condition] });
    expect((await replicaSets(ns).get('test-rs')).status?.conditions).toMatchObject([condition]);
  });
});

describe('[sig-apps] ReplicationController', () => {
  test('Replication Controller, run basic image', async () => {
    const ns = await namespace();
    await replicationControllers(ns).create(controller('basic', 3, HOSTNAME));
    await serves(ns, 'basic');
  });

  test('Replication Controller, check for issues like exceeding allocated quota', async () => {
    const ns = await namespace();
    await resourceQuotas(ns).create({ metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } });
    await reaches(resourceQuotas(ns), 'condition-test', ({ status }) => status?.hard !== undefined);
    await replicationControllers(ns).create(controller('condition-test', 3));
    const failing = await reaches(
      replicationControllers(ns),
      'condition-test',
      ({ status }) => (status?.conditions?.length ?? 0) > 0,
    );
    expect(failing.status?.conditions).toMatchObject([
      { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' },
    ]);
    await replicationControllers(ns).patch('condition-test', { spec: { replicas: 2 } });
    await reaches(
      replicationControllers(ns),
      'condition-test',
      ({ status }) => (status?.conditions?.length ?? 0) === 0 && status?.readyReplicas === 2,
    );
  });

  test('Replication Controller, adopt matching pods', async () => {
    const ns = await namespace();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod-adoption', labels: labels('adopt') } });
    const { metadata } = await replicationControllers(ns).create(controller('adopt', 1));
    const adopted = await reaches(pods(ns), 'pod-adoption', (pod) => owners(pod).length > 0);
    expect(owners(adopted)[0]?.uid).toBe(metadata.uid);
  });

  test('Replication Controller, release pods', async () => {
    const ns = await namespace();
    await replicationControllers(ns).create(controller('release', 1));
    const [pod] = (await running(ns, 'release', 1)).items;
    await pods(ns).patch(pod!.metadata.name, { metadata: { labels: { name: 'not-matching-name' } } });
    await reaches(pods(ns), pod!.metadata.name, (one) => owners(one).length === 0);
  });

  test('Replication Controller, lifecycle', async () => {
    const ns = await namespace();
    const name = 'rc-test';
    const all = { labelSelector: `name=${name}` };
    const watch = await replicationControllers(ns).watch(all);
    await replicationControllers(ns).create(controller(name, 1));
    await watch.until('ADDED');
    await watch.until('MODIFIED', ({ status }) => status?.readyReplicas === 1);
    await replicationControllers(ns).patch(name, { metadata: { labels: { 'test-rc': 'patched' } } });
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-rc'] === 'patched');
    await replicationControllers(ns).patch(`${name}/status`, { status: { readyReplicas: 0, availableReplicas: 0 } });
    await watch.until('MODIFIED', ({ status }) => (status?.readyReplicas ?? 0) === 0);
    expect(await replicationControllers(ns).get(`${name}/status`)).toMatchObject({ metadata: { name } });
    await replicationControllers(ns).patch(`${name}/scale`, { spec: { replicas: 2 } });
    await watch.until('MODIFIED', ({ spec, status }) => spec.replicas === 2 && status?.readyReplicas === 2);
    expect((await replicationControllers().list({ labelSelector: `name=${name},test-rc=patched` })).items).toHaveLength(
      1,
    );
    await replicationControllers(ns).change(name, (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, 'test-rc': 'updated' } },
    }));
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-rc'] === 'updated');
    await replicationControllers(ns).deleteCollection(all);
    await watch.until('DELETED');
    watch.stop();
  });

  test('Replication Controller, get and update ReplicationController scale', async () => {
    const ns = await namespace();
    await replicationControllers(ns).create(controller('e2e-rc', 1));
    await running(ns, 'e2e-rc', 1);
    const at = `${replicationControllers(ns).path}/e2e-rc/scale`;
    const scale = await request<object>('GET', at);
    expect(scale).toMatchObject({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 } });
    await request('PUT', at, { ...scale, spec: { replicas: 2 } });
    await reaches(replicationControllers(ns), 'e2e-rc', ({ status }) => status?.replicas === 2);
  });

  test('Kubectl, scale replication controller: to one and back', async () => {
    const ns = await namespace();
    await replicationControllers(ns).create(controller('update-demo', 2));
    afterwards(() => replicationControllers(ns).delete('update-demo'));
    for (const replicas of [2, 1, 2]) {
      await replicationControllers(ns).patch('update-demo', { spec: { replicas } });
      await running(ns, 'update-demo', replicas);
    }
    await replicationControllers(ns).delete('update-demo', { propagationPolicy: 'Background' });
    await gone(replicationControllers(ns), 'update-demo');
    await running(ns, 'update-demo', 0);
  });
});
