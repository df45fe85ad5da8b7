import { expect, test } from 'vitest';
import { PodKind } from '../../src/api/core/pod.ts';
import { PriorityClassKind } from '../../src/api/scheduling/priority-class.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

function rigWithClasses(): SchedulingRig {
  const rig = new SchedulingRig();
  for (const [name, value] of Object.entries({ low: 10, middle: 100, high: 1_000 })) {
    const kind = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' } as const;
    rig.client.resource(PriorityClassKind).create({ ...kind, metadata: { name }, value });
  }
  rig.createNode(node('node-1', { allocatable: { cpu: '2', memory: '4Gi', pods: '20' } }));
  rig.kernel.runUntilSettled();
  return rig;
}

const create = (rig: SchedulingRig, name: string, priorityClassName: string): void => {
  rig.createPod(pod(name, { priorityClassName }, { cpu: '2' }));
  rig.kernel.runFor(500);
};

const nominated = (rig: SchedulingRig, name: string): string | undefined => rig.pod(name).status?.nominatedNodeName;

test('a Pod is nominated to the node where room is made, until it is bound there', () => {
  const rig = rigWithClasses();
  create(rig, 'victim', 'low');
  create(rig, 'first', 'middle');
  expect(nominated(rig, 'first')).toBe('node-1');
  expect(rig.pod('victim').metadata.deletionTimestamp).toBeDefined();
  expect(rig.pod('victim').status?.conditions?.map(({ type }) => type)).toEqual(['PodScheduled', 'DisruptionTarget']);
  expect(rig.events('Preempted')).toHaveLength(1);
  rig.client.resource(PodKind).delete('victim', 'lab', { gracePeriodSeconds: 0 });
  rig.kernel.runFor(5_000);
  expect(rig.nodeOf('first')).toBe('node-1');
  expect(rig.pod('first').status).not.toHaveProperty('nominatedNodeName');
});

test('who is outdone by a Pod of higher priority loses the nomination', () => {
  const rig = rigWithClasses();
  create(rig, 'victim', 'low');
  create(rig, 'first', 'middle');
  create(rig, 'second', 'high');
  expect([nominated(rig, 'first'), nominated(rig, 'second')]).toEqual([undefined, 'node-1']);
  rig.client.resource(PodKind).delete('victim', 'lab', { gracePeriodSeconds: 0 });
  rig.kernel.runFor(5_000);
  expect([rig.nodeOf('first'), rig.nodeOf('second')]).toEqual([undefined, 'node-1']);
});
