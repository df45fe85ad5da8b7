/** The official JavaScript client, which knows nothing of us. */
import {
  ApiException,
  AppsV1Api,
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  Watch,
  type V1ConfigMap,
} from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startClusterServer, type ClusterServer } from '../../src/server/index.ts';

const namespace = 'default';
let server: ClusterServer;
let config: KubeConfig;
let core: CoreV1Api;

beforeAll(async () => {
  server = await startClusterServer({ port: 0, nodes: 2, seed: 1, runtime: 'instant', speed: 20 });
  config = new KubeConfig();
  // It speaks plain HTTP only to those who say that they know what they do.
  const cluster = { name: 'k', server: server.url, skipTLSVerify: true };
  config.loadFromClusterAndUser(cluster, { name: 'u', token: server.token });
  core = config.makeApiClient(CoreV1Api);
});

afterAll(() => server.close());

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) => ({
  namespace,
  body: { metadata: { name, labels }, data },
});

/** Waits until what others do has happened. */
async function until(happened: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await happened())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The refusal that a request ends with. */
async function refusal(request: Promise<unknown>): Promise<{ code: number; reason: string }> {
  const error = await request.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(ApiException);
  const { code, body } = error as ApiException<string>;
  return { code, reason: (JSON.parse(body) as { reason: string }).reason };
}

describe('@kubernetes/client-node', () => {
  test('creates, reads, replaces, lists and deletes', async () => {
    const made = await core.createNamespacedConfigMap(configMap('crud', { a: '1' }, { test: 'crud' }));
    expect(made.metadata?.uid).toBeDefined();
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date);
    const replaced = await core.replaceNamespacedConfigMap({
      name: 'crud',
      namespace,
      body: { ...made, data: { a: '2' } },
    });
    expect(replaced.data).toEqual({ a: '2' });
    const { items } = await core.listNamespacedConfigMap({ namespace, labelSelector: 'test=crud' });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['crud']);
    await core.deleteNamespacedConfigMap({ name: 'crud', namespace });
    expect(await refusal(core.readNamespacedConfigMap({ name: 'crud', namespace }))).toEqual({
      code: 404,
      reason: 'NotFound',
    });
  });

  test('is refused with a Status that it understands', async () => {
    const made = await core.createNamespacedConfigMap(configMap('refused'));
    expect(await refusal(core.createNamespacedConfigMap(configMap('refused')))).toEqual({
      code: 409,
      reason: 'AlreadyExists',
    });
    await core.replaceNamespacedConfigMap({ name: 'refused', namespace, body: { ...made, data: { b: 'c' } } });
    const stale = core.replaceNamespacedConfigMap({ name: 'refused', namespace, body: { ...made, data: { c: 'd' } } });
    expect(await refusal(stale)).toEqual({ code: 409, reason: 'Conflict' });
    expect(await refusal(core.createNamespacedConfigMap(configMap('Not_a_name')))).toEqual({
      code: 422,
      reason: 'Invalid',
    });
  });

  test('patches in all four ways', async () => {
    await core.createNamespacedConfigMap(configMap('patched', { a: '1', b: '2' }));
    const patch = async (strategy: string, body: object): Promise<V1ConfigMap['data']> => {
      const asked = {
        name: 'patched',
        namespace,
        body,
        fieldManager: 'test',
        force: strategy === PatchStrategy.ServerSideApply || undefined,
      };
      return (await core.patchNamespacedConfigMap(asked, setHeaderOptions('Content-Type', strategy))).data;
    };
    expect(await patch(PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/a', value: 'x' }])).toEqual({
      a: 'x',
      b: '2',
    });
    expect(await patch(PatchStrategy.MergePatch, { data: { b: null } })).toEqual({ a: 'x' });
    expect(await patch(PatchStrategy.StrategicMergePatch, { data: { c: '3' } })).toEqual({ a: 'x', c: '3' });
    const apply = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'patched' }, data: { d: '4' } };
    expect(await patch(PatchStrategy.ServerSideApply, apply)).toEqual({ a: 'x', c: '3', d: '4' });
  });

  test('works with objects of any kind', async () => {
    const objects = KubernetesObjectApi.makeApiClient(config);
    const template = { metadata: { labels: { app: 'any' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } };
    const spec = { replicas: 2, selector: { matchLabels: { app: 'any' } }, template };
    await objects.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'any', namespace },
      spec,
    } as never);
    const apps = config.makeApiClient(AppsV1Api);
    await until(async () => {
      const { status } = await apps.readNamespacedDeployment({ name: 'any', namespace });
      return status?.availableReplicas === 2;
    });
    const { items } = await core.listNamespacedPod({ namespace, labelSelector: 'app=any' });
    expect(items.map(({ status }) => status?.phase)).toEqual(['Running', 'Running']);
  });

  test('watches from a version on', async () => {
    const { metadata } = await core.listNamespacedConfigMap({ namespace });
    const seen: string[] = [];
    const controller = await new Watch(config).watch(
      `/api/v1/namespaces/${namespace}/configmaps`,
      { resourceVersion: metadata?.resourceVersion, allowWatchBookmarks: true },
      (type: string, object: V1ConfigMap) => seen.push(`${type} ${object.metadata?.name}`),
      () => undefined,
    );
    await core.createNamespacedConfigMap(configMap('watched'));
    await core.deleteNamespacedConfigMap({ name: 'watched', namespace });
    await until(() => seen.length === 2);
    controller.abort();
    expect(seen).toEqual(['ADDED watched', 'DELETED watched']);
  });

  test('keeps an informer up to date, also after the connection broke', async () => {
    const informer = makeInformer(
      config,
      `/api/v1/namespaces/${namespace}/configmaps`,
      () => core.listNamespacedConfigMap({ namespace, labelSelector: 'test=informer' }),
      'test=informer',
    );
    const seen: string[] = [];
    for (const event of ['add', 'update', 'delete'] as const)
      informer.on(event, (object) => void seen.push(`${event} ${object.metadata?.name}`));
    informer.on('error', () => void informer.start());
    const labels = { test: 'informer' };
    await core.createNamespacedConfigMap(configMap('before', {}, labels));
    await informer.start();
    const made = await core.createNamespacedConfigMap(configMap('after', {}, labels));
    await until(() => seen.includes('add after'));
    await informer.stop();
    await core.replaceNamespacedConfigMap({ name: 'after', namespace, body: { ...made, data: { a: 'b' } } });
    await core.deleteNamespacedConfigMap({ name: 'before', namespace });
    await informer.start();
    await until(() => informer.list().length === 1);
    expect(informer.get('after', namespace)?.data).toEqual({ a: 'b' });
    expect(seen.slice(0, 2)).toEqual(['add before', 'add after']);
    expect(seen).toContain('delete before');
    await informer.stop();
  });
});
