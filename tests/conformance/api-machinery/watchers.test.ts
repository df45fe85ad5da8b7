import { describe, expect, test } from 'vitest';
import type { ConfigMap } from '../../../src/api/types.ts';
import type { Watch } from '../client.ts';
import { configMaps } from '../kinds.ts';
import { namespace } from '../scene.ts';

const LABEL = 'watch-this-configmap';

const labelled = (value: string, name: string) => ({ metadata: { name, labels: { [LABEL]: value } } });
const about = (...values: readonly string[]) => ({ labelSelector: `${LABEL} in (${values.join(',')})` });

/** Changes the count that a ConfigMap has in its data. */
const count = (ns: string, name: string, mutation: number) =>
  configMaps(ns).patch(name, { data: { mutation: String(mutation) } });

/** The next change, which must be of this type and say this count. */
async function sees(watch: Watch<ConfigMap>, type: string, name: string, mutation?: number): Promise<string> {
  const event = await watch.next();
  expect(event?.type).toBe(type);
  const { metadata, data } = event!.object as ConfigMap;
  expect({ name: metadata.name, mutation: data?.['mutation'] }).toEqual({
    name,
    mutation: mutation === undefined ? undefined : String(mutation),
  });
  return metadata.resourceVersion!;
}

describe('[sig-api-machinery] Watchers', () => {
  test('watch-configmaps-with-multiple-watchers', async () => {
    const ns = await namespace();
    const [a, b, both] = [
      await configMaps(ns).watch(about('A')),
      await configMaps(ns).watch(about('B')),
      await configMaps(ns).watch(about('A', 'B')),
    ];
    await configMaps(ns).create(labelled('A', 'map-a'));
    for (const watch of [a, both]) await sees(watch, 'ADDED', 'map-a');
    for (const n of [1, 2]) {
      await count(ns, 'map-a', n);
      for (const watch of [a, both]) await sees(watch, 'MODIFIED', 'map-a', n);
    }
    await configMaps(ns).delete('map-a');
    for (const watch of [a, both]) await sees(watch, 'DELETED', 'map-a', 2);
    // What concerned the other ConfigMap must not have come to this one.
    await configMaps(ns).create(labelled('B', 'map-b'));
    for (const watch of [b, both]) await sees(watch, 'ADDED', 'map-b');
    await configMaps(ns).delete('map-b');
    for (const watch of [b, both]) await sees(watch, 'DELETED', 'map-b');
    for (const watch of [a, b, both]) watch.stop();
  });

  test('watch-configmaps-from-resource-version', async () => {
    const ns = await namespace();
    await configMaps(ns).create(labelled('from', 'map'));
    const first = await count(ns, 'map', 1);
    await count(ns, 'map', 2);
    await configMaps(ns).delete('map');
    const watch = await configMaps(ns).watch({
      ...about('from'),
      resourceVersion: first.metadata.resourceVersion,
    });
    await sees(watch, 'MODIFIED', 'map', 2);
    await sees(watch, 'DELETED', 'map', 2);
    watch.stop();
  });

  test('watch-configmaps-closed-and-restarted', async () => {
    const ns = await namespace();
    const before = await configMaps(ns).watch(about('closed'));
    await configMaps(ns).create(labelled('closed', 'map'));
    await sees(before, 'ADDED', 'map');
    await count(ns, 'map', 1);
    const resourceVersion = await sees(before, 'MODIFIED', 'map', 1);
    before.stop();
    await count(ns, 'map', 2);
    const after = await configMaps(ns).watch({ ...about('closed'), resourceVersion });
    await configMaps(ns).delete('map');
    await sees(after, 'MODIFIED', 'map', 2);
    await sees(after, 'DELETED', 'map', 2);
    after.stop();
  });

  test('watch-configmaps-label-changed', async () => {
    const ns = await namespace();
    const watch = await configMaps(ns).watch(about('changed'));
    const relabel = (value: string) => configMaps(ns).patch('map', { metadata: { labels: { [LABEL]: value } } });
    await configMaps(ns).create(labelled('changed', 'map'));
    await count(ns, 'map', 1);
    await relabel('not-watched');
    await sees(watch, 'ADDED', 'map');
    await sees(watch, 'MODIFIED', 'map', 1);
    await sees(watch, 'DELETED', 'map', 1);
    await count(ns, 'map', 2);
    await relabel('changed');
    await count(ns, 'map', 3);
    await configMaps(ns).delete('map');
    await sees(watch, 'ADDED', 'map', 2);
    await sees(watch, 'MODIFIED', 'map', 3);
    await sees(watch, 'DELETED', 'map', 3);
    watch.stop();
  });

  test('watch-consistency', async () => {
    const ns = await namespace();
    const ITERATIONS = 60;
    const { metadata } = await configMaps(ns).list();
    const { resourceVersion } = metadata;
    let writing = true;
    const writer = (async () => {
      const there: string[] = [];
      for (let n = 0; writing; n++) {
        const name = there[n % 5];
        if (name === undefined) {
          await configMaps(ns).create({ metadata: { name: `name-${n}` } });
          there.push(`name-${n}`);
        } else if (n % 3 === 0) {
          await configMaps(ns).delete(name);
          there.splice(n % 5, 1);
        } else await count(ns, name, n);
      }
    })();
    // Each watch begins at an event of the first, and must see from there on what the first sees.
    const first = await configMaps(ns).watch({ resourceVersion });
    const watches: { readonly watch: Watch<ConfigMap>; last: string }[] = [];
    for (let n = 0; n < ITERATIONS; n++) {
      const event = await first.next();
      const version = (event!.object as ConfigMap).metadata.resourceVersion!;
      for (const other of watches)
        other.last = ((await other.watch.next())!.object as ConfigMap).metadata.resourceVersion!;
      expect(watches.map(({ last }) => last)).toEqual(watches.map(() => version));
      if (watches.length < 20)
        watches.push({ watch: await configMaps(ns).watch({ resourceVersion: version }), last: version });
    }
    writing = false;
    await writer;
    for (const { watch } of watches) watch.stop();
    first.stop();
  });
});
