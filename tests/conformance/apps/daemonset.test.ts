import { describe, expect, test } from 'vitest';
import type { Pod } from '../../../src/api/types.ts';
import { operateStatus } from '../api-operations.ts';
import { controllerRevisions, daemonSets, nodes, pods } from '../kinds.ts';
import { afterwards, namespace, NGINX, PAUSE, reaches, template, unique, until } from '../scene.ts';

const LABELS = { 'daemonset-name': 'daemon-set' };

const daemonSet = (container: object = {}, spec: object = {}, pod: object = {}) => ({
  metadata: { name: 'daemon-set', labels: LABELS },
  spec: { selector: { matchLabels: LABELS }, template: template(LABELS, container, pod), ...spec },
});

const members = async (ns: string): Promise<readonly Pod[]> =>
  (await pods(ns).list({ labelSelector: 'daemonset-name=daemon-set' })).items.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );

const nodeNames = async (): Promise<string[]> =>
  (await nodes().list()).items.map(({ metadata }) => metadata.name).sort();

/** Waits until one Pod runs on each of these nodes, and nowhere else. */
const runsOn = async (ns: string, where: readonly string[]) =>
  until(
    () => members(ns),
    (all) =>
      all.every(({ status }) => status?.phase === 'Running') &&
      JSON.stringify(all.map(({ spec }) => spec.nodeName!).sort()) === JSON.stringify(where),
  );

/** The label of a node, taken away in the end. */
async function color(node: string, key: string, value: string | null): Promise<void> {
  await nodes().patch(node, { metadata: { labels: { [key]: value } } });
  afterwards(() => nodes().patch(node, { metadata: { labels: { [key]: null } } }));
}

