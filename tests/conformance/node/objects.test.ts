/** What the suite asks of ConfigMaps, Secrets, PodTemplates, Leases, Events, Nodes and Pods as objects. */
import { describe, expect, test } from 'vitest';
import type { CoreEvent, EventsEvent, Lease } from '../../../src/api/types.ts';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { refusal, resource } from '../client.ts';
import { shell } from '../exec.ts';
import { configMaps, nodes, pods, podTemplates, secrets } from '../kinds.ts';
import { afterwards, BUSYBOX, gone, namespace, PAUSE, reaches, template, unique, until } from '../scene.ts';

const leases = resource<Lease>('coordination.k8s.io/v1', 'leases');
const events = resource<EventsEvent>('events.k8s.io/v1', 'events');
const coreEvents = resource<CoreEvent>('v1', 'events');
const runtimeClasses = resource('node.k8s.io/v1', 'runtimeclasses');

describe('[sig-node] ConfigMap', () => {
  test('ConfigMap, with empty-key', async () => {
    const ns = await namespace();
    expect((await refusal(configMaps(ns).create({ metadata: { name: 'c' }, data: { '': 'value-1' } }))).code).toBe(422);
  });

  test('ConfigMap lifecycle', async () => {
    const ns = await namespace();
    await operate({
      resource: configMaps(ns),
      everywhere: configMaps(),
      object: () => ({ data: { valueName: 'value' } }),
      patch: { data: { valueName: 'value1' } },
    });
  });

  test('ConfigMap Volume, immutability', async () => {
    const ns = await namespace();
    await configMaps(ns).create({ metadata: { name: 'immutable' }, data: { 'data-1': 'value-1' } });
    await configMaps(ns).patch('immutable', { data: { 'data-1': 'value-2' } });
    await configMaps(ns).patch('immutable', { immutable: true });
    expect((await refusal(configMaps(ns).patch('immutable', { data: { 'data-1': 'value-3' } }))).reason).toBe(
      'Invalid',
    );
    expect((await refusal(configMaps(ns).patch('immutable', { immutable: false }))).reason).toBe('Invalid');
    await configMaps(ns).patch('immutable', { metadata: { labels: { 'label-1': 'value-1' } } });
    await configMaps(ns).delete('immutable');
  });
});

describe('[sig-node] Secrets', () => {
  test('Secrets, with empty-key', async () => {
    const ns = await namespace();
    const bad = { metadata: { name: 's' }, data: { '': 'dmFsdWUtMQ==' } };
    expect((await refusal(secrets(ns).create(bad))).code).toBe(422);
  });

  test('Secret patching', async () => {
    const ns = await namespace();
    await operate({
      resource: secrets(ns),
      everywhere: secrets(),
      object: () => ({ type: 'Opaque', data: { key: 'dmFsdWU=' } }),
      patch: { data: { key: 'dmFsdWUx' } },
    });
  });

  test('Secrets Volume, immutability', async () => {
    const ns = await namespace();
    await secrets(ns).create({ metadata: { name: 'immutable' }, data: { 'data-1': 'dmFsdWU=' }, immutable: true });
    expect((await refusal(secrets(ns).patch('immutable', { data: { 'data-1': 'dmFsdWUx' } }))).reason).toBe('Invalid');
    expect((await refusal(secrets(ns).patch('immutable', { immutable: null }))).reason).toBe('Invalid');
    await secrets(ns).delete('immutable');
  });
});

describe('[sig-node] PodTemplates', () => {
  test('PodTemplate lifecycle', async () => {
    const ns = await namespace();
    await operate({
      resource: podTemplates(ns),
      everywhere: podTemplates(),
      object: () => ({ template: template({ a: 'b' }) }),
    });
  });

  test('PodTemplate, replace', async () => {
    const ns = await namespace();
    await podTemplates(ns).create({ metadata: { name: 'one' }, template: template({}) });
    const replaced = await podTemplates(ns).change('one', (old) => ({
      ...old,
      metadata: { ...old.metadata, annotations: { updated: 'true' } },
    }));
    expect(replaced.metadata.annotations).toEqual({ updated: 'true' });
  });
});

