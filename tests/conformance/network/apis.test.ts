/** Kinds of the network as the API serves them. */
import { describe, expect, test } from 'vitest';
import { discovered, operate, operateStatus } from '../api-operations.ts';
import { refusal, request, resource } from '../client.ts';
import { endpoints, endpointSlices, pods, services } from '../kinds.ts';
import { AGNHOST, afterwards, exists, gone, namespace, reaches, template, unique, until } from '../scene.ts';
import type { Ingress, IpAddress, ServiceCidr } from '../../../src/api/types.ts';

const ingresses = resource<Ingress>('networking.k8s.io/v1', 'ingresses');
const ingressClasses = resource('networking.k8s.io/v1', 'ingressclasses');
const serviceCidrs = resource<ServiceCidr>('networking.k8s.io/v1', 'servicecidrs');
const ipAddresses = resource<IpAddress>('networking.k8s.io/v1', 'ipaddresses');

const slicesOf = async (ns: string, service: string) =>
  (await endpointSlices(ns).list({ labelSelector: `kubernetes.io/service-name=${service}` })).items;

describe('[sig-network] Ingress API', () => {
  test('Ingress API', async () => {
    await discovered('networking.k8s.io/v1', 'ingresses', 'ingresses/status');
    const ns = await namespace();
    const spec = {
      defaultBackend: { service: { name: 'default-backend', port: { number: 80 } } },
      rules: [
        {
          host: 'foo.bar.com',
          http: {
            paths: [
              {
                path: '/',
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 's', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    };
    await operate({ resource: ingresses(ns), everywhere: ingresses(), object: () => ({ spec }) });
    await ingresses(ns).create({ metadata: { name: 'one' }, spec });
    await operateStatus(ingresses(ns), 'one', { loadBalancer: { ingress: [{ ip: '169.1.1.1' }] } });
  });

  test('IngressClass API', async () => {
    await discovered('networking.k8s.io/v1', 'ingressclasses');
    await operate({ resource: ingressClasses(), object: () => ({ spec: { controller: 'example.com/controller' } }) });
  });
});

describe('[sig-network] EndpointSlice', () => {
  test('EndpointSlice should support creating EndpointSlice API operations', async () => {
    await discovered('discovery.k8s.io/v1', 'endpointslices');
    const ns = await namespace();
    const slice = {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['1.2.3.4', '5.6.7.8'] }],
      ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    };
    await operate({ resource: endpointSlices(ns), everywhere: endpointSlices(), object: () => slice });
  });

  test('EndpointSlice should have Endpoints and EndpointSlices pointing to API Server', async () => {
    const service = await services('default').get('kubernetes');
    expect(service.spec.ports).toMatchObject([{ name: 'https', port: 443 }]);
    const { subsets } = await endpoints('default').get('kubernetes');
    expect(subsets?.length).toBeGreaterThan(0);
    const slice = await endpointSlices('default').get('kubernetes');
    expect(slice.endpoints?.flatMap(({ addresses }) => addresses)).toEqual(
      subsets?.flatMap(({ addresses }) => addresses?.map(({ ip }) => ip)),
    );
  });

  test('EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified', async () => {
    const ns = await namespace();
    await services(ns).create({
      metadata: { name: 'empty' },
      spec: { selector: { 'does-not-match-anything': 'endpoints' }, ports: [{ name: 'example', port: 80 }] },
    });
    await until(
      () => exists(endpoints(ns), 'empty'),
      (there) => there,
    );
    await until(
      () => slicesOf(ns, 'empty'),
      (slices) => slices.length === 1,
    );
    await services(ns).delete('empty');
    await gone(endpoints(ns), 'empty');
    await until(
      () => slicesOf(ns, 'empty'),
      (slices) => slices.length === 0,
    );
  });

  test('EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service', async () => {
    const ns = await namespace();
    const labels = { foo: 'bar' };
    const named = (name: string, port: number) => ({
      ...template(labels, { image: AGNHOST, args: ['pause'], ports: [{ name: 'example-name', containerPort: port }] }),
      metadata: { name, labels },
    });
    await pods(ns).create(named('pod1', 3000));
    await pods(ns).create(named('pod2', 3001));
    await services(ns).create({
      metadata: { name: 'example' },
      spec: {
        selector: labels,
        publishNotReadyAddresses: true,
        ports: [{ name: 'example', port: 80, targetPort: 'example-name' }],
      },
    });
    const ips = await Promise.all(
      ['pod1', 'pod2'].map(
        async (name) => (await reaches(pods(ns), name, ({ status }) => !!status?.podIP)).status!.podIP!,
      ),
    );
    // The port has another number on each Pod: one slice, and one subset, for each.
    const slices = await until(
      () => slicesOf(ns, 'example'),
      (found) => found.filter((one) => (one.endpoints?.length ?? 0) > 0).length === 2,
    );
    for (const [i, port] of [3000, 3001].entries()) {
      const slice = slices.find(({ ports }) => ports?.[0]?.port === port);
      expect(slice?.endpoints?.map(({ addresses }) => addresses)).toEqual([[ips[i]]]);
    }
    const { subsets } = await reaches(endpoints(ns), 'example', (one) => one.subsets?.length === 2);
    expect(subsets?.flatMap(({ ports }) => ports?.map(({ port }) => port)).sort()).toEqual([3000, 3001]);
  });

  test('EndpointSlice Mirroring', async () => {
    const ns = await namespace();
    await services(ns).create({ metadata: { name: 'custom' }, spec: { ports: [{ name: 'example', port: 80 }] } });
    await endpoints(ns).create({
      metadata: { name: 'custom' },
      subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ name: 'example', port: 80 }] }],
    });
    const mirrors = (ip: string) =>
      until(
        () => slicesOf(ns, 'custom'),
        (slices) => slices.length === 1 && slices[0]!.endpoints?.[0]?.addresses[0] === ip,
      );
    const [slice] = await mirrors('10.1.2.3');
    expect(slice!.metadata.labels?.['endpointslice.kubernetes.io/managed-by']).toBe(
      'endpointslicemirroring-controller.k8s.io',
    );
    await endpoints(ns).patch('custom', {
      subsets: [{ addresses: [{ ip: '10.2.3.4' }], ports: [{ name: 'example', port: 9090 }] }],
    });
    await mirrors('10.2.3.4');
    await endpoints(ns).delete('custom');
    await until(
      () => slicesOf(ns, 'custom'),
      (slices) => slices.length === 0,
    );
  });
});

