import { expect, test } from 'vitest';
import type { Extender } from '../../src/scheduler/index.ts';
import { node, pod } from './objects.ts';
import { SchedulingRig } from './scheduling-rig.ts';

function rigWith(...extenders: Extender[]): SchedulingRig {
  const rig = new SchedulingRig({ extenders });
  for (const name of ['node-1', 'node-2', 'node-3']) rig.createNode(node(name));
  rig.kernel.runUntilSettled();
  return rig;
}

test('an extender turns nodes away and prefers others', () => {
  const rig = rigWith({
    filter: () => ({ failed: new Map([['node-1', 'no licence']]) }),
    prioritize: () => new Map([['node-3', 10]]),
  });
  rig.createPod(pod('p'));
  rig.kernel.runUntilSettled();
  expect(rig.nodeOf('p')).toBe('node-3');
});

test('its reasons are told like those of plugins, and any event makes it be asked again', () => {
  let closed = true;
  const rig = rigWith({
    filter: (_pod, nodes) =>
      closed ? { failedAndUnresolvable: new Map(nodes.map((each) => [each.metadata.name, 'closed'])) } : {},
  });
  rig.createPod(pod('p'));
  rig.kernel.runFor(500);
  expect(rig.events('FailedScheduling')[0]?.message).toMatch(/^0\/3 nodes are available: 3 closed\. /);
  closed = false;
  rig.createPod(pod('other', { nodeName: 'node-1' }));
  rig.kernel.runFor(2_000);
  expect(rig.nodeOf('p')).toBeDefined();
});

test('an extender that fails stops Pods that concern it, unless it is ignorable', () => {
  const fails = (): never => {
    throw new Error('connection refused');
  };
  const strict = rigWith({ filter: fails, managedResources: ['example.com/gpu'] });
  strict.createPod(pod('plain'));
  strict.createPod(
    pod('gpu', { containers: [{ name: 'c', image: 'nginx', resources: { limits: { 'example.com/gpu': '1' } } }] }),
  );
  strict.kernel.runFor(500);
  expect(strict.nodeOf('plain')).toBeDefined();
  const lenient = rigWith({ filter: fails, ignorable: true });
  lenient.createPod(pod('plain'));
  lenient.kernel.runFor(500);
  expect(lenient.nodeOf('plain')).toBeDefined();
});
