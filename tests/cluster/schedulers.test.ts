import { expect, test } from 'vitest';
import { PodKind } from '../../src/api/core/pod.ts';
import type { Pod } from '../../src/api/types.ts';
import { createCluster } from '../../src/cluster/index.ts';

const podFor = (name: string, schedulerName: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { schedulerName, containers: [{ name: 'c', image: 'nginx', resources: { requests: { cpu: '100m' } } }] },
});

test('a cluster can have several schedulers, each configured on its own', () => {
  const cluster = createCluster({
    seed: 1,
    nodes: 3,
    runtime: 'instant',
    trace: { capacity: 0 },
    moreSchedulers: {
      'packing-scheduler': {
        profiles: [
          {
            schedulerName: 'packing',
            plugins: { score: { disabled: [{ name: '*' }], enabled: [{ name: 'NodeResourcesFit' }] } },
            pluginConfig: [{ name: 'NodeResourcesFit', args: { scoringStrategy: { type: 'MostAllocated' } } }],
          },
        ],
      },
    },
  });
  cluster.kernel.runFor(30_000);
  const pods = cluster.client().resource(PodKind);
  for (const name of ['packed-1', 'packed-2', 'packed-3']) {
    pods.create(podFor(name, 'packing'));
    cluster.kernel.runFor(2_000);
  }
  const nodes = pods.list({ namespace: 'default' }).items.map(({ spec }) => spec.nodeName);
  expect(new Set(nodes)).toHaveProperty('size', 1);
  cluster.stop('packing-scheduler');
  pods.create(podFor('late', 'packing'));
  pods.create(podFor('other', 'default-scheduler'));
  cluster.kernel.runFor(2_000);
  expect(pods.get('late', 'default').spec.nodeName).toBeUndefined();
  expect(pods.get('other', 'default').spec.nodeName).toBeDefined();
});