describe('[sig-network] Service CIDRs and IP addresses', () => {
  test('ServiceCIDR and IPAddress API should support ServiceCIDR API operations', async () => {
    await discovered('networking.k8s.io/v1', 'servicecidrs', 'servicecidrs/status');
    const spec = (nth: number) => ({ cidrs: [`192.168.${200 + nth}.0/24`] });
    await operate({ resource: serviceCidrs(), object: (nth) => ({ spec: spec(nth) }) });
    const name = unique('cidr');
    await serviceCidrs().create({ metadata: { name }, spec: spec(9) });
    afterwards(() => serviceCidrs().delete(name));
    await reaches(serviceCidrs(), name, ({ status }) =>
      (status?.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'True'),
    );
    const changed = serviceCidrs().patch(name, { spec: spec(10) });
    expect((await refusal(changed)).reason).toBe('Invalid');
  });

  test('ServiceCIDR and IPAddress API should support IPAddress API operations', async () => {
    await discovered('networking.k8s.io/v1', 'ipaddresses');
    const spec = { parentRef: { resource: 'services', namespace: 'default', name: 'nobody' } };
    const label = unique('label');
    const name = '192.168.199.7';
    afterwards(() => ipAddresses().delete(name));
    const watch = await ipAddresses().watch({ labelSelector: `${label}=true` });
    await ipAddresses().create({ metadata: { name, labels: { [label]: 'true' } }, spec });
    await watch.until('ADDED');
    await ipAddresses().patch(name, { metadata: { annotations: { patched: 'true' } } });
    await watch.until('MODIFIED', ({ metadata }) => metadata.annotations?.['patched'] === 'true');
    await ipAddresses().deleteCollection({ labelSelector: `${label}=true` });
    await watch.until('DELETED');
    watch.stop();
    expect((await refusal(ipAddresses().create({ metadata: { name: 'not-an-ip' }, spec }))).reason).toBe('Invalid');
  });

  test('a Service has its address, and gives it back', async () => {
    const ns = await namespace();
    const { spec } = await services(ns).create({ metadata: { name: 'addressed' }, spec: { ports: [{ port: 80 }] } });
    const address = await ipAddresses().get(spec.clusterIP!);
    expect(address.spec.parentRef).toEqual({ resource: 'services', namespace: ns, name: 'addressed' });
    await services(ns).delete('addressed');
    await gone(ipAddresses(), spec.clusterIP!);
  });
});

