import { describe, expect, test } from 'vitest';
import type { UntypedObject } from '../../../src/api/object.ts';
import { refusal, type Resource } from '../client.ts';
import { configMaps, pods, replicaSets, replicationControllers, resourceQuotas, secrets, services } from '../kinds.ts';
import { exists, namespace, reaches, template, until } from '../scene.ts';

const HARD = {
  pods: '5',
  services: '10',
  'services.nodeports': '1',
  'services.loadbalancers': '1',
  replicationcontrollers: '10',
  resourcequotas: '1',
  configmaps: '10',
  secrets: '10',
  cpu: '1',
  memory: '500Mi',
  'requests.ephemeral-storage': '50Gi',
  'count/replicasets.apps': '5',
  'requests.example.com/dongle': '3',
};

type Usage = Readonly<Record<string, string>>;

/** Waits until a quota says that so much is used, of the resources named. */
const uses = (ns: string, used: Usage, name = 'test-quota') =>
  reaches(resourceQuotas(ns), name, ({ status }) =>
    Object.entries(used).every(([what, amount]) => String((status?.used as Usage | undefined)?.[what]) === amount),
  );

/** A namespace with a quota that has been counted. */
async function quota(hard: object = HARD, name = 'test-quota'): Promise<string> {
  const ns = await namespace();
  await resourceQuotas(ns).create({ metadata: { name }, spec: { hard } });
  await reaches(resourceQuotas(ns), name, ({ status }) => status?.hard !== undefined && status.used !== undefined);
  return ns;
}

const pod = (name: string, requests: object, spec: object = {}) => ({
  ...template({}, { resources: { requests, limits: requests } }, spec),
  metadata: { name },
});

/** Whether what is made counts while it is there. */
async function counts(
  ns: string,
  resource: Resource,
  object: UntypedObject,
  used: Usage,
  before: Usage,
): Promise<void> {
  await uses(ns, before);
  await resource.create(object);
  await uses(ns, used);
  await resource.delete(object.metadata.name);
  await until(
    () => exists(resource, object.metadata.name),
    (there) => !there,
  );
  await uses(ns, before);
}

const WORKLOAD = { selector: { matchLabels: { app: 'rq' } }, template: template({ app: 'rq' }) };

const lives = (resource: unknown, object: object, used: Usage, before: Usage) => async () => {
  const ns = await quota();
  await counts(ns, (resource as (ns: string) => Resource)(ns), object as UntypedObject, used, before);
};

