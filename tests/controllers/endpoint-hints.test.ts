import { describe, expect, test } from 'vitest';
import { ReplicaSetKind } from '../../src/api/apps/replica-set.ts';
import { NodeKind } from '../../src/api/core/node.ts';
import { ServiceKind } from '../../src/api/core/service.ts';
import { EndpointSliceKind } from '../../src/api/discovery/endpoint-slice.ts';
import type { Service } from '../../src/api/types.ts';
import { replicaSet } from './objects.ts';
import { Rig } from './rig.ts';

function service(rig: Rig, spec: Partial<Service['spec']>, annotations: Record<string, string> = {}): void {
  rig.client.resource(ServiceKind).create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'lab', annotations },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  });
  rig.settle();
}

/** `zone: forZones forNodes` of every endpoint. */
const hints = (rig: Rig): string[] =>
  rig.client
    .resource(EndpointSliceKind)
    .list({ namespace: 'lab' })
    .items.flatMap(({ endpoints }) => endpoints ?? [])
    .map(({ zone, hints: { forZones = [], forNodes = [] } = {} }) =>
      `${zone}: ${forZones.map(({ name }) => name).join()} ${forNodes.map(({ name }) => name).join()}`.trimEnd(),
    )
    .sort();

function pods(rig: Rig, count: number): void {
  rig.client.resource(ReplicaSetKind).create(replicaSet('web', count));
  rig.settle();
}

describe('trafficDistribution', () => {
  test('PreferSameZone hints at the zone of each endpoint', () => {
    const rig = new Rig();
    pods(rig, 2);
    service(rig, { trafficDistribution: 'PreferSameZone' });
    expect(hints(rig)).toEqual(['zone-1: zone-1', 'zone-2: zone-2']);
  });

  test('PreferSameNode hints at the node, too, and hints go with the wish', () => {
    const rig = new Rig();
    pods(rig, 1);
    service(rig, { trafficDistribution: 'PreferSameNode' });
    expect(hints(rig)).toEqual(['zone-1: zone-1 node-1']);
    rig.client.resource(ServiceKind).patch('web', 'lab', 'merge', { spec: { trafficDistribution: null } });
    rig.settle();
    expect(hints(rig)).toEqual(['zone-1:']);
  });
});

describe('topology mode', () => {
  const AUTO = { 'service.kubernetes.io/topology-mode': 'Auto' };

  function withCpus(rig: Rig, cpus: readonly string[]): void {
    for (const [i, cpu] of cpus.entries()) {
      const status = {
        allocatable: { cpu, memory: '1Gi', pods: '110' },
        capacity: { cpu, memory: '1Gi', pods: '110' },
      };
      rig.client
        .resource(NodeKind)
        .patch(`node-${i + 1}`, undefined, 'strategic', { status }, { subresource: 'status' });
    }
    rig.settle();
  }

  const reasons = (rig: Rig): string[] => rig.events('Service').map(({ reason, message }) => `${reason}: ${message}`);

  test('gives every zone endpoints by its share of the CPUs', () => {
    const rig = new Rig();
    withCpus(rig, ['4', '2', '2']);
    pods(rig, 8);
    service(rig, {}, AUTO);
    // 3, 3 and 2 Pods, of which the first zone is to have 4.
    const byZone = Object.groupBy(hints(rig), (hint) => hint.split(': ')[1]!);
    expect(Object.entries(byZone).map(([zone, list]) => [zone, list!.length])).toEqual([
      ['zone-1', 4],
      ['zone-2', 2],
      ['zone-3', 2],
    ]);
    expect(reasons(rig)).toEqual([
      'TopologyAwareHintsEnabled: Topology Aware Hints has been enabled, addressType: IPv4',
    ]);
  });

  test('says why there are none', () => {
    const rig = new Rig();
    withCpus(rig, ['1', '1', '1']);
    pods(rig, 2);
    service(rig, {}, AUTO);
    expect(hints(rig)).toEqual(['zone-1:', 'zone-2:']);
    expect(reasons(rig)).toEqual([
      'TopologyAwareHintsDisabled: Insufficient number of endpoints (2 endpoints, 3 zones), addressType: IPv4',
    ]);
  });
});