describe('[sig-apps] Daemon set', () => {
  test('DaemonSet-Creation', async () => {
    const ns = await namespace();
    await daemonSets(ns).create(daemonSet());
    const [first] = await runsOn(ns, await nodeNames());
    await pods(ns).delete(first!.metadata.name);
    await runsOn(ns, await nodeNames());
    expect((await members(ns)).map(({ metadata }) => metadata.name)).not.toContain(first!.metadata.name);
  });

  test('DaemonSet-NodeSelection', async () => {
    const ns = await namespace();
    const key = unique('color');
    await daemonSets(ns).create(daemonSet({}, {}, { nodeSelector: { [key]: 'blue' } }));
    await reaches(daemonSets(ns), 'daemon-set', ({ status }) => status?.observedGeneration === 1);
    expect(await members(ns)).toEqual([]);
    const [node] = await nodeNames();
    await color(node!, key, 'blue');
    await runsOn(ns, [node!]);
    await color(node!, key, 'green');
    await runsOn(ns, []);
    await daemonSets(ns).patch('daemon-set', {
      spec: { updateStrategy: { type: 'RollingUpdate' }, template: { spec: { nodeSelector: { [key]: 'green' } } } },
    });
    await runsOn(ns, [node!]);
  });

  test('DaemonSet-FailedPodCreation', async () => {
    const ns = await namespace();
    await daemonSets(ns).create(daemonSet());
    const [first] = await runsOn(ns, await nodeNames());
    await pods(ns).patch(`${first!.metadata.name}/status`, { status: { phase: 'Failed' } });
    await until(
      () => members(ns),
      (all) => !all.some(({ metadata }) => metadata.uid === first!.metadata.uid),
    );
    await runsOn(ns, await nodeNames());
  });

  test('DaemonSet-RollingUpdate', async () => {
    const ns = await namespace();
    await daemonSets(ns).create(daemonSet({ image: NGINX }, { updateStrategy: { type: 'RollingUpdate' } }));
    await runsOn(ns, await nodeNames());
    const hashes = async () =>
      (await controllerRevisions(ns).list()).items
        .toSorted((a, b) => a.revision - b.revision)
        .map(({ metadata }) => metadata.labels?.['controller-revision-hash']);
    const [before] = await hashes();
    await daemonSets(ns).patch(
      'daemon-set',
      { spec: { template: { spec: { containers: [{ name: 'app', image: PAUSE }] } } } },
      { type: 'strategic' },
    );
    await reaches(
      daemonSets(ns),
      'daemon-set',
      ({ metadata, status }) =>
        status?.observedGeneration === metadata.generation &&
        status?.updatedNumberScheduled === 3 &&
        status?.numberAvailable === 3,
    );
    const [old, fresh] = await hashes();
    expect(old).toBe(before);
    const all = await runsOn(ns, await nodeNames());
    expect(all.map(({ spec }) => spec.containers[0]!.image)).toEqual([PAUSE, PAUSE, PAUSE]);
    expect(new Set(all.map(({ metadata }) => metadata.labels?.['controller-revision-hash']))).toEqual(new Set([fresh]));
  });

  test('DaemonSet-Rollback', async () => {
    const ns = await namespace();
    const strategy = { updateStrategy: { type: 'RollingUpdate' } };
    await daemonSets(ns).create(daemonSet({ image: NGINX }, strategy));
    const before = await runsOn(ns, await nodeNames());
    const { spec } = await daemonSets(ns).get('daemon-set');
    const to = (image: string) =>
      daemonSets(ns).patch(
        'daemon-set',
        { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } },
        { type: 'strategic' },
      );
    await to('foo:non-existent');
    const broken = await until(
      () => members(ns),
      (all) => all.some((one) => one.spec.containers[0]!.image === 'foo:non-existent'),
    );
    const kept = before.filter(({ metadata }) => broken.some((one) => one.metadata.uid === metadata.uid));
    expect(kept).toHaveLength(2);
    await to(spec.template.spec!.containers[0]!.image!);
    const after = await runsOn(ns, await nodeNames());
    // Those that had not been changed were right all the time.
    for (const { metadata } of kept) {
      const same = after.find((one) => one.metadata.uid === metadata.uid);
      expect(same?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    }
    expect(after.every((one) => one.spec.containers[0]!.image === NGINX)).toBe(true);
  });

  test('DaemonSet, list and delete a collection of DaemonSets', async () => {
    const ns = await namespace();
    const labels = { ...LABELS, [ns]: 'yes' };
    await daemonSets(ns).create({ ...daemonSet(), metadata: { name: 'daemon-set', labels } });
    await runsOn(ns, await nodeNames());
    const selector = { labelSelector: `${ns}=yes` };
    expect((await daemonSets().list(selector)).items).toHaveLength(1);
    await daemonSets(ns).deleteCollection(selector, { propagationPolicy: 'Background' });
    await until(
      () => daemonSets().list(selector),
      ({ items }) => items.length === 0,
    );
  });

  test('DaemonSet, status sub-resource', async () => {
    const ns = await namespace();
    await daemonSets(ns).create(daemonSet());
    await runsOn(ns, await nodeNames());
    const condition = { type: 'StatusPatched', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    await operateStatus(daemonSets(ns), 'daemon-set', { conditions: [condition] });
    expect((await daemonSets(ns).get('daemon-set')).status?.conditions).toMatchObject([condition]);
  });
});

describe('[sig-apps] ControllerRevision', () => {
  test('ControllerRevision, resource lifecycle', async () => {
    const ns = await namespace();
    await daemonSets(ns).create(daemonSet());
    await runsOn(ns, await nodeNames());
    const selector = { labelSelector: 'daemonset-name=daemon-set' };
    const revisions = controllerRevisions(ns);
    const all = async () => (await controllerRevisions(ns).list(selector)).items;
    const [initial, ...others] = await all();
    expect(others).toEqual([]);
    const { name } = initial!.metadata;
    const patched = await revisions.patch(name, { metadata: { labels: { [name]: 'patched' } } });
    expect(patched.metadata.labels).toMatchObject({ [name]: 'patched' });
    const { ownerReferences, labels } = patched.metadata;
    const second = `${name.slice(0, name.lastIndexOf('-'))}-second`;
    const { data } = initial!;
    await revisions.create({
      metadata: { name: second, labels, ownerReferences },
      data,
      revision: initial!.revision + 1,
    });
    expect(await all()).toHaveLength(2);
    await revisions.delete(name);
    // The controller makes the revision of the present template anew, or takes the other for it.
    await until(
      all,
      (found) => found.length >= 1 && !found.some(({ metadata }) => metadata.uid === initial!.metadata.uid),
    );
    const [left] = await all();
    await revisions.change(left!.metadata.name, (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, [left!.metadata.name]: 'updated' } },
    }));
    await daemonSets(ns).patch('daemon-set', { spec: { template: { spec: { terminationGracePeriodSeconds: 1 } } } });
    await until(all, (found) => found.length === 2);
    await revisions.deleteCollection({ labelSelector: `${left!.metadata.name}=updated` });
    const [last, ...rest] = await until(all, (found) => found.length === 1);
    expect(rest).toEqual([]);
    expect(last!.revision).toBe(3);
  });
});
