import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kernel } from '../../src/kernel/index.ts';
import { podInfo } from '../../src/scheduler/cache/pod-info.ts';
import { PodHeap } from '../../src/scheduler/queue/pod-heap.ts';
import { queuedPod } from '../../src/scheduler/queue/queued-pod.ts';
import { SchedulingQueue } from '../../src/scheduler/queue/scheduling-queue.ts';
import { Bench, node, pod } from './objects.ts';

function rig(): { kernel: Kernel; queue: SchedulingQueue; pops: () => string[] } {
  const kernel = new Kernel({ seed: 1 });
  const { framework } = new Bench([]);
  const queue = new SchedulingQueue({
    kernel,
    less: (a, b) => framework.less(a, b),
    frameworkOf: () => framework,
    component: 'test',
    cause: () => 0,
    onReady: () => undefined,
  });
  const pops = (): string[] => {
    const names: string[] = [];
    for (let next = queue.pop(); next; next = queue.pop()) names.push(next.info.pod.metadata.name);
    return names;
  };
  return { kernel, queue, pops };
}

test('a heap gives its Pods in order, whatever was taken out in between', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(20), fc.boolean())), (items) => {
      const heap = new PodHeap((a, b) => a.timestamp - b.timestamp);
      const pods = items.map(([timestamp]) => ({ ...queuedPod(podInfo(pod('p')), timestamp, 0) }));
      for (const each of pods) heap.push(each);
      const kept = pods.filter((each, i) => {
        if (!items[i]![1]) return true;
        heap.remove(each);
        return false;
      });
      const popped: number[] = [];
      for (let top = heap.pop(); top; top = heap.pop()) popped.push(top.timestamp);
      expect(popped).toEqual(kept.map(({ timestamp }) => timestamp).sort((a, b) => a - b));
    }),
  );
});

describe('the active queue', () => {
  test('goes by priority, then by age', () => {
    const { queue, kernel, pops } = rig();
    queue.add(pod('first', { priority: 0 }));
    queue.add(pod('second', { priority: 0 }));
    kernel.runFor(10);
    queue.add(pod('high', { priority: 5 }));
    expect(pops()).toEqual(['high', 'first', 'second']);
  });

  test('does not take a Pod with gates', () => {
    const { queue, pops } = rig();
    const gated = pod('p', { schedulingGates: [{ name: 'g' }] });
    queue.add(gated);
    expect(pops()).toEqual([]);
    const open = pod('p');
    queue.update(open, [{ action: 'PodSchedulingGatesEliminated', old: gated, new: open }]);
    expect(pops()).toEqual(['p']);
  });
});

describe('a Pod that was rejected', () => {
  const fit = new Set(['NodeResourcesFit']);

  test('comes back for an event that its plugin cares about', () => {
    const { queue, pops } = rig();
    const p = pod('p', {}, { cpu: '2' });
    queue.add(p);
    const queued = queue.pop()!;
    queue.putBack(queued, p, fit);
    expect(pops()).toEqual([]);
    const small = node('n', { allocatable: { cpu: '1', memory: '8Gi', pods: '110' } });
    queue.moveAll({ action: 'NodeAdd', new: small });
    queue.moveAll({ action: 'NodeLabel', old: small, new: small });
    expect(pops()).toEqual([]);
    queue.moveAll({ action: 'NodeAllocatable', old: small, new: node('n') });
    expect(pops()).toEqual(['p']);
  });

  test('comes back after five minutes without one', () => {
    const { queue, kernel, pops } = rig();
    const p = pod('p');
    queue.add(p);
    queue.putBack(queue.pop()!, p, fit);
    kernel.runFor(290_000);
    expect(pops()).toEqual([]);
    kernel.runFor(60_000);
    expect(pops()).toEqual(['p']);
  });

  test('does not come back once deleted', () => {
    const { queue, pops } = rig();
    const p = pod('p');
    queue.add(p);
    queue.putBack(queue.pop()!, p, fit);
    queue.delete('lab/p');
    queue.moveAll({ action: 'AssignedPodDelete', old: p });
    expect(pops()).toEqual([]);
  });
});

test('a Pod with which something went wrong waits 1 s, 2 s, 4 s, 8 s, 10 s, 10 s', () => {
  const { queue, kernel } = rig();
  const p = pod('p');
  queue.add(p);
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    queue.putBack(queue.pop()!, p, new Set());
    const since = kernel.now;
    kernel.runWhile(() => !queue.ready, 60_000);
    waits.push(kernel.now - since);
  }
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
});
