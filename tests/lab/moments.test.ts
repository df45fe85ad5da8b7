import { expect, test } from 'vitest';
import { createCluster } from '../../src/cluster/index.ts';
import { CompactedError } from '../../src/etcd/index.ts';
import { FrameWriter } from '../../src/lab/frame-writer.ts';
import { Moments } from '../../src/lab/moments.ts';
import { objectView } from '../../src/lab/object-view.ts';

const HOUR = 3_600_000;

const newCluster = (retention?: { most: number; least: number }) => {
  const cluster = createCluster({ seed: 5, nodes: 3 });
  return { cluster, moments: new Moments(cluster, () => 0, retention) };
};

test('an hour at rest adds next to nothing for a reader to stop at', () => {
  const { cluster, moments } = newCluster();
  cluster.kernel.runFor(60_000);
  const [before, revision] = [moments.tellingAfter(0).length, cluster.etcd.revision];
  cluster.kernel.runFor(HOUR);
  expect(cluster.etcd.revision - revision).toBeGreaterThan(500);
  expect(moments.tellingAfter(0).length - before).toBeLessThan(5);
});

test('what is written for a reader to see is a stop: objects, states of nodes, new Events', () => {
  const { cluster, moments } = newCluster();
  cluster.kernel.runFor(60_000);
  const before = cluster.etcd.revision;
  cluster.stop('kubelet/node-1');
  cluster.kernel.runFor(120_000);
  const keys = cluster.etcd
    .history(before + 1)
    .filter(({ entry }) => moments.tellingAfter(before).includes(entry.modRevision))
    .map(({ entry }) => entry.key);
  expect(keys).toContain('/registry/minions/node-1');
  expect(keys.some((key) => key.startsWith('/registry/events/default/node-1'))).toBe(true);
  expect(keys.some((key) => key.startsWith('/registry/leases/'))).toBe(false);
});

test('a long session keeps so many revisions and lets the older ones go, on the page and in the store', async () => {
  const { cluster, moments } = newCluster({ most: 200, least: 100 });
  const { etcd, kernel } = cluster;
  const writer = new FrameWriter(cluster);
  writer.show(etcd.revision);
  const start = moments.first;
  kernel.runFor(HOUR);
  expect(moments.first).toBeGreaterThan(start);
  expect(moments.last - moments.first).toBeLessThan(200);
  expect(moments.last).toBe(etcd.revision);
  expect(() => etcd.range({ prefix: '/', revision: moments.first - 1 })).toThrow(CompactedError);
  expect(moments.at(moments.first).time).toBeGreaterThan(kernel.epochMs);
  expect(moments.tellingAfter(0).every((revision) => revision >= moments.first)).toBe(true);
  // A page that last looked before that gets what is there now.
  const { upserts } = writer.show(moments.first);
  expect(upserts.map(({ key }) => key)).toEqual(
    etcd.range({ prefix: '/registry/', revision: moments.first }).entries.map(({ key }) => key),
  );
  expect(await objectView(etcd, '/registry/minions/node-1', start)).toBeNull();
  expect(await objectView(etcd, '/registry/minions/node-1', etcd.revision)).toMatchObject({
    yaml: expect.stringContaining('kind: Node'),
  });
});

test('letting go happens at the same revisions in every run', () => {
  const firsts = [1, 2].map(() => {
    const { cluster, moments } = newCluster({ most: 150, least: 40 });
    cluster.kernel.runFor(HOUR / 2);
    return [moments.first, cluster.etcd.compactedRevision, cluster.etcd.revision];
  });
  expect(firsts[0]).toEqual(firsts[1]);
});
