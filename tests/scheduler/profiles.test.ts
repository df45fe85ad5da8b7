import { expect, test } from 'vitest';
import type { PodDisruptionBudget } from '../../src/api/types.ts';
import { NO_OBJECTS } from './no-objects.ts';
import {
  defaultProfile,
  nodeResourcesFitBy,
  type PluginEntry,
  type ScoringStrategy,
} from '../../src/scheduler/index.ts';
import { nodeResourcesFit } from '../../src/scheduler/plugins/node-resources-fit.ts';
import { scoreBy } from '../../src/scheduler/plugins/scoring-strategy.ts';
import { podInfo } from '../../src/scheduler/cache/pod-info.ts';
import { Bench, node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

const withFit = (strategy: ScoringStrategy): PluginEntry[] =>
  defaultProfile.map((entry) =>
    entry.create === nodeResourcesFit ? { create: nodeResourcesFitBy(strategy), weight: 10 } : entry,
  );

test('a scheduler treats Pods by the profile that they name, and leaves others alone', () => {
  const rig = new SchedulingRig({
    profiles: [
      { schedulerName: 'default-scheduler', plugins: defaultProfile },
      { schedulerName: 'packing', plugins: withFit({ type: 'MostAllocated' }) },
    ],
  });
  for (const name of ['node-1', 'node-2']) rig.createNode(node(name));
  rig.createPod(pod('first', { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }, { cpu: '1', memory: '1Gi' }));
  rig.kernel.runUntilSettled();
  rig.createPod(pod('packed', { schedulerName: 'packing' }, { cpu: '1', memory: '1Gi' }));
  rig.createPod(pod('foreign', { schedulerName: 'somebody' }));
  rig.kernel.runUntilSettled();
  rig.createPod(pod('spread', {}, { cpu: '1', memory: '1Gi' }));
  rig.kernel.runUntilSettled();
  expect([rig.nodeOf('packed'), rig.nodeOf('spread'), rig.nodeOf('foreign')]).toEqual(['node-1', 'node-2', undefined]);
  const sources = rig
    .events('Scheduled')
    .map(({ involvedObject, reportingComponent }) => [involvedObject.name, reportingComponent]);
  expect(sources.sort()).toEqual([
    ['first', 'default-scheduler'],
    ['packed', 'packing'],
    ['spread', 'default-scheduler'],
  ]);
});

test('strategies score what will be requested', () => {
  const bench = new Bench([node('a', { allocatable: { cpu: '4', memory: '8Gi', pods: '9', 'example.com/gpu': '8' } })]);
  const { requests } = podInfo(pod('p', {}, { cpu: '1', memory: '4Gi', 'example.com/gpu': '2' }));
  const score = (strategy: ScoringStrategy): number => scoreBy(strategy)(bench.cache.get('a')!, requests);
  expect(score({ type: 'LeastAllocated' })).toBe(62);
  expect(score({ type: 'MostAllocated' })).toBe(37);
  const resources = [
    { name: 'cpu', weight: 1 },
    { name: 'example.com/gpu', weight: 3 },
    { name: 'example.com/absent', weight: 9 },
  ];
  expect(score({ type: 'MostAllocated', resources })).toBe(25);
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 50, score: 10 },
    { utilization: 100, score: 0 },
  ];
  expect(score({ type: 'RequestedToCapacityRatio', shape })).toBe(75);
});

test('victims that a disruption budget would keep are the last choice', () => {
  const budget = (disruptionsAllowed: number): PodDisruptionBudget =>
    ({
      metadata: { name: 'web', namespace: 'lab' },
      spec: { selector: { matchLabels: { app: 'web' } } },
      status: { disruptionsAllowed },
    }) as unknown as PodDisruptionBudget;
  const evicted = (allowed: number): string[] => {
    const room = { allocatable: { cpu: '2', memory: '4Gi', pods: '20' } };
    const bench = new Bench([node('a', room), node('b', room)], {
      listers: { ...NO_OBJECTS, podDisruptionBudgets: () => [budget(allowed)] },
    });
    for (const [name, on, app, priority] of [
      ['kept', 'a', 'web', 1],
      ['other', 'b', 'db', 5],
    ] as const) {
      const plain = pod(name, { nodeName: on, priority }, { cpu: '2' });
      bench.cache.setPod({ ...plain, metadata: { ...plain.metadata, labels: { app } } }, `lab/${name}`);
    }
    const { cycle, rejections } = bench.place(pod('high', { priority: 1_000 }, { cpu: '2' }));
    bench.framework.postFilter(cycle, rejections);
    return bench.evicted[0]!;
  };
  expect(evicted(1)).toEqual(['a', 'kept']);
  expect(evicted(0)).toEqual(['b', 'other']);
});
