import { expect, test } from 'vitest';
import { PodKind } from '../../src/api/core/pod.ts';
import type { KubeSchedulerConfiguration } from '../../src/scheduler/index.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

const gangs: KubeSchedulerConfiguration = {
  profiles: [
    {
      plugins: {
        multiPoint: { enabled: [{ name: 'Coscheduling' }] },
        queueSort: { enabled: [{ name: 'Coscheduling' }], disabled: [{ name: '*' }] },
      },
      pluginConfig: [{ name: 'Coscheduling', args: { permitWaitingTimeSeconds: 10 } }],
    },
  ],
};

function rigWith(nodes: number): SchedulingRig {
  const rig = new SchedulingRig({ configuration: gangs });
  for (let i = 1; i <= nodes; i++) {
    rig.createNode(node(`node-${i}`, { allocatable: { cpu: '1', memory: '1Gi', pods: '10' } }));
  }
  rig.kernel.runUntilSettled();
  return rig;
}

function createMember(rig: SchedulingRig, group: string, name: string, minAvailable: number): void {
  const plain = pod(name, {}, { cpu: '1' });
  const labels = {
    'pod-group.scheduling.sigs.k8s.io/name': group,
    'pod-group.scheduling.sigs.k8s.io/min-available': String(minAvailable),
  };
  rig.createPod({ ...plain, metadata: { ...plain.metadata, labels } });
}

const running = (rig: SchedulingRig): string[] =>
  rig.client
    .resource(PodKind)
    .list({ namespace: 'lab' })
    .items.flatMap(({ metadata, spec }) => (spec.nodeName ? [metadata.name] : []));

test('a group waits until enough of it are there, and then all get nodes', () => {
  const rig = rigWith(3);
  createMember(rig, 'g', 'g-1', 3);
  createMember(rig, 'g', 'g-2', 3);
  rig.kernel.runFor(2_000);
  expect(running(rig)).toEqual([]);
  createMember(rig, 'g', 'g-3', 3);
  rig.kernel.runFor(2_000);
  expect(running(rig)).toEqual(['g-1', 'g-2', 'g-3']);
});

test('a group without room for enough of it gives its nodes back to others', () => {
  const rig = rigWith(2);
  for (const name of ['g-1', 'g-2', 'g-3']) createMember(rig, 'g', name, 3);
  rig.kernel.runFor(5_000);
  expect(running(rig)).toEqual([]);
  expect(rig.scheduler.waiting.list()).toHaveLength(2);
  rig.createPod(pod('alone', {}, { cpu: '1' }));
  rig.kernel.runFor(20_000);
  expect(running(rig)).toContain('alone');
  expect(running(rig)).not.toContain('g-1');
});

test('two groups do not hold nodes from each other for ever', () => {
  const rig = rigWith(3);
  for (const i of [1, 2]) for (const group of ['a', 'b']) createMember(rig, group, `${group}-${i}`, 2);
  rig.kernel.runFor(60_000);
  const there = running(rig);
  expect([there.includes('a-1') && there.includes('a-2'), there.includes('b-1') && there.includes('b-2')]).toContain(
    true,
  );
});
