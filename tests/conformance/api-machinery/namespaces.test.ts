import { describe, expect, test } from 'vitest';
import { namespaces, pods, services } from '../kinds.ts';
import { gone, namespace, reaches, template, until } from '../scene.ts';

describe('[sig-api-machinery] Namespaces', () => {
  test('namespace-deletion-removes-pods', async () => {
    const ns = await namespace();
    await pods(ns).create({
      ...template({}, {}, { terminationGracePeriodSeconds: 30 }),
      metadata: { name: 'test-pod' },
    });
    await reaches(pods(ns), 'test-pod', ({ status }) => status?.phase === 'Running');
    await namespaces().delete(ns);
    await gone(namespaces(), ns);
    await namespaces().create({ metadata: { name: ns } });
    expect((await pods(ns).list()).items).toEqual([]);
  });

  test('namespace-deletion-removes-services', async () => {
    const ns = await namespace();
    await services(ns).create({
      metadata: { name: 'test-service' },
      spec: { selector: { foo: 'bar', baz: 'blah' }, ports: [{ port: 80, targetPort: 80 }] },
    });
    await namespaces().delete(ns);
    await gone(namespaces(), ns);
    await namespaces().create({ metadata: { name: ns } });
    expect((await services(ns).list()).items).toEqual([]);
  });

  test('Namespace patching', async () => {
    const ns = await namespace();
    await namespaces().patch(ns, { metadata: { labels: { testLabel: 'testValue' } } }, { type: 'strategic' });
    expect((await namespaces().get(ns)).metadata.labels).toMatchObject({ testLabel: 'testValue' });
  });

  test('Namespace, apply update to a namespace', async () => {
    const ns = await namespace();
    const updated = await namespaces().change(ns, (read) => ({
      ...read,
      metadata: { ...read.metadata, labels: { ...read.metadata.labels, [ns]: 'updated' } },
    }));
    expect(updated.metadata.labels?.[ns]).toBe('updated');
  });

  test('Namespace, apply changes to a namespace status', async () => {
    const ns = await namespace();
    const read = await namespaces().get(`${ns}/status`);
    expect(read.status?.phase).toBe('Active');
    const condition = { type: 'StatusPatch', status: 'True', reason: 'E2E', message: 'Patched by an e2e test' };
    const patched = await namespaces().patch(`${ns}/status`, {
      metadata: { annotations: { e2epatchedstatus: 'true' } },
      status: { conditions: [condition] },
    });
    expect(patched.metadata.annotations).toMatchObject({ e2epatchedstatus: 'true' });
    expect(patched.status?.conditions).toMatchObject([condition]);
    const more = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Updated by an e2e test' };
    const updated = await namespaces().change(
      ns,
      (old) => ({ ...old, status: { ...old.status, conditions: [...(old.status?.conditions ?? []), more] } }),
      'status',
    );
    expect(updated.status).toMatchObject({ phase: 'Active', conditions: [condition, more] });
  });

  test('Namespace, apply finalizer to a namespace', async () => {
    const ns = await namespace();
    const fake = 'e2e.example.com/fakeFinalizer';
    const finalizers = (list: readonly string[]) => (read: object) => ({ ...read, spec: { finalizers: list } });
    const { metadata, ...rest } = await namespaces().get(ns);
    const added = await namespaces().update({ ...finalizers(['kubernetes', fake])(rest), metadata }, 'finalize');
    expect(added.spec.finalizers).toEqual(['kubernetes', fake]);
    const removed = await namespaces().update(
      { ...finalizers(['kubernetes'])(rest), metadata: added.metadata },
      'finalize',
    );
    expect(removed.spec.finalizers).toEqual(['kubernetes']);
  });

  test('ordered namespace deletion: Pods go before what they may need', async () => {
    const ns = await namespace();
    const finalizers = ['example.com/hold'];
    await pods(ns).create({ ...template({}), metadata: { name: 'held', finalizers } });
    await services(ns).create({ metadata: { name: 'needed' }, spec: { ports: [{ port: 80 }] } });
    await namespaces().delete(ns);
    await until(
      () => namespaces().get(ns),
      ({ status }) =>
        status?.conditions?.some((one) => one.type === 'NamespaceContentRemaining' && one.status === 'True') ?? false,
    );
    expect((await services(ns).list()).items).toHaveLength(1);
    await pods(ns).patch('held', { metadata: { finalizers: null } });
    await gone(namespaces(), ns);
  });
});