describe('[sig-node] Lease', () => {
  test('lease API should be available', async () => {
    const ns = await namespace();
    const spec = {
      holderIdentity: 'holder',
      leaseDurationSeconds: 30,
      acquireTime: '2026-01-01T00:00:00.000005Z',
      renewTime: '2026-01-01T00:00:05.000005Z',
      leaseTransitions: 0,
    };
    const made = await leases(ns).create({ metadata: { name: 'lease' }, spec });
    expect(made.spec).toEqual(spec);
    expect((await leases(ns).get('lease')).spec).toEqual(spec);
    const updated = { ...spec, holderIdentity: 'holder2', leaseTransitions: 1 };
    await leases(ns).change('lease', (old) => ({ ...old, spec: updated }));
    expect((await leases(ns).get('lease')).spec).toEqual(updated);
    await leases(ns).patch('lease', { spec: { leaseDurationSeconds: 60 } }, { type: 'strategic' });
    expect((await leases(ns).get('lease')).spec).toEqual({ ...updated, leaseDurationSeconds: 60 });
    await leases(ns).create({ metadata: { name: 'lease2', labels: { deletecollection: 'true' } }, spec });
    expect((await leases(ns).list()).items).toHaveLength(2);
    await leases(ns).deleteCollection({ labelSelector: 'deletecollection=true' });
    expect((await leases(ns).list()).items).toHaveLength(1);
    await leases(ns).delete('lease');
    expect((await refusal(leases(ns).get('lease'))).reason).toBe('NotFound');
  });
});

describe('[sig-instrumentation] Events', () => {
  const regarding = (ns: string) => ({ kind: 'Pod', namespace: ns, name: 'pod', apiVersion: 'v1' });

  test('New Event resource lifecycle, testing a single event', async () => {
    const ns = await namespace();
    const name = 'event-test';
    await events(ns).create({
      metadata: { name, labels: { testevent: ns } },
      regarding: regarding(ns),
      reason: 'Test',
      note: 'This is event-test',
      type: 'Normal',
      action: 'Do',
      reportingController: 'test-controller',
      reportingInstance: 'test-node',
      eventTime: '2026-01-01T00:00:00.000000Z',
    });
    expect((await events().list({ labelSelector: `testevent=${ns}` })).items).toHaveLength(1);
    await events(ns).patch(
      name,
      { series: { count: 2, lastObservedTime: '2026-01-01T00:00:30.000000Z' } },
      { type: 'strategic' },
    );
    expect((await events(ns).get(name)).series?.count).toBe(2);
    const updated = await events(ns).change(name, (old) => ({
      ...old,
      series: { count: 100, lastObservedTime: '2026-01-01T00:05:00.000000Z' },
    }));
    expect(updated.series).toEqual({ count: 100, lastObservedTime: '2026-01-01T00:05:00.000000Z' });
    expect((await coreEvents(ns).get(name)).message).toBe('This is event-test');
    await events(ns).delete(name);
    expect((await events().list({ labelSelector: `testevent=${ns}` })).items).toEqual([]);
  });

  test('New Event resource lifecycle, testing a list of events', async () => {
    const ns = await namespace();
    for (const name of ['test-event-1', 'test-event-2', 'test-event-3'])
      await events(ns).create({
        metadata: { name, labels: { testevent: ns } },
        regarding: regarding(ns),
        reason: 'Test',
        type: 'Normal',
        action: 'Do',
        reportingController: 'c',
        reportingInstance: 'i',
        eventTime: '2026-01-01T00:00:00.000000Z',
      });
    const selector = { labelSelector: `testevent=${ns}` };
    expect((await events(ns).list(selector)).items).toHaveLength(3);
    await events(ns).deleteCollection(selector);
    expect((await events(ns).list(selector)).items).toEqual([]);
  });

  test('Event, manage lifecycle of an Event', async () => {
    const ns = await namespace();
    const name = 'event-test';
    await coreEvents(ns).create({
      metadata: { name, labels: { testevent: ns } },
      message: 'This is a test event',
      reason: 'Test',
      type: 'Normal',
      count: 1,
      involvedObject: { ...regarding(ns) },
    });
    const selector = { labelSelector: `testevent=${ns}` };
    expect((await coreEvents().list(selector)).items).toHaveLength(1);
    await coreEvents(ns).patch(name, { message: 'This is a test event - patched' }, { type: 'strategic' });
    expect((await coreEvents(ns).get(name)).message).toBe('This is a test event - patched');
    const series = { count: 100, lastObservedTime: '2026-01-01T00:00:00.000000Z' };
    const updated = await coreEvents(ns).change(name, (old) => ({ ...old, series }));
    expect(updated.series).toEqual(series);
    await coreEvents(ns).delete(name);
    expect((await coreEvents().list(selector)).items).toEqual([]);
  });

  test('Event, delete a collection', async () => {
    const ns = await namespace();
    await operate({
      resource: coreEvents(ns),
      object: () => ({ reason: 'Test', message: 'm', type: 'Normal', involvedObject: regarding(ns) }),
    });
  });
});

