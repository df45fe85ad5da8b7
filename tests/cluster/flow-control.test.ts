import { describe, expect, test } from 'vitest';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { PodKind } from '../../src/api/core/pod.ts';
import type { Manifest } from '../../src/api/object.ts';
import type { Deployment } from '../../src/api/types.ts';
import { createCluster } from '../../src/cluster/index.ts';

describe('a cluster whose API server has few seats', () => {
  const cluster = createCluster({ seed: 1, nodes: 2, inFlight: { seats: 10, requestMs: 50 } });
  cluster.kernel.runFor(20_000);

  test('still does what it is asked to', () => {
    const labels = { app: 'web' };
    cluster
      .client()
      .resource(DeploymentKind)
      .create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'default' },
        spec: {
          replicas: 4,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
        },
      } as Manifest<Deployment>);
    cluster.kernel.runFor(60_000);
    const { items } = cluster.client().resource(PodKind).list({ namespace: 'default' });
    expect(items.map(({ status }) => status?.phase)).toEqual(Array(4).fill('Running'));
  });

  test('has seen every level that is asked for, and given each a seat', () => {
    const levels = cluster.apiserver.flowControl!.levels.filter(({ isExempt }) => !isExempt);
    expect(levels.every(({ limit }) => limit >= 1)).toBe(true);
    const asked = levels.filter(({ dispatched }) => dispatched > 0).map(({ name }) => name);
    expect(asked).toEqual(['leader-election', 'node-high', 'system', 'workload-high']);
  });
});
