import { describe, expect, test } from 'vitest';
import type { StatefulSet } from '../../../src/api/types.ts';
import { operateStatus } from '../api-operations.ts';
import { request } from '../client.ts';
import { shell } from '../exec.ts';
import { nodes, pods, services, statefulSets } from '../kinds.ts';
import { gone, namespace, NGINX, PAUSE, reaches, template, until } from '../scene.ts';

const LABELS = { foo: 'bar', baz: 'blah' };
const HTTPD = 'httpd:2.4';

const statefulSet = (replicas: number, container: object = {}, spec: object = {}, name = 'ss') => ({
  metadata: { name, labels: LABELS },
  spec: {
    replicas,
    serviceName: 'test',
    selector: { matchLabels: LABELS },
    template: template(LABELS, { image: PAUSE, ...container }),
    ...spec,
  },
});

const sets = statefulSets;

async function scene(): Promise<string> {
  const ns = await namespace();
  await services(ns).create({
    metadata: { name: 'test' },
    spec: { clusterIP: 'None', selector: LABELS, ports: [{ port: 80, name: 'http' }] },
  });
  return ns;
}

const ready = (ns: string, replicas: number, name = 'ss') =>
  reaches(
    sets(ns),
    name,
    ({ metadata, status }) => status?.observedGeneration === metadata.generation && status?.readyReplicas === replicas,
  );

/** The Pods of the set by name, sorted. */
const members = async (ns: string) =>
  (await pods(ns).list({ labelSelector: 'foo=bar' })).items.toSorted((a, b) =>
    a.metadata.name < b.metadata.name ? -1 : 1,
  );

const names = async (ns: string) => (await members(ns)).map(({ metadata }) => metadata.name);

const PROBED = {
  image: HTTPD,
  readinessProbe: { httpGet: { path: '/index.html', port: 80 }, periodSeconds: 1, failureThreshold: 1 },
};

const PAGE = '/usr/local/apache2/htdocs/index.html';
const breakPod = (ns: string, name: string) => shell(ns, name, `mv -v ${PAGE} /tmp/ || true`);
const mendPod = (ns: string, name: string) => shell(ns, name, `mv -v /tmp/index.html ${PAGE} || true`);

const isReady = (ns: string, name: string, is: boolean) =>
  reaches(
    pods(ns),
    name,
    ({ status }) => (status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false) === is,
  );

