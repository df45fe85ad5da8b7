import { describe, expect, test } from 'vitest';
import type { Namespace, Pod } from '../../src/api/types.ts';
import { configMap, pod, Rig } from './rig.ts';

describe('create', () => {
  test('completes metadata and leaves out what only a stored object has on a dry run', () => {
    const rig = new Rig();
    const dry = rig.create('configmaps', configMap('a'), { options: { dryRun: ['All'] } });
    expect(dry.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(dry.metadata.resourceVersion).toBeUndefined();
    expect(rig.exists('configmaps', 'a')).toBe(false);
    const real = rig.create('configmaps', configMap('a'));
    expect(real.metadata).toMatchObject({
      namespace: 'default',
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: String(rig.etcd.revision),
    });
  });

  test('generateName gives names of five drawn characters', () => {
    const rig = new Rig();
    const { name } = rig.create('configmaps', { metadata: { generateName: 'a-' } }).metadata;
    expect(name).toMatch(/^a-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  test('says that a name is taken, and when its owner is on the way out', () => {
    const rig = new Rig();
    rig.create('configmaps', { metadata: { name: 'a', finalizers: ['example.com/hold'] } });
    expect(rig.refusal({ verb: 'create', resource: 'configmaps', body: configMap('a') })).toMatchObject({
      code: 409,
      reason: 'AlreadyExists',
      message: 'configmaps "a" already exists',
    });
    rig.delete('configmaps', 'a');
    expect(rig.refusal({ verb: 'create', resource: 'configmaps', body: configMap('a') }).message).toBe(
      'object is being deleted: configmaps "a" already exists',
    );
  });

  test('needs a namespace that is there and not on the way out', () => {
    const rig = new Rig();
    const create = { verb: 'create', resource: 'configmaps', namespace: 'gone', body: configMap('a') } as const;
    expect(rig.refusal(create)).toMatchObject({ code: 404, message: 'namespaces "gone" not found' });
    rig.create('namespaces', { metadata: { name: 'gone' } });
    rig.delete('namespaces', 'gone');
    expect(rig.refusal(create)).toMatchObject({
      code: 403,
      message:
        'configmaps "a" is forbidden: unable to create new content in namespace gone because it is being terminated',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
  });

  test('a Pod gets its service account, its token, its tolerations and its priority', () => {
    const rig = new Rig();
    const { spec, status } = rig.create('pods', pod('a')) as unknown as Pod;
    expect(spec).toMatchObject({
      serviceAccountName: 'default',
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    });
    expect(spec.tolerations?.map(({ key }) => key)).toEqual([
      'node.kubernetes.io/not-ready',
      'node.kubernetes.io/unreachable',
    ]);
    expect(spec.volumes?.[0]?.name).toBe(spec.containers[0]!.volumeMounts?.[0]?.name);
    expect(status?.phase).toBe('Pending');
    expect(
      rig.refusal({ verb: 'create', resource: 'pods', body: pod('b', { serviceAccountName: 'nobody' }) }).message,
    ).toBe('pods "b" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found');
  });
});

describe('update and patch', () => {
  test('an update with an old version is a conflict, one without a version is not', () => {
    const rig = new Rig();
    const first = rig.create('configmaps', configMap('a', { n: '1' }));
    rig.patch('configmaps', 'a', { data: { n: '2' } });
    const body = { ...first, data: { n: '3' } };
    expect(rig.refusal({ verb: 'update', resource: 'configmaps', name: 'a', body })).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    const { resourceVersion: _version, ...metadata } = first.metadata;
    expect(rig.ask({ verb: 'update', resource: 'configmaps', name: 'a', body: { ...body, metadata } })['data']).toEqual(
      { n: '3' },
    );
  });

  test('what changes nothing is not written', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a', { n: '1' }));
    const before = rig.etcd.revision;
    const same = rig.patch('configmaps', 'a', { data: { n: '1' } });
    expect(rig.etcd.revision).toBe(before);
    expect(same).toBe(rig.get('configmaps', 'a'));
  });

  test('versions share what did not change', () => {
    const rig = new Rig();
    rig.create('pods', pod('a'));
    const old = rig.get('pods', 'a') as unknown as Pod;
    rig.patch('pods', 'a', { status: { phase: 'Running' } }, { subresource: 'status' });
    const next = rig.get('pods', 'a') as unknown as Pod;
    expect(next.status?.phase).toBe('Running');
    expect(next.spec).toBe(old.spec);
  });

  test('the status and the rest are written apart, and only the rest raises the generation', () => {
    const rig = new Rig();
    const spec = {
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } },
    };
    rig.create('deployments', { metadata: { name: 'web' }, spec });
    const both = { spec: { replicas: 3 }, status: { replicas: 2 } };
    expect(rig.patch('deployments', 'web', both)).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 } });
    expect((rig.get('deployments', 'web')['status'] as { replicas?: number }).replicas ?? 0).toBe(0);
    expect(
      rig.patch('deployments', 'web', { ...both, spec: { replicas: 9 } }, { subresource: 'status' }),
    ).toMatchObject({
      metadata: { generation: 2 },
      spec: { replicas: 3 },
      status: { replicas: 2 },
    });
  });
});