describe('[sig-node] Node Lifecycle', () => {
  test('Node, resource lifecycle', async () => {
    const name = unique('e2e-fake-node');
    const selector = { labelSelector: `${name}=patched` };
    afterwards(() => nodes().delete(name));
    const spec = { unschedulable: true, taints: [{ key: 'e2e', value: 'fake', effect: 'NoSchedule' }] };
    await nodes().create({ metadata: { name }, spec });
    expect((await nodes().get(name)).metadata.name).toBe(name);
    await nodes().patch(name, { metadata: { labels: { [name]: 'patched' } } });
    expect((await nodes().list(selector)).items).toHaveLength(1);
    const updated = await nodes().change(name, (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, [name]: 'updated' } },
    }));
    expect(updated.metadata.labels?.[name]).toBe('updated');
    await nodes().delete(name);
    await gone(nodes(), name);
  });

  test('Conformance tests minimum number of nodes.', async () => {
    const { items } = await nodes().list();
    const free = items.filter(({ spec }) => !spec.unschedulable && (spec.taints ?? []).length === 0);
    expect(free.length).toBeGreaterThanOrEqual(2);
  });
});

describe('[sig-node] RuntimeClass', () => {
  test('RuntimeClass API', async () => {
    await discovered('node.k8s.io/v1', 'runtimeclasses');
    await operate({ resource: runtimeClasses(), object: () => ({ handler: 'some-handler' }) });
  });

  test('Pod with the non-existing RuntimeClass is rejected.', async () => {
    const ns = await namespace();
    const pod = { ...template({}, {}, { runtimeClassName: 'nonexistent' }), metadata: { name: 'p' } };
    const { code, message } = await refusal(pods(ns).create(pod));
    expect(code).toBe(403);
    expect(message).toContain('RuntimeClass "nonexistent" not found');
  });

  test('RuntimeClass Overhead field must be respected.', async () => {
    const ns = await namespace();
    const name = unique('overhead');
    const podFixed = { cpu: '10m', memory: '1Mi' };
    await runtimeClasses().create({ metadata: { name }, handler: 'runc', overhead: { podFixed } });
    afterwards(() => runtimeClasses().delete(name));
    const pod = { ...template({}, {}, { runtimeClassName: name }), metadata: { name: 'p' } };
    const made = await until(
      () =>
        pods(ns)
          .create(pod)
          .catch(() => undefined),
      (one) => one !== undefined,
    );
    expect(made!.spec.overhead).toEqual(podFixed);
    await reaches(pods(ns), 'p', ({ spec }) => spec.nodeName !== undefined);
  });
});

