import { describe, expect, test } from 'vitest';
import { DeploymentKind, PodKind } from '../../src/api/index.ts';
import { HorizontalPodAutoscalerKind } from '../../src/api/autoscaling/horizontal-pod-autoscaler.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import { NodeMetricsKind } from '../../src/api/metrics/node-metrics.ts';
import { PodMetricsKind } from '../../src/api/metrics/pod-metrics.ts';
import { milliValue } from '../../src/api/quantity.ts';
import type { Deployment, HorizontalPodAutoscaler, Pod, Service } from '../../src/api/types.ts';
import { createCluster, type Cluster, type ClusterSpec } from '../../src/cluster/index.ts';

const start = (spec: Partial<ClusterSpec> = {}): Cluster => {
  const cluster = createCluster({ seed: 3, nodes: 2, addons: ['metrics-server'], trace: { capacity: 0 }, ...spec });
  cluster.kernel.runFor(30_000);
  return cluster;
};

const pod = (name: string, container: object): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: name } },
    spec: { containers: [{ name: 'c', ...container }] },
  }) as Pod;

/** `name cpu memory` of each Pod that is told of. */
const usages = (cluster: Cluster): string[] =>
  cluster
    .client()
    .resource(PodMetricsKind)
    .list({ namespace: 'default' })
    .items.map(({ metadata, containers }) => {
      const { usage } = containers[0]!;
      return `${metadata.name} ${milliValue(usage['cpu'])}m ${usage['memory']}`;
    });

describe('metrics-server', () => {
  test('tells what containers use, from the second look on', () => {
    const cluster = start();
    const pods = cluster.client().resource(PodKind);
    const stress = { image: 'vish/stress', resources: { limits: { cpu: '500m' } } };
    pods.create(pod('busy', { ...stress, args: ['-cpus', '2', '-mem-total', '50Mi'] }));
    pods.create(pod('loop', { image: 'busybox', command: ['sh', '-c', 'yes > /dev/null'] }));
    pods.create(pod('idle', { image: 'busybox', command: ['sleep', '3600'] }));
    cluster.kernel.runFor(5_000);
    expect(usages(cluster)).toEqual([]);
    cluster.kernel.runFor(55_000);
    expect(usages(cluster)).toEqual(['busy 500m 52224Ki', 'idle 0m 2048Ki', 'loop 1000m 2048Ki']);
    const [node] = cluster.client().resource(NodeMetricsKind).list().items;
    expect(node).toMatchObject({ kind: 'NodeMetrics', metadata: { name: 'node-1' }, window: '15s' });
    expect(() => cluster.client().resource(PodMetricsKind).get('none', 'default')).toThrow('pods "none" not found');
  });

  test('is missed while it is stopped', () => {
    const cluster = start();
    cluster.stop('metrics-server');
    cluster.kernel.runFor(60_000);
    expect(() => cluster.client().resource(NodeMetricsKind).list()).toThrow(
      'the server is currently unable to handle the request',
    );
    cluster.start('metrics-server');
    cluster.kernel.runFor(60_000);
    expect(cluster.client().resource(NodeMetricsKind).list().items).toHaveLength(2);
  });

  test('is not there unless asked for', () => {
    const cluster = start({ addons: [] });
    expect(() => cluster.client().resource(NodeMetricsKind).list()).toThrow('could not find the requested resource');
    expect(() => start({ addons: ['nonsense'] })).toThrow('there is no add-on "nonsense"; there are: metrics-server');
  });
});

test('a container that holds more memory than its limit is killed', () => {
  const cluster = start();
  const container = { image: 'polinux/stress', command: ['stress'], resources: { limits: { memory: '100Mi' } } };
  cluster
    .client()
    .resource(PodKind)
    .create(pod('eater', { ...container, args: ['--vm', '1', '--vm-bytes', '250M'] }));
  cluster.kernel.runFor(20_000);
  const { status } = cluster.client().resource(PodKind).get('eater', 'default');
  const { state, lastState } = status!.containerStatuses![0]!;
  expect(lastState?.terminated ?? state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
});

test('an autoscaler follows the load of a web server, and lets it go', () => {
  const cluster = start();
  const client = cluster.client();
  const labels = { run: 'php-apache' };
  client.resource(DeploymentKind).create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'php-apache', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'php-apache',
              image: 'registry.k8s.io/hpa-example',
              ports: [{ containerPort: 80 }],
              resources: { limits: { cpu: '500m' }, requests: { cpu: '200m' } },
            },
          ],
        },
      },
    },
  } as Deployment);
  client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'php-apache', namespace: 'default' },
    spec: { selector: labels, ports: [{ port: 80 }] },
  } as Service);
  client.resource(HorizontalPodAutoscalerKind).create({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'php-apache', namespace: 'default' },
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'php-apache' },
      maxReplicas: 10,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      ],
    },
  });
  cluster.kernel.runFor(120_000);
  const get = (): HorizontalPodAutoscaler => client.resource(HorizontalPodAutoscalerKind).get('php-apache', 'default');
  const utilization = (): number | undefined => get().status?.currentMetrics?.[0]?.resource?.current.averageUtilization;
  expect(utilization()).toBe(0);
  const load = 'while sleep 0.01; do wget -q -O- http://php-apache; done';
  client.resource(PodKind).create(pod('load-generator', { image: 'busybox', command: ['sh', '-c', load] }));
  cluster.kernel.runFor(300_000);
  // One client that waits for every answer keeps half a core busy, however many serve it.
  expect(get().status!.currentReplicas).toBe(5);
  expect(utilization()).toBeGreaterThan(40);
  expect(utilization()).toBeLessThan(55);
  client.resource(PodKind).delete('load-generator', 'default', { gracePeriodSeconds: 0 });
  cluster.kernel.runFor(600_000);
  expect(get().status!.currentReplicas).toBe(1);
});
