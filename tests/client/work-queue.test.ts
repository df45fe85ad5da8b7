import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reconciler, WorkQueue } from '../../src/client/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

const kernelAndQueue = (): { kernel: Kernel; queue: WorkQueue } => {
  const kernel = new Kernel({ seed: 1 });
  return { kernel, queue: new WorkQueue(kernel, 'test') };
};

describe('WorkQueue', () => {
  test('holds a key once however often it is added', () => {
    const { queue } = kernelAndQueue();
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(queue.length).toBe(2);
    expect(queue.take()?.key).toBe('a');
    expect(queue.take()?.key).toBe('b');
    expect(queue.take()).toBeUndefined();
  });

  test('brings a key that is added during its processing back when that is done', () => {
    const { queue } = kernelAndQueue();
    queue.add('a');
    queue.take();
    queue.add('a');
    expect(queue.length).toBe(0);
    queue.done('a');
    expect(queue.take()?.key).toBe('a');
  });

  test('lets the shortest of several waits for one key count', () => {
    const { kernel, queue } = kernelAndQueue();
    queue.addAfter('a', 100);
    queue.addAfter('a', 20);
    queue.addAfter('a', 50);
    kernel.runFor(20);
    expect(queue.take()?.key).toBe('a');
    queue.done('a');
    kernel.runFor(1000);
    expect(queue.length).toBe(0);
  });

  test('doubles the delay of a failing key from 5 ms and forgets on success', () => {
    const { kernel, queue } = kernelAndQueue();
    const delays: number[] = [];
    for (let i = 0; i < 6; i++) {
      const before = kernel.now;
      queue.addRateLimited('a');
      kernel.runWhile(() => queue.length === 0, 10_000);
      delays.push(kernel.now - before);
      queue.take();
      queue.done('a');
    }
    expect(delays).toEqual([5, 10, 20, 40, 80, 160]);
    expect(queue.requeues('a')).toBe(6);
    queue.forget('a');
    expect(queue.requeues('a')).toBe(0);
  });

  test('never processes a key twice at once and never loses one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('add', 'take', 'done'))),
        (steps) => {
          const { queue } = kernelAndQueue();
          const processing = new Set<string>();
          const wanted = new Set<string>();
          for (const [key, step] of steps) {
            if (step === 'add') {
              queue.add(key);
              wanted.add(key);
            } else if (step === 'take') {
              const taken = queue.take()?.key;
              if (taken === undefined) continue;
              expect(processing.has(taken)).toBe(false);
              processing.add(taken);
              wanted.delete(taken);
            } else if (processing.delete(key)) queue.done(key);
          }
          for (const key of processing) queue.done(key);
          const left = new Set<string>();
          for (let item = queue.take(); item; item = queue.take()) left.add(item.key);
          expect(left).toEqual(wanted);
        },
      ),
    );
  });
});

describe('Reconciler', () => {
  test('reconciles in a span caused by whoever queued the key', () => {
    const { kernel, queue } = kernelAndQueue();
    new Reconciler({ kernel, component: 'test', queue, reconcile: () => undefined });
    const cause = kernel.trace.start('other', 'write');
    kernel.trace.within(cause, () => queue.add('default/web'));
    kernel.runUntilSettled();
    const span = kernel.trace.since(cause + 1).find(({ component }) => component === 'test');
    expect(span).toMatchObject({ name: 'reconcile default/web', parent: cause });
  });

  test('tries a failing key again, up to its limit', () => {
    const { kernel, queue } = kernelAndQueue();
    let attempts = 0;
    const reconcile = (): void => {
      attempts++;
      throw new Error('no');
    };
    new Reconciler({ kernel, component: 'test', queue, maxRetries: 3, reconcile });
    queue.add('a');
    kernel.runUntilSettled();
    expect(attempts).toBe(4);
  });

  test('waits for its caches', () => {
    const { kernel, queue } = kernelAndQueue();
    let synced = false;
    const seen: string[] = [];
    new Reconciler({ kernel, component: 'test', queue, reconcile: (key) => seen.push(key), hasSynced: () => synced });
    queue.add('a');
    kernel.runFor(50);
    expect(seen).toEqual([]);
    synced = true;
    kernel.runFor(200);
    expect(seen).toEqual(['a']);
  });
});
