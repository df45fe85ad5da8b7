import { expect, test } from 'vitest';
import { DeploymentKind, PodKind } from '../../src/api/index.ts';
import type { Deployment } from '../../src/api/types.ts';
import { createCluster, type Cluster, type ClusterSpec } from '../../src/cluster/index.ts';

const web = (replicas: number, image: string) =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'c', image, resources: { requests: { cpu: '100m' } } }] },
      },
    },
  }) as unknown as Deployment;

const scale = (cluster: Cluster, spec: object): void =>
  void cluster.client().resource(DeploymentKind).patch('web', 'default', 'merge', { spec });

/** A run with failures: a lost node, deleted Pods, an image that does not exist, more Pods than fit. */
function run(spec: ClusterSpec): Cluster {
  const cluster = createCluster(spec);
  const { kernel } = cluster;
  kernel.runFor(20_000);
  const deployments = cluster.client().resource(DeploymentKind);
  deployments.create(web(5, 'nginx:1.27'));
  kernel.runFor(30_000);
  cluster.stopNode('node-2');
  const pods = cluster.client().resource(PodKind);
  for (const pod of pods.list({ namespace: 'default' }).items.slice(0, 2)) pods.delete(pod.metadata.name, 'default');
  kernel.runFor(400_000);
  cluster.startNode('node-2');
  scale(cluster, { template: { spec: { containers: [{ name: 'c', image: 'nginx:no-such-tag' }] } } });
  kernel.runFor(120_000);
  scale(cluster, { replicas: 200 });
  kernel.runFor(60_000);
  deployments.delete('web', 'default', { propagationPolicy: 'Foreground' });
  kernel.runFor(120_000);
  return cluster;
}

const history = (cluster: Cluster): string[] => cluster.etcd.history(1).map((change) => JSON.stringify(change));

test.each(['instant', 'images'] as const)('same seed and inputs give the same history (%s)', (runtime) => {
  const spec = { seed: 42, nodes: 3, runtime };
  const first = run(spec);
  const second = run({ ...spec, trace: { capacity: 0 } });
  expect(first.etcd.revision).toBeGreaterThan(500);
  expect(history(second)).toEqual(history(first));
  expect(second.kernel.executed).toBe(first.kernel.executed);
});

test('another seed gives another history', () => {
  const [one, two] = [1, 2].map((seed) => {
    const cluster = createCluster({ seed, nodes: 1 });
    cluster.kernel.runFor(5_000);
    return history(cluster);
  });
  expect(one).not.toEqual(two);
});