describe('delete', () => {
  test('finalizers hold an object until the last one is taken off', () => {
    const rig = new Rig();
    rig.create('configmaps', { metadata: { name: 'a', finalizers: ['example.com/a', 'example.com/b'] } });
    rig.delete('configmaps', 'a');
    expect(rig.get('configmaps', 'a').metadata).toMatchObject({ deletionGracePeriodSeconds: 0 });
    expect(
      rig.refusal({
        verb: 'patch',
        resource: 'configmaps',
        name: 'a',
        patchType: 'merge',
        body: { metadata: { finalizers: ['example.com/a', 'example.com/c'] } },
      }).message,
    ).toContain(
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/c"}',
    );
    rig.patch('configmaps', 'a', { metadata: { finalizers: ['example.com/b'] } });
    expect(rig.exists('configmaps', 'a')).toBe(true);
    rig.patch('configmaps', 'a', { metadata: { finalizers: [] } });
    expect(rig.exists('configmaps', 'a')).toBe(false);
  });

  test('foreground and orphan deletion leave a finalizer for the garbage collector', () => {
    const rig = new Rig();
    for (const [name, policy, finalizer] of [
      ['a', 'Foreground', 'foregroundDeletion'],
      ['b', 'Orphan', 'orphan'],
    ] as const) {
      rig.create('configmaps', configMap(name));
      rig.delete('configmaps', name, { propagationPolicy: policy });
      expect(rig.get('configmaps', name).metadata.finalizers).toEqual([finalizer]);
    }
    rig.create('configmaps', configMap('c'));
    expect(rig.delete('configmaps', 'c', { propagationPolicy: 'Background' })).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'c', kind: 'configmaps' },
    });
  });

  test('a running Pod waits for its kubelet; one that no node has goes at once', () => {
    const rig = new Rig();
    rig.create('pods', pod('loose'));
    rig.delete('pods', 'loose');
    expect(rig.exists('pods', 'loose')).toBe(false);
    rig.create('pods', pod('bound', { nodeName: 'node-1' }));
    rig.delete('pods', 'bound');
    expect(rig.get('pods', 'bound').metadata).toMatchObject({
      deletionGracePeriodSeconds: 30,
      deletionTimestamp: '2026-01-01T00:00:30Z',
    });
    rig.delete('pods', 'bound', { gracePeriodSeconds: 10 });
    expect(rig.get('pods', 'bound').metadata.deletionTimestamp).toBe('2026-01-01T00:00:10Z');
    rig.delete('pods', 'bound', { gracePeriodSeconds: 60 });
    expect(rig.get('pods', 'bound').metadata.deletionGracePeriodSeconds).toBe(10);
    rig.delete('pods', 'bound', { gracePeriodSeconds: 0 });
    expect(rig.exists('pods', 'bound')).toBe(false);
  });

  test('preconditions must hold', () => {
    const rig = new Rig();
    const { uid } = rig.create('configmaps', configMap('a')).metadata;
    const wrong = rig.refusal({
      verb: 'delete',
      resource: 'configmaps',
      name: 'a',
      options: { preconditions: { uid: 'x' } },
    });
    expect(wrong).toMatchObject({ reason: 'Conflict' });
    expect(wrong.message).toContain(`the UID in the precondition (x) does not match the UID in record (${uid})`);
    rig.delete('configmaps', 'a', { preconditions: { uid: uid! } });
    expect(rig.exists('configmaps', 'a')).toBe(false);
  });

  test('a namespace stays Terminating until its finalizer is taken off', () => {
    const rig = new Rig();
    rig.create('namespaces', { metadata: { name: 'lab' } });
    rig.delete('namespaces', 'lab');
    const namespace = rig.get('namespaces', 'lab') as unknown as Namespace;
    expect(namespace).toMatchObject({ spec: { finalizers: ['kubernetes'] }, status: { phase: 'Terminating' } });
    rig.ask({
      verb: 'update',
      resource: 'namespaces',
      name: 'lab',
      subresource: 'finalize',
      body: { ...namespace, spec: {} },
    });
    expect(rig.refusal({ verb: 'get', resource: 'namespaces', name: 'lab' }).code).toBe(404);
    expect(rig.refusal({ verb: 'delete', resource: 'namespaces', name: 'default' }).message).toBe(
      'namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  test('deletecollection takes what the selector names', () => {
    const rig = new Rig();
    rig.create('configmaps', configMap('a', {}, { app: 'x' }));
    rig.create('configmaps', configMap('b', {}, { app: 'y' }));
    rig.ask({ verb: 'deletecollection', resource: 'configmaps', options: { labelSelector: 'app=x' } });
    expect([rig.exists('configmaps', 'a'), rig.exists('configmaps', 'b')]).toEqual([false, true]);
  });
});