describe('[sig-network] Services as objects', () => {
  test('Find Kubernetes Service in default Namespace', async () => {
    const { items } = await services().list();
    expect(items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toContain('default/kubernetes');
  });

  test('Kubernetes Service', async () => expect(await exists(services('default'), 'kubernetes')).toBe(true));

  test('Service, deletes a collection of services', async () => {
    const ns = await namespace();
    for (const [name, labels] of [
      ['one', { [ns]: 'yes' }],
      ['two', { [ns]: 'yes' }],
      ['three', {}],
    ] as const)
      await services(ns).create({ metadata: { name, labels }, spec: { ports: [{ port: 80 }] } });
    expect((await services(ns).list()).items).toHaveLength(3);
    await services(ns).deleteCollection({ labelSelector: `${ns}=yes` });
    expect((await services(ns).list()).items.map(({ metadata }) => metadata.name)).toEqual(['three']);
  });

  test('Service, complete ServiceStatus lifecycle', async () => {
    const ns = await namespace();
    await services(ns).create({ metadata: { name: 'test' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } });
    expect((await services(ns).get('test/status')).status?.loadBalancer).toEqual({});
    const ingress = [{ ip: '203.0.113.1' }];
    const patched = await services(ns).patch('test/status', { status: { loadBalancer: { ingress } } });
    expect(patched.status?.loadBalancer?.ingress).toMatchObject(ingress);
    const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
    const updated = await services(ns).change(
      'test',
      (old) => ({
        ...old,
        status: { ...old.status, conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }] },
      }),
      'status',
    );
    expect(updated.status?.conditions).toMatchObject([condition]);
    const labelled = await services(ns).patch('test', { metadata: { labels: { 'test-service': 'patched' } } });
    expect(labelled.metadata.labels).toMatchObject({ 'test-service': 'patched' });
    await services(ns).delete('test');
  });

  test('Endpoint resource lifecycle', async () => {
    const ns = await namespace();
    const watch = await endpoints(ns).watch({ labelSelector: 'test-endpoint-static=true' });
    await endpoints(ns).create({
      metadata: { name: 'testservice', labels: { 'test-endpoint-static': 'true' } },
      subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ name: 'http', port: 80, protocol: 'TCP' }] }],
    });
    await watch.until('ADDED');
    expect((await endpoints().list({ labelSelector: 'test-endpoint-static=true' })).items).toHaveLength(1);
    await endpoints(ns).change('testservice', (old) => ({
      ...old,
      metadata: { ...old.metadata, labels: { ...old.metadata.labels, 'test-service': 'updated' } },
    }));
    await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-service'] === 'updated');
    const subsets = [{ addresses: [{ ip: '10.0.0.25' }], ports: [{ name: 'http-test', port: 8080, protocol: 'TCP' }] }];
    await endpoints(ns).patch('testservice', { metadata: { labels: { 'test-service': 'patched' } }, subsets });
    const seen = await watch.until('MODIFIED', ({ metadata }) => metadata.labels?.['test-service'] === 'patched');
    expect(seen.subsets).toEqual(subsets);
    await endpoints(ns).deleteCollection({ labelSelector: 'test-endpoint-static=true' });
    await watch.until('DELETED');
    watch.stop();
  });

  test('Networking, /healthz and /api answer', async () => {
    expect(await request<object>('GET', '/api')).toMatchObject({ versions: ['v1'] });
  });
});
