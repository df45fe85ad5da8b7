import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod } from '../../src/api/types.ts';
import { podInfo } from '../../src/scheduler/cache/pod-info.ts';
import { defaultProfile } from '../../src/scheduler/index.ts';
import { Bench, node, pod } from './objects.ts';

const room = { allocatable: { cpu: '2', memory: '4Gi', pods: '20' } };
const on = (name: string, host: string, priority: number, cpu: string, startTime?: string): Pod => ({
  ...pod(name, { priority, nodeName: host }, { cpu }),
  ...(startTime ? { status: { startTime } } : {}),
});

function bench(...pods: Pod[]): Bench {
  const made = new Bench([node('a', room), node('b', room)]);
  for (const each of pods) made.cache.setPod(each, `lab/${each.metadata.name}`);
  return made;
}

/** Tries a Pod, and lets it evict others where it fits nowhere. */
function preempt(made: Bench, object: Pod): { nominated: string | undefined; message: string | undefined } {
  const { cycle, rejections, node: found } = made.place(object);
  expect(found).toBeUndefined();
  const { nominatedNodeName, status } = made.framework.postFilter(cycle, rejections);
  return { nominated: nominatedNodeName, message: status?.reasons.join(', ') };
}

describe('the node with the least harm', () => {
  const high = pod('high', { priority: 1_000 }, { cpu: '2' });

  test('has the lowest of the highest victims, be they more', () => {
    const made = bench(on('mid', 'a', 100, '2'), on('low-1', 'b', 10, '1'), on('low-2', 'b', 10, '1'));
    expect(preempt(made, high)).toEqual({ nominated: 'b', message: undefined });
    expect(made.evicted).toEqual([['b', 'low-1', 'low-2']]);
  });

  test('has fewer victims, if these are alike', () => {
    const made = bench(on('one', 'a', 10, '2'), on('two', 'b', 10, '1'), on('three', 'b', 10, '1'));
    preempt(made, high);
    expect(made.evicted).toEqual([['a', 'one']]);
  });

  test('has the victims that started last, if all else is equal', () => {
    const made = bench(
      on('older', 'a', 10, '2', '2026-01-01T00:00:00Z'),
      on('newer', 'b', 10, '2', '2026-01-01T01:00:00Z'),
    );
    preempt(made, high);
    expect(made.evicted).toEqual([['b', 'newer']]);
  });
});

test('no more Pods are evicted than needed, the least important first', () => {
  const made = bench(on('mid', 'a', 100, '1'), on('low', 'a', 10, '1'), on('full', 'b', 2_000, '2'));
  expect(preempt(made, pod('high', { priority: 1_000 }, { cpu: '1' })).nominated).toBe('a');
  expect(made.evicted).toEqual([['a', 'low']]);
  expect([...made.cache.get('a')!.pods.keys()].sort()).toEqual(['lab/low', 'lab/mid']);
  expect(made.cache.columns.requestedMilliCpu[made.cache.get('a')!.row]).toBe(2_000);
});

test('Pods of equal priority are no victims, and too much is too much', () => {
  const made = bench(on('a1', 'a', 0, '2'), on('b1', 'b', 0, '2'));
  const why = (object: Pod): string | undefined => preempt(made, object).message;
  expect(why(pod('same', {}, { cpu: '1' }))).toBe(
    'no new claims to deallocate, preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.',
  );
  expect(why(pod('huge', { priority: 1_000 }, { cpu: '3' }))).toBe(
    'no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  );
  expect(made.evicted).toEqual([]);
});

test('room that was made for a Pod is not taken by others of lower priority', () => {
  const made = bench(on('full', 'b', 2_000, '2'));
  made.nominations.set(podInfo(pod('high', { priority: 1_000 }, { cpu: '2' })), 'a');
  expect(made.place(pod('low', { priority: 10 }, { cpu: '1' })).node).toBeUndefined();
  expect(made.place(pod('higher', { priority: 5_000 }, { cpu: '1' })).node?.name).toBe('a');
});

test('victims are the same whether tried by numbers or Pod by Pod', () => {
  // A filter that wants to see the Pods themselves; it never objects.
  const watchful = { create: () => ({ name: 'Watchful', filter: () => undefined }) };
  const priorities = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 20 }), fc.boolean()), { maxLength: 12 });
  fc.assert(
    fc.property(priorities, fc.integer({ min: 5, max: 20 }), (existing, wanted) => {
      const chosen = [defaultProfile, [...defaultProfile, watchful]].map((plugins) => {
        const made = new Bench([node('a', room), node('b', room)], { profile: { plugins } });
        existing.forEach(([priority, tenths, onA], i) => {
          const object = on(`p${i}`, onA ? 'a' : 'b', priority, `${tenths * 100}m`);
          made.cache.setPod(object, `lab/p${i}`);
        });
        const { cycle, rejections, node: found } = made.place(pod('high', { priority: 10 }, { cpu: `${wanted}00m` }));
        if (!found) made.framework.postFilter(cycle, rejections);
        const used = [...made.cache.nodes].map(({ row, columns }) => columns.requestedMilliCpu[row]);
        return { evicted: made.evicted, used };
      });
      expect(chosen[0]).toEqual(chosen[1]);
    }),
  );
});
