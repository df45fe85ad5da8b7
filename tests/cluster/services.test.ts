import { describe, expect, test } from 'vitest';
import { EventKind, ServiceKind } from '../../src/api/index.ts';
import { IpAddressKind } from '../../src/api/networking/ip-address.ts';
import { ServiceCidrKind } from '../../src/api/networking/service-cidr.ts';
import type { Service } from '../../src/api/types.ts';
import { createCluster, RECORDING_RIG, type Cluster, type ClusterSpec } from '../../src/cluster/index.ts';

function start(spec: Partial<ClusterSpec> = {}): Cluster {
  const cluster = createCluster({ seed: 1, ...RECORDING_RIG, nodes: 1, ...spec });
  cluster.kernel.runFor(10_000);
  return cluster;
}

function createService(cluster: Cluster, name: string, spec: object = {}): Service {
  const services = cluster.client().resource(ServiceKind);
  services.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'default' },
    spec: { ports: [{ port: 80 }], ...spec },
  });
  cluster.kernel.runFor(1_000);
  return services.get(name, 'default');
}

describe('Services of type LoadBalancer', () => {
  const addons = ['cloud-controller-manager'];
  const type = 'LoadBalancer';

  const events = (cluster: Cluster): string[] =>
    cluster
      .client()
      .resource(EventKind)
      .list({ namespace: 'default' })
      .items.filter(({ source }) => source?.component === 'service-controller')
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason}: ${message}`);

  test('wait for ever in a cluster without a cloud', () => {
    expect(createService(start(), 'web', { type }).status).toEqual({ loadBalancer: {} });
  });

  test('get an address from the cloud, and are held until it is free again', () => {
    const cluster = start({ addons });
    expect(createService(cluster, 'web', { type })).toMatchObject({
      metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] } },
    });
    expect(createService(cluster, 'other', { type }).status?.loadBalancer?.ingress).toMatchObject([
      { ip: '203.0.113.2' },
    ]);
    const services = cluster.client().resource(ServiceKind);
    services.delete('web', 'default');
    expect(services.get('web', 'default').metadata.deletionTimestamp).toBeDefined();
    cluster.kernel.runFor(1_000);
    expect(services.list({ namespace: 'default' }).items.map(({ metadata }) => metadata.name)).not.toContain('web');
    expect(createService(cluster, 'next', { type }).status?.loadBalancer?.ingress).toMatchObject([
      { ip: '203.0.113.1' },
    ]);
  });

  test('tell of it in events, and give the address back when they change their type', () => {
    const cluster = start({ addons });
    createService(cluster, 'web', { type });
    cluster
      .client()
      .resource(ServiceKind)
      .patch('web', 'default', 'merge', { spec: { type: 'ClusterIP' } });
    cluster.kernel.runFor(1_000);
    const service = cluster.client().resource(ServiceKind).get('web', 'default');
    expect(service.status).toEqual({ loadBalancer: {} });
    expect(service.metadata.finalizers).toBeUndefined();
    expect(events(cluster)).toEqual([
      'EnsuringLoadBalancer: Ensuring load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
      'Type: LoadBalancer -> ClusterIP',
      'DeletingLoadBalancer: Deleting load balancer',
      'DeletedLoadBalancer: Deleted load balancer',
    ]);
  });

  test('leave load balancers of a class to those that know it', () => {
    const cluster = start({ addons });
    expect(createService(cluster, 'web', { type, loadBalancerClass: 'example.com/lb' }).status).toEqual({
      loadBalancer: {},
    });
  });
});

describe('addresses of Services', () => {
  const taken = (cluster: Cluster): string[] =>
    cluster
      .client()
      .resource(IpAddressKind)
      .list()
      .items.map(({ metadata, spec }) => `${metadata.name} ${spec.parentRef?.name}`);

  const addRange = (cluster: Cluster): void => {
    cluster
      .client()
      .resource(ServiceCidrKind)
      .create({
        apiVersion: 'networking.k8s.io/v1',
        kind: 'ServiceCIDR',
        metadata: { name: 'more' },
        spec: { cidrs: ['10.97.0.0/24'] },
      });
    cluster.kernel.runFor(1_000);
  };

  test('are objects that come and go with them', () => {
    const cluster = start();
    createService(cluster, 'web', { clusterIP: '10.96.7.7' });
    expect(taken(cluster)).toContain('10.96.7.7 web');
    expect(() => createService(cluster, 'other', { clusterIP: '10.96.7.7' })).toThrow(
      'provided IP is already allocated',
    );
    cluster.client().resource(ServiceKind).delete('web', 'default');
    expect(taken(cluster)).not.toContain('10.96.7.7 web');
  });

  test('come from every range that is ready; a range waits until nobody has an address of it', () => {
    const cluster = start();
    expect(() => createService(cluster, 'web', { clusterIP: '10.97.0.7' })).toThrow(
      'the provided network does not match the current range',
    );
    addRange(cluster);
    createService(cluster, 'web', { clusterIP: '10.97.0.7' });
    const ranges = cluster.client().resource(ServiceCidrKind);
    ranges.delete('more');
    cluster.kernel.runFor(60_000);
    expect(ranges.get('more').status?.conditions).toMatchObject([
      {
        type: 'Ready',
        status: 'False',
        reason: 'Terminating',
        message:
          'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
      },
    ]);
    cluster.client().resource(ServiceKind).delete('web', 'default');
    cluster.kernel.runFor(15_000);
    expect(ranges.list().items.map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
  });
});
