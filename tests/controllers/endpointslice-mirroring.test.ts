import { describe, expect, test } from 'vitest';
import { EndpointsKind } from '../../src/api/core/endpoints.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import { EndpointSliceKind } from '../../src/api/discovery/endpoint-slice.ts';
import type { Endpoints, EndpointSlice } from '../../src/api/types.ts';
import { Rig } from './rig.ts';

const endpoints = (subsets: Endpoints['subsets'], metadata: Partial<Endpoints['metadata']> = {}): Endpoints => ({
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'db', namespace: 'lab', ...metadata },
  ...(subsets ? { subsets } : {}),
});

function rigWith(given: Endpoints): Rig {
  const rig = new Rig({ nodes: 1 });
  rig.client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'db', namespace: 'lab' },
    spec: { ports: [{ port: 5432 }] },
  });
  rig.client.resource(EndpointsKind).create(given);
  rig.settle();
  return rig;
}

const slices = (rig: Rig): EndpointSlice[] => rig.client.resource(EndpointSliceKind).list({ namespace: 'lab' }).items;

describe('Endpoints made by hand', () => {
  test('are mirrored, family by family, with labels and annotations', () => {
    const rig = rigWith(
      endpoints(
        [
          {
            addresses: [{ ip: '192.0.2.1' }, { ip: '2001:db8::1' }],
            notReadyAddresses: [{ ip: '192.0.2.2', hostname: 'h' }],
            ports: [{ port: 5432, name: 'pg' }],
          },
        ],
        { labels: { a: 'b' }, annotations: { c: 'd' } },
      ),
    );
    expect(slices(rig)).toMatchObject([
      {
        addressType: 'IPv4',
        metadata: {
          generateName: 'db-',
          labels: {
            a: 'b',
            'kubernetes.io/service-name': 'db',
            'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
          },
          annotations: { c: 'd' },
          ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }],
        },
        ports: [{ name: 'pg', port: 5432, protocol: 'TCP' }],
        endpoints: [
          { addresses: ['192.0.2.1'], conditions: { ready: true } },
          { addresses: ['192.0.2.2'], conditions: { ready: false }, hostname: 'h' },
        ],
      },
      { addressType: 'IPv6', endpoints: [{ addresses: ['2001:db8::1'] }] },
    ]);
  });

  test('keep their slice when they change, and take it along when they go', () => {
    const rig = rigWith(endpoints([{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 1 }] }]));
    const [first] = slices(rig);
    const client = rig.client.resource(EndpointsKind);
    client.update({
      ...client.get('db', 'lab'),
      subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 2 }] }],
    });
    rig.settle();
    expect(slices(rig)).toMatchObject([
      { metadata: { name: first!.metadata.name }, ports: [{ port: 2 }], endpoints: [{ addresses: ['192.0.2.9'] }] },
    ]);
    client.delete('db', 'lab');
    rig.settle();
    expect(slices(rig)).toEqual([]);
  });

  test('are left alone where they ask for it', () => {
    const rig = rigWith(
      endpoints([{ addresses: [{ ip: '192.0.2.1' }] }], {
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      }),
    );
    expect(slices(rig)).toEqual([]);
  });
});