describe('[sig-node] Pods', () => {
  test('Pods, lifecycle', async () => {
    const ns = await namespace();
    const labels = { time: ns };
    const selector = { labelSelector: `time=${ns}` };
    const watch = await pods(ns).watch(selector);
    await pods(ns).create({
      ...template({}, {}, { terminationGracePeriodSeconds: 30 }),
      metadata: { name: 'pod', labels },
    });
    await watch.until('ADDED');
    await watch.until('MODIFIED', ({ status }) => status?.phase === 'Running');
    await pods(ns).delete('pod');
    await watch.until('MODIFIED', ({ metadata }) => metadata.deletionTimestamp !== undefined);
    await watch.until('DELETED');
    watch.stop();
    expect((await pods(ns).list(selector)).items).toEqual([]);
  });

  test('Pods, update', async () => {
    const ns = await namespace();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod', labels: { time: 'before' } } });
    await pods(ns).change('pod', (old) => ({ ...old, metadata: { ...old.metadata, labels: { time: 'after' } } }));
    expect((await pods(ns).list({ labelSelector: 'time=after' })).items).toHaveLength(1);
  });

  test('Pods, ActiveDeadlineSeconds', async () => {
    const ns = await namespace();
    await pods(ns).create({
      ...template({}, { image: BUSYBOX, command: ['sleep', '9999'] }),
      metadata: { name: 'pod' },
    });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    await pods(ns).change('pod', (old) => ({ ...old, spec: { ...old.spec, activeDeadlineSeconds: 5 } }));
    const { status } = await reaches(pods(ns), 'pod', (one) => one.status?.phase === 'Failed');
    expect(status?.reason).toBe('DeadlineExceeded');
  });

  test('Pods, QOS', async () => {
    const ns = await namespace();
    const resources = { requests: { cpu: '100m', memory: '100Mi' }, limits: { cpu: '100m', memory: '100Mi' } };
    const { status } = await pods(ns).create({ ...template({}, { resources }), metadata: { name: 'pod' } });
    expect(status?.qosClass).toBe('Guaranteed');
  });

  test('Pods, assigned hostip', async () => {
    const ns = await namespace();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod' } });
    const { status } = await reaches(pods(ns), 'pod', (one) => !!one.status?.hostIP);
    expect(status?.hostIP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  });

  test('Pods, delete a collection', async () => {
    const ns = await namespace();
    for (const name of ['test-pod-1', 'test-pod-2', 'test-pod-3'])
      await pods(ns).create({ ...template({}), metadata: { name, labels: { type: 'Testing' } } });
    await pods(ns).deleteCollection({ labelSelector: 'type=Testing' });
    await until(
      () => pods(ns).list(),
      ({ items }) => items.length === 0,
    );
  });

  test('Pods, patching status', async () => {
    const ns = await namespace();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod' } });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    await operateStatus(pods(ns), 'pod', { message: 'Patched by e2e test', reason: 'E2E' });
  });

  test('Pods, completes the lifecycle of a Pod and the PodStatus', async () => {
    const ns = await namespace();
    const watch = await pods(ns).watch();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod-test', labels: { 'test-pod-static': 'true' } } });
    await watch.until('ADDED');
    await watch.until('MODIFIED', ({ status }) => status?.phase === 'Running');
    const patch = {
      metadata: { labels: { 'test-pod': 'patched' } },
      spec: { terminationGracePeriodSeconds: null, containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.9' }] },
    };
    await pods(ns).patch('pod-test', { ...patch, spec: { containers: patch.spec.containers } }, { type: 'strategic' });
    const patched = await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-pod'] === 'patched');
    expect(patched.spec.containers[0]!.image).not.toBe(PAUSE);
    await pods(ns).deleteCollection({ labelSelector: 'test-pod-static=true' });
    await watch.until('DELETED');
    watch.stop();
  });

  test('Pods, service environment variables and downward API', async () => {
    const ns = await namespace();
    const env = [
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'CPU_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'COMPOSED', value: '$(POD_NAME);;$(CPU_LIMIT)' },
    ];
    const resources = { limits: { cpu: '1250m', memory: '64Mi' }, requests: { cpu: '250m', memory: '32Mi' } };
    await pods(ns).create({
      ...template({}, { image: BUSYBOX, command: ['sleep', '9999'], env, resources }),
      metadata: { name: 'pod' },
    });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    const printed = await shell(ns, 'pod', 'env');
    expect(printed).toContain('COMPOSED=pod;;2\n');
    expect(printed).toContain('KUBERNETES_SERVICE_HOST=');
  });

  test('Ephemeral Container, update ephemeral containers', async () => {
    const ns = await namespace();
    await pods(ns).create({ ...template({}), metadata: { name: 'pod' } });
    await reaches(pods(ns), 'pod', ({ status }) => status?.phase === 'Running');
    const add = (name: string) =>
      pods(ns).patch(
        'pod/ephemeralcontainers',
        { spec: { ephemeralContainers: [{ name, image: BUSYBOX, command: ['sleep', '9999'] }] } },
        { type: 'strategic' },
      );
    for (const [i, name] of ['debugger', 'debugger2'].entries()) {
      await add(name);
      const { spec } = await reaches(
        pods(ns),
        'pod',
        ({ status }) =>
          status?.ephemeralContainerStatuses?.some((one) => one.name === name && one.state?.running !== undefined) ??
          false,
      );
      expect(spec.ephemeralContainers).toHaveLength(i + 1);
    }
  });
});