test('a write is a span of the API server with the store as its part', () => {
  const rig = new Rig();
  const from = rig.kernel.trace.nextId;
  rig.create('configmaps', configMap('a'));
  const [request, store] = rig.kernel.trace.since(from);
  expect(request).toMatchObject({
    component: 'kube-apiserver',
    name: 'create configmaps default',
    attributes: { code: 201 },
  });
  expect(store).toMatchObject({
    component: 'etcd',
    parent: request!.id,
    attributes: { key: '/registry/configmaps/default/a' },
  });
});

test('puts in place what is not there for a few kinds, roles among them', () => {
  const rig = new Rig();
  const group = { group: 'rbac.authorization.k8s.io', version: 'v1' };
  const body = { metadata: { name: 'reader' }, rules: [] };
  rig.ask({ verb: 'update', resource: 'roles', name: 'reader', body, ...group });
  expect(rig.ask({ verb: 'get', resource: 'roles', name: 'reader', ...group })).toMatchObject({ rules: null });
  const missing = rig.refusal({ verb: 'update', resource: 'configmaps', name: 'a', body: { metadata: { name: 'a' } } });
  expect(missing.message).toBe('configmaps "a" not found');
});

test('asks for the version that an update is of, where a kind wants to be sure', () => {
  const rig = new Rig();
  const group = { group: 'policy', version: 'v1' };
  rig.create('poddisruptionbudgets', { metadata: { name: 'a' }, spec: { minAvailable: 1 } }, group);
  const body = { metadata: { name: 'a' }, spec: { minAvailable: 2 } };
  expect(rig.refusal({ verb: 'update', resource: 'poddisruptionbudgets', name: 'a', body, ...group }).message).toBe(
    'PodDisruptionBudget.policy "a" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});

test('nobody rewrites when an object was made, or how long it has left', () => {
  const rig = new Rig();
  const made = rig.create('configmaps', configMap('a'));
  const patch = (metadata: object): Parameters<Rig['ask']>[0] => ({
    verb: 'patch',
    resource: 'configmaps',
    name: 'a',
    patchType: 'merge',
    body: { metadata },
  });
  expect(rig.ask(patch({ creationTimestamp: '2020-01-01T00:00:00Z' }))).toMatchObject({
    metadata: { creationTimestamp: made.metadata.creationTimestamp, resourceVersion: made.metadata.resourceVersion },
  });
  expect(rig.refusal(patch({ deletionGracePeriodSeconds: 5 })).message).toBe(
    'ConfigMap "a" is invalid: metadata.deletionGracePeriodSeconds: Invalid value: 5: field is immutable',
  );
});
