import { describe, expect, test } from 'vitest';
import type { Pod, Toleration } from '../../src/api/types.ts';
import { podRequests } from '../../src/scheduler/cache/pod-requests.ts';
import { nodesToFind } from '../../src/scheduler/sampling.ts';
import { Bench, node, pod } from './objects.ts';

const feasible = (bench: Bench, object: Pod): string[] => bench.place(object).feasible.map(({ name }) => name);

test('a Pod takes what its containers take together, or an init container beside the sidecars before it', () => {
  const container = (cpu?: string, restartPolicy?: 'Always') => ({
    name: 'c',
    image: 'i',
    ...(restartPolicy ? { restartPolicy } : {}),
    ...(cpu ? { resources: { requests: { cpu } } } : {}),
  });
  const { milliCpu, nonZeroMilliCpu, nonZeroMemory } = podRequests({
    containers: [container('100m'), container()],
    initContainers: [container('200m', 'Always'), container('500m'), container('50m')],
    overhead: { cpu: '10m' },
  });
  expect(milliCpu).toBe(200 + 500 + 10);
  expect(nonZeroMilliCpu).toBe(200 + 500 + 10);
  expect(nonZeroMemory).toBe(3 * 200 * 1024 * 1024);
});

describe('node affinity', () => {
  const bench = new Bench([
    node('aff-1', { labels: { disk: 'ssd', rank: '1' } }),
    node('aff-2', { labels: { disk: 'hdd', rank: '5' } }),
    node('aff-3', { labels: { rank: '10' } }),
  ]);
  type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  const needs = (key: string, operator: Operator, ...values: string[]): Pod => {
    const nodeSelectorTerms = [{ matchExpressions: [{ key, operator, values }] }];
    return pod('p', {
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
    });
  };

  test.each<[Pod, string[]]>([
    [needs('disk', 'In', 'hdd', 'nvme'), ['aff-2']],
    [needs('disk', 'NotIn', 'hdd', 'ssd'), ['aff-3']],
    [needs('disk', 'Exists'), ['aff-1', 'aff-2']],
    [needs('disk', 'DoesNotExist'), ['aff-3']],
    [needs('rank', 'Gt', '9'), ['aff-3']],
    [needs('rank', 'Lt', '5'), ['aff-1']],
    [needs('rank', 'Gt', 'ten'), []],
    [pod('p', { nodeSelector: { disk: 'ssd', rank: '1' } }), ['aff-1']],
  ])('%#', (object, expected) => {
    expect(feasible(bench, object)).toEqual(expected);
  });

  test('a term without requirements matches nothing', () => {
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{}] } };
    expect(feasible(bench, pod('p', { affinity: { nodeAffinity } }))).toEqual([]);
  });
});

describe('taints and tolerations', () => {
  const bench = new Bench([node('red', { spec: { taints: [{ key: 'team', value: 'red', effect: 'NoSchedule' }] } })]);
  test.each<[boolean, Toleration]>([
    [true, { key: 'team', operator: 'Equal', value: 'red', effect: 'NoSchedule' }],
    [true, { key: 'team', value: 'red' }],
    [true, { key: 'team', operator: 'Exists' }],
    [true, { operator: 'Exists' }],
    [false, { key: 'team', value: 'blue', effect: 'NoSchedule' }],
    [false, { key: 'team', value: 'red', effect: 'NoExecute' }],
  ])('%s: %o', (fits, toleration) => {
    expect(feasible(bench, pod('p', { tolerations: [toleration] }))).toEqual(fits ? ['red'] : []);
  });
});

test('images that are there already draw Pods, the larger and the wider spread the more', () => {
  const MB = 1024 * 1024;
  const bench = new Bench([
    node('has', { images: [{ names: ['registry.example/big:1', 'nginx:latest'], sizeBytes: 523 * MB }] }),
    node('also', { images: [{ names: ['nginx:latest'], sizeBytes: 523 * MB }] }),
    node('none'),
    node('nothing'),
  ]);
  const { scores } = bench.place(pod('p'));
  const { raw } = scores.find(({ plugin }) => plugin === 'ImageLocality')!;
  // Half of the nodes have it: 261.5 MB count, of which the first 23 do not.
  expect(raw).toEqual([24, 24, 0, 0]);
});

test('large clusters are searched in part, each time from where the last search ended', () => {
  expect([3, 99, 100, 500, 5_000, 20_000].map((nodes) => nodesToFind(nodes, 0))).toEqual([3, 99, 100, 230, 500, 1_000]);
  const bench = new Bench(Array.from({ length: 300 }, (_, i) => node(`node-${i}`)));
  const first = feasible(bench, pod('a'));
  const second = feasible(bench, pod('b'));
  expect(first).toHaveLength(nodesToFind(300, 0));
  expect(second[0]).toBe(`node-${first.length}`);
});

test('zones take turns', () => {
  const zone = (name: string, z: string) => node(name, { labels: { 'topology.kubernetes.io/zone': z } });
  const bench = new Bench([zone('a1', 'a'), zone('a2', 'a'), zone('b1', 'b'), zone('b2', 'b')]);
  expect(bench.cache.nodes.map(({ name }) => name)).toEqual(['a1', 'b1', 'a2', 'b2']);
});

test('ties are broken by chance, the same for the same seed', () => {
  const nodes = ['a', 'b', 'c', 'd'].map((name) => node(name));
  const run = (seed: number): string => {
    const bench = new Bench(nodes, { seed });
    return Array.from({ length: 12 }, (_, i) => bench.place(pod(`p${i}`)).node!.name).join('');
  };
  expect(run(1)).toBe(run(1));
  expect(run(1)).not.toBe(run(2));
  expect(new Set(run(1)).size).toBeGreaterThan(2);
});
