import { expect, test } from 'vitest';
import { DeploymentKind, LeaseKind, PodKind } from '../../src/api/index.ts';
import { EventKind } from '../../src/api/core/event.ts';
import type { Deployment, Lease } from '../../src/api/types.ts';
import { createCluster, type Cluster } from '../../src/cluster/index.ts';

const web = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
} as unknown as Deployment;

const lease = (cluster: Cluster, name: string): Lease => cluster.client().resource(LeaseKind).get(name, 'kube-system');

const pods = (cluster: Cluster): number =>
  cluster.client().resource(PodKind).list({ namespace: 'default' }).items.length;

test('a fresh cluster has the leases of its controller manager and its scheduler', () => {
  const cluster = createCluster({ seed: 1, nodes: 1 });
  cluster.kernel.runFor(10_000);
  for (const name of ['kube-controller-manager', 'kube-scheduler']) {
    expect(lease(cluster, name).spec).toMatchObject({
      holderIdentity: expect.stringMatching(/^control-plane_[0-9a-f-]{36}$/),
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
  }
  const messages = cluster
    .client()
    .resource(EventKind)
    .list({ namespace: 'kube-system' })
    .items.filter(({ reason }) => reason === 'LeaderElection')
    .map(({ message }) => message?.replace(/_\S* /, '_ID '));
  expect(messages.sort()).toEqual(['control-plane_ID became leader', 'control-plane_ID became leader']);
});

test('of two controller managers one works; the other takes over when the lease of the first has expired', () => {
  const cluster = createCluster({ seed: 1, nodes: 1, controllerManagers: 2 });
  const { kernel } = cluster;
  kernel.runFor(10_000);
  const first = lease(cluster, 'kube-controller-manager').spec.holderIdentity!;
  expect(first).toMatch(/^control-plane_/);
  cluster.stop('kube-controller-manager');
  cluster.client().resource(DeploymentKind).create(web);
  kernel.runFor(10_000);
  // Nobody may act yet: the one that was stopped might only be slow.
  expect(pods(cluster)).toBe(0);
  kernel.runFor(10_000);
  expect(lease(cluster, 'kube-controller-manager').spec).toMatchObject({
    holderIdentity: expect.stringMatching(/^control-plane-2_/),
    leaseTransitions: 1,
  });
  expect(pods(cluster)).toBe(1);
  // The first comes back as a new candidate, and waits.
  cluster.start('kube-controller-manager');
  kernel.runFor(60_000);
  expect(lease(cluster, 'kube-controller-manager').spec.leaseTransitions).toBe(1);
});