describe('[sig-api-machinery] ResourceQuota', () => {
  test('ResourceQuota, object count quota, resourcequotas', async () => {
    const ns = await quota();
    await uses(ns, { resourcequotas: '1' });
  });

  test(
    'ResourceQuota, object count quota, secret',
    lives(
      secrets,
      { metadata: { name: 'test-secret' }, data: { data: 'dmFsdWU=' } },
      { secrets: '1' },
      { secrets: '0' },
    ),
  );

  test(
    'ResourceQuota, object count quota, configmap',
    // Every namespace has the certificates of the cluster's authority.
    lives(configMaps, { metadata: { name: 'test-configmap' } }, { configmaps: '2' }, { configmaps: '1' }),
  );

  test(
    'ResourceQuota, object count quota, replicationController',
    lives(
      replicationControllers,
      { metadata: { name: 'test-rc' }, spec: { replicas: 0, selector: { app: 'rq' }, template: WORKLOAD.template } },
      { replicationcontrollers: '1' },
      { replicationcontrollers: '0' },
    ),
  );

  test(
    'ResourceQuota, object count quota, replicaSet',
    lives(
      replicaSets,
      { metadata: { name: 'test-rs' }, spec: { replicas: 0, ...WORKLOAD } },
      { 'count/replicasets.apps': '1' },
      { 'count/replicasets.apps': '0' },
    ),
  );

  test('ResourceQuota, object count quota, service', async () => {
    const ns = await quota();
    const service = (name: string, type: string, rest: object = {}) => ({
      metadata: { name },
      spec: { type, ports: [{ port: 80 }], ...rest },
    });
    await services(ns).create(service('clusterip', 'ClusterIP'));
    await services(ns).create(service('nodeport', 'NodePort'));
    const more = await refusal(services(ns).create(service('loadbalancer', 'LoadBalancer')));
    expect(more.message).toContain('exceeded quota: test-quota, requested: services.nodeports=1');
    const { code } = await refusal(services(ns).create(service('nodeport-2', 'NodePort')));
    expect(code).toBe(403);
    await uses(ns, { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' });
    for (const name of ['clusterip', 'nodeport']) await services(ns).delete(name);
    await uses(ns, { services: '0', 'services.nodeports': '0', 'services.loadbalancers': '0' });
  });

  test('ResourceQuota, object count quota, pod', async () => {
    const ns = await quota();
    const dongles = { 'example.com/dongle': '2' };
    const small = { cpu: '500m', memory: '252Mi', 'ephemeral-storage': '30Gi', ...dongles };
    await pods(ns).create(pod('test-pod', small));
    const used = {
      pods: '1',
      cpu: '500m',
      memory: '252Mi',
      'requests.ephemeral-storage': '30Gi',
      'requests.example.com/dongle': '2',
    };
    await uses(ns, used);
    expect((await refusal(pods(ns).create(pod('fail-pod', { cpu: '600m', memory: '100Mi' })))).code).toBe(403);
    const dongle = await refusal(pods(ns).create(pod('fail-pod', { cpu: '100m', memory: '100Mi', ...dongles })));
    expect(dongle.message).toContain('requested: requests.example.com/dongle=2');
    const more = { requests: { cpu: '100m', memory: '100Mi' } };
    await expect(
      pods(ns).change('test-pod', (old) => ({
        ...old,
        spec: { ...old.spec, containers: old.spec.containers.map((one) => ({ ...one, resources: more })) },
      })),
    ).rejects.toMatchObject({ code: 422 });
    await uses(ns, used);
    await pods(ns).delete('test-pod', { gracePeriodSeconds: 0 });
    await uses(ns, { pods: '0', cpu: '0', memory: '0', 'requests.example.com/dongle': '0' });
  });

  test('ResourceQuota, update and delete', async () => {
    const ns = await quota({ cpu: '1', memory: '500Mi' });
    const hard = { cpu: '2', memory: '1Gi' };
    const updated = await resourceQuotas(ns).change('test-quota', (old) => ({ ...old, spec: { ...old.spec, hard } }));
    expect(updated.spec.hard).toEqual(hard);
    expect((await resourceQuotas(ns).get('test-quota')).spec.hard).toEqual(hard);
    await resourceQuotas(ns).delete('test-quota');
    expect((await refusal(resourceQuotas(ns).get('test-quota'))).code).toBe(404);
  });

  test('ResourceQuota, manage lifecycle of a ResourceQuota', async () => {
    const ns = await quota({ cpu: '500m', memory: '500Mi' });
    await resourceQuotas(ns).patch('test-quota', { metadata: { labels: { [ns]: 'patched' } } });
    const selector = { labelSelector: `${ns}=patched` };
    expect((await resourceQuotas().list(selector)).items).toHaveLength(1);
    const patched = await resourceQuotas(ns).patch('test-quota', { spec: { hard: { memory: '750Mi' } } });
    expect(patched.spec.hard).toEqual({ cpu: '500m', memory: '750Mi' });
    await resourceQuotas(ns).deleteCollection(selector);
    expect((await resourceQuotas().list(selector)).items).toEqual([]);
  });

  test('ResourceQuota, apply changes to a ResourceQuota status', async () => {
    const ns = await quota({ cpu: '500m', memory: '500Mi' });
    const quotas = resourceQuotas(ns);
    const hard = { cpu: '1', memory: '1Gi' };
    const updated = await quotas.change('test-quota', (old) => ({ ...old, status: { hard } }), 'status');
    expect(updated.status?.hard).toEqual(hard);
    expect(updated.spec.hard).toEqual({ cpu: '500m', memory: '500Mi' });
    // A change of the spec makes the controller say in the status what is in force.
    await quotas.patch('test-quota', { spec: { hard: { cpu: '2', memory: '2Gi' } } });
    await reaches(quotas, 'test-quota/status', ({ status }) => (status?.hard as Usage | undefined)?.['cpu'] === '2');
    const patched = await quotas.patch('test-quota/status', { status: { hard: { cpu: '3', memory: '3Gi' } } });
    expect(patched.status?.hard).toEqual({ cpu: '3', memory: '3Gi' });
    expect(patched.spec.hard).toEqual({ cpu: '2', memory: '2Gi' });
  });

  test('ResourceQuota, quota scope, BestEffort and NotBestEffort scope', async () => {
    const ns = await namespace();
    const scopes = { 'quota-besteffort': 'BestEffort', 'quota-not-besteffort': 'NotBestEffort' };
    for (const [name, scope] of Object.entries(scopes)) {
      await resourceQuotas(ns).create({ metadata: { name }, spec: { hard: { pods: '5' }, scopes: [scope] } });
      await uses(ns, { pods: '0' }, name);
    }
    const captured = async (made: object, by: string, notBy: string) => {
      await pods(ns).create(made);
      await uses(ns, { pods: '1' }, by);
      await uses(ns, { pods: '0' }, notBy);
      await pods(ns).delete('test-pod', { gracePeriodSeconds: 0 });
      await uses(ns, { pods: '0' }, by);
    };
    await captured({ ...template({}), metadata: { name: 'test-pod' } }, 'quota-besteffort', 'quota-not-besteffort');
    await captured(pod('test-pod', { cpu: '500m', memory: '200Mi' }), 'quota-not-besteffort', 'quota-besteffort');
  });

  test('ResourceQuota, quota scope, Terminating and NotTerminating scope', async () => {
    const ns = await namespace();
    const hard = {
      pods: '5',
      'requests.cpu': '1',
      'requests.memory': '500Mi',
      'limits.cpu': '2',
      'limits.memory': '1Gi',
    };
    const scopes = { 'quota-terminating': 'Terminating', 'quota-not-terminating': 'NotTerminating' };
    const none = { pods: '0', 'requests.cpu': '0', 'requests.memory': '0', 'limits.cpu': '0', 'limits.memory': '0' };
    for (const [name, scope] of Object.entries(scopes)) {
      await resourceQuotas(ns).create({ metadata: { name }, spec: { hard, scopes: [scope] } });
      await uses(ns, none, name);
    }
    const resources = { requests: { cpu: '500m', memory: '200Mi' }, limits: { cpu: '1', memory: '400Mi' } };
    const used = {
      pods: '1',
      'requests.cpu': '500m',
      'requests.memory': '200Mi',
      'limits.cpu': '1',
      'limits.memory': '400Mi',
    };
    const captured = async (spec: object, by: string, notBy: string) => {
      await pods(ns).create({ ...template({}, { resources }, spec), metadata: { name: 'test-pod' } });
      await uses(ns, used, by);
      await uses(ns, none, notBy);
      await pods(ns).delete('test-pod', { gracePeriodSeconds: 0 });
      await uses(ns, none, by);
    };
    await captured({}, 'quota-not-terminating', 'quota-terminating');
    await captured({ activeDeadlineSeconds: 3600 }, 'quota-terminating', 'quota-not-terminating');
  });
});