/** Virtual time goes much faster: this is long enough for controllers to do what they would. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));

const withImage = (image: string) => ({ spec: { template: { spec: { containers: [{ name: 'app', image }] } } } });

const images = async (ns: string) => (await members(ns)).map(({ spec }) => spec.containers[0]!.image);

const updated = (ns: string, satisfied: (status: NonNullable<StatefulSet['status']>) => boolean) =>
  reaches(
    sets(ns),
    'ss',
    ({ metadata, status }) => status?.observedGeneration === metadata.generation && satisfied(status!),
  );

describe('[sig-apps] StatefulSet', () => {
  test('StatefulSet, Scaling', async () => {
    const ns = await scene();
    const watch = await pods(ns).watch({ labelSelector: 'foo=bar' });
    await sets(ns).create(statefulSet(1, PROBED));
    await ready(ns, 1);
    await breakPod(ns, 'ss-0');
    await isReady(ns, 'ss-0', false);
    await sets(ns).patch('ss', { spec: { replicas: 3 } });
    await aWhile();
    expect(await names(ns)).toEqual(['ss-0']);
    await mendPod(ns, 'ss-0');
    await ready(ns, 3);
    for (const name of ['ss-0', 'ss-1', 'ss-2']) await watch.until('ADDED', ({ metadata }) => metadata.name === name);
    const all = ['ss-0', 'ss-1', 'ss-2'];
    for (const name of all) await breakPod(ns, name);
    for (const name of all) await isReady(ns, name, false);
    await sets(ns).patch('ss', { spec: { replicas: 0 } });
    await aWhile();
    expect(await names(ns)).toEqual(all);
    for (const name of all) await mendPod(ns, name);
    for (const name of ['ss-2', 'ss-1', 'ss-0']) await watch.until('DELETED', ({ metadata }) => metadata.name === name);
    watch.stop();
  });

  test('StatefulSet, Burst Scaling', async () => {
    const ns = await scene();
    await sets(ns).create(statefulSet(1, PROBED, { podManagementPolicy: 'Parallel' }));
    await ready(ns, 1);
    await breakPod(ns, 'ss-0');
    await isReady(ns, 'ss-0', false);
    await sets(ns).patch('ss', { spec: { replicas: 3 } });
    await until(
      () => names(ns),
      (all) => all.length === 3,
    );
    await mendPod(ns, 'ss-0');
    await ready(ns, 3);
    await breakPod(ns, 'ss-0');
    await sets(ns).patch('ss', { spec: { replicas: 0 } });
    await until(
      () => names(ns),
      (all) => all.length === 0,
    );
  });

  test('StatefulSet, Rolling Update', async () => {
    const ns = await scene();
    await sets(ns).create(statefulSet(3, { image: NGINX }));
    const first = await ready(ns, 3);
    const { currentRevision, updateRevision } = first.status!;
    expect(currentRevision).toBe(updateRevision);
    const watch = await pods(ns).watch({ labelSelector: 'foo=bar' });
    await sets(ns).patch('ss', withImage(PAUSE), { type: 'strategic' });
    for (const name of ['ss-2', 'ss-1', 'ss-0']) await watch.until('DELETED', ({ metadata }) => metadata.name === name);
    watch.stop();
    const second = await updated(
      ns,
      (status) =>
        status.currentRevision !== currentRevision && status.updatedReplicas === 3 && status.readyReplicas === 3,
    );
    expect(second.status!.currentRevision).toBe(second.status!.updateRevision);
    expect(await images(ns)).toEqual([PAUSE, PAUSE, PAUSE]);
    // Going back must find the revision that was there before.
    await sets(ns).patch('ss', withImage(NGINX), { type: 'strategic' });
    const third = await updated(
      ns,
      (status) =>
        status.currentRevision === currentRevision && status.updatedReplicas === 3 && status.readyReplicas === 3,
    );
    expect(third.status!.updateRevision).toBe(currentRevision);
    expect(await images(ns)).toEqual([NGINX, NGINX, NGINX]);
  });

  test('StatefulSet, Rolling Update with Partition', async () => {
    const ns = await scene();
    const partitioned = (partition: number) => ({ type: 'RollingUpdate', rollingUpdate: { partition } });
    const partition = (n: number) => sets(ns).patch('ss', { spec: { updateStrategy: partitioned(n) } });
    await sets(ns).create(statefulSet(3, { image: NGINX }, { updateStrategy: partitioned(3) }));
    const { status } = await ready(ns, 3);
    await sets(ns).patch('ss', withImage(PAUSE), { type: 'strategic' });
    await updated(ns, ({ updateRevision }) => updateRevision !== status!.updateRevision);
    await aWhile();
    expect(await images(ns)).toEqual([NGINX, NGINX, NGINX]);
    await partition(2);
    await updated(ns, ({ updatedReplicas, readyReplicas }) => updatedReplicas === 1 && readyReplicas === 3);
    expect(await images(ns)).toEqual([NGINX, NGINX, PAUSE]);
    // Pods that are lost meanwhile come back as what they were.
    for (const name of ['ss-0', 'ss-2']) {
      const { metadata } = await pods(ns).get(name);
      await pods(ns).delete(name);
      await until(
        () => members(ns),
        (all) => all.some((one) => one.metadata.name === name && one.metadata.uid !== metadata.uid),
      );
    }
    await ready(ns, 3);
    expect(await images(ns)).toEqual([NGINX, NGINX, PAUSE]);
    await partition(0);
    await updated(ns, ({ updatedReplicas, readyReplicas }) => updatedReplicas === 3 && readyReplicas === 3);
    expect(await images(ns)).toEqual([PAUSE, PAUSE, PAUSE]);
  });

  test('StatefulSet, Recreate Failed Pod', async () => {
    const ns = await scene();
    const [node] = (await nodes().list()).items;
    const port = { containerPort: 21_017, hostPort: 21_017, name: 'conflict' };
    const { name: nodeName } = node!.metadata;
    await pods(ns).create({ ...template({}, { ports: [port] }, { nodeName }), metadata: { name: 'test-pod' } });
    await reaches(pods(ns), 'test-pod', ({ status }) => status?.phase === 'Running');
    const watch = await pods(ns).watch({ fieldSelector: 'metadata.name=ss-0' });
    const conflicting = statefulSet(1, { ports: [port] });
    const { spec } = conflicting.spec.template;
    await sets(ns).create({
      ...conflicting,
      spec: { ...conflicting.spec, template: { ...conflicting.spec.template, spec: { ...spec, nodeName } } },
    });
    const failed = await watch.until('MODIFIED', ({ status }) => status?.phase === 'Failed');
    await watch.until('DELETED', ({ metadata }) => metadata.uid === failed.metadata.uid);
    await pods(ns).delete('test-pod');
    await gone(pods(ns), 'test-pod');
    await watch.until('MODIFIED', ({ status }) => status?.phase === 'Running');
    watch.stop();
  });

  test('StatefulSet resource Replica scaling', async () => {
    const ns = await scene();
    await sets(ns).create(statefulSet(1));
    await ready(ns, 1);
    const at = `${sets(ns).path}/ss/scale`;
    const scale = await request<object>('GET', at);
    expect(scale).toMatchObject({ spec: { replicas: 1 }, status: { replicas: 1 } });
    await request('PUT', at, { ...scale, spec: { replicas: 2 } });
    expect((await sets(ns).get('ss')).spec.replicas).toBe(2);
    await sets(ns).patch('ss/scale', { spec: { replicas: 4 } });
    expect((await sets(ns).get('ss')).spec.replicas).toBe(4);
  });

  test('StatefulSet, list, patch and delete a collection of StatefulSets', async () => {
    const ns = await scene();
    await sets(ns).create(statefulSet(1, {}, {}, ns));
    await ready(ns, 1, ns);
    await sets(ns).patch(ns, { metadata: { labels: { 'test-ss': ns } }, spec: { replicas: 2 } });
    await ready(ns, 2, ns);
    const selector = { labelSelector: `test-ss=${ns}` };
    expect((await sets().list(selector)).items).toHaveLength(1);
    await sets(ns).deleteCollection(selector, { gracePeriodSeconds: 0 });
    await until(
      () => sets(ns).list(selector),
      ({ items }) => items.length === 0,
    );
  });

  test('StatefulSet, status sub-resource', async () => {
    const ns = await scene();
    await sets(ns).create(statefulSet(1));
    await ready(ns, 1);
    const condition = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await operateStatus(sets(ns), 'ss', { conditions: [condition] });
    expect((await sets(ns).get('ss')).status?.conditions).toMatchObject([condition]);
  });
});
