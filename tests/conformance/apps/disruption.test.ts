import { describe, expect, test } from 'vitest';
import { refusal, Resource } from '../client.ts';
import { podDisruptionBudgets, pods } from '../kinds.ts';
import { gone, namespace, reaches, template, until } from '../scene.ts';

const LABELS = { foo: 'bar' };

const budget = (spec: object, labels: object = {}) => ({
  metadata: { name: 'foo', labels },
  spec: { selector: { matchLabels: LABELS }, ...spec },
});

async function runPods(ns: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++)
    await pods(ns).create({ ...template({}), metadata: { name: `pod-${n}`, labels: LABELS } });
  for (let n = 0; n < count; n++)
    await reaches(
      pods(ns),
      `pod-${n}`,
      ({ status }) => status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false,
    );
}

const observed = (ns: string) =>
  reaches(
    podDisruptionBudgets(ns),
    'foo',
    ({ metadata, status }) => status?.observedGeneration === metadata.generation,
  );

const evict = (ns: string, name: string) =>
  new Resource(`${pods(ns).path}/${name}/eviction`).create({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: ns },
  });

describe('[sig-apps] DisruptionController', () => {
  test('PodDisruptionBudget: create, update, patch, and delete object', async () => {
    const ns = await namespace();
    const all = podDisruptionBudgets(ns);
    await all.create(budget({ minAvailable: '1%' }));
    await observed(ns);
    const updated = await all.change('foo', (old) => ({ ...old, spec: { ...old.spec, minAvailable: '2%' } }));
    expect(updated.spec.minAvailable).toBe('2%');
    await observed(ns);
    const patched = await all.patch('foo', { spec: { minAvailable: '3%' } }, { type: 'strategic' });
    expect(patched.spec.minAvailable).toBe('3%');
    await observed(ns);
    await all.delete('foo');
    await gone(all, 'foo');
  });

  test('PodDisruptionBudget: list and delete collection', async () => {
    const [first, second] = [await namespace(), await namespace()];
    const selector = { labelSelector: `${first}=yes` };
    const labels = { [first]: 'yes' };
    await podDisruptionBudgets(first).create(budget({ minAvailable: 2 }, labels));
    await podDisruptionBudgets(first).create({
      ...budget({ minAvailable: 1 }, labels),
      metadata: { name: 'foo2', labels },
    });
    await podDisruptionBudgets(second).create(budget({ minAvailable: 3 }, labels));
    expect((await podDisruptionBudgets().list(selector)).items).toHaveLength(3);
    expect((await podDisruptionBudgets(first).list(selector)).items).toHaveLength(2);
    await podDisruptionBudgets(first).deleteCollection(selector);
    expect((await podDisruptionBudgets(first).list(selector)).items).toEqual([]);
    expect((await podDisruptionBudgets(second).list(selector)).items).toHaveLength(1);
  });

  test('PodDisruptionBudget: Status updates', async () => {
    const ns = await namespace();
    await podDisruptionBudgets(ns).create(budget({ minAvailable: 1 }));
    await runPods(ns, 3);
    const { status } = await reaches(podDisruptionBudgets(ns), 'foo', (one) => one.status?.disruptionsAllowed === 2);
    expect(status).toMatchObject({ currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 });
  });

  test('PodDisruptionBudget: update and patch status', async () => {
    const ns = await namespace();
    const all = podDisruptionBudgets(ns);
    await all.create(budget({ minAvailable: 1 }));
    await runPods(ns, 1);
    await reaches(all, 'foo', ({ status }) => status?.currentHealthy === 1);
    const disruptedPods = (at: string) => ({ 'pod-0': at });
    const updated = await all.change(
      'foo',
      (old) => ({ ...old, status: { ...old.status!, disruptedPods: disruptedPods('2026-01-01T00:00:00Z') } }),
      'status',
    );
    expect(updated.status?.disruptedPods).toEqual(disruptedPods('2026-01-01T00:00:00Z'));
    const patched = await all.patch('foo/status', { status: { disruptedPods: null } });
    expect(patched.status?.disruptedPods).toBeUndefined();
  });

  test('PodDisruptionBudget: block an eviction until the PDB is updated to allow it', async () => {
    const ns = await namespace();
    const all = podDisruptionBudgets(ns);
    await all.create(budget({ minAvailable: 2 }));
    await runPods(ns, 2);
    await reaches(all, 'foo', ({ status }) => status?.currentHealthy === 2);
    const { code, reason } = await refusal(evict(ns, 'pod-0'));
    expect({ code, reason }).toEqual({ code: 429, reason: 'TooManyRequests' });
    await all.change('foo', (old) => ({ ...old, spec: { ...old.spec, minAvailable: 1 } }));
    await reaches(all, 'foo', ({ status }) => status?.disruptionsAllowed === 1);
    await evict(ns, 'pod-0');
    await gone(pods(ns), 'pod-0');
    expect((await refusal(evict(ns, 'pod-1'))).code).toBe(429);
    await all.patch('foo', { spec: { minAvailable: 3 } });
    await reaches(all, 'foo', ({ status }) => status?.desiredHealthy === 3);
    expect((await refusal(evict(ns, 'pod-1'))).code).toBe(429);
    await all.delete('foo');
    await until(
      () =>
        evict(ns, 'pod-1').then(
          () => true,
          () => false,
        ),
      (evicted) => evicted,
    );
  });
});
