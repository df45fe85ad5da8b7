import { expect, test } from 'vitest';
import { ExponentialLimiter, Reconciler, WorkQueue } from '../../src/client/index.ts';
import { Kernel } from '../../src/kernel/index.ts';

test('the trace shows how deep the queue is, how often a key was tried, and when it comes again', () => {
  const kernel = new Kernel({ seed: 1, trace: { capacity: 1000 } });
  const queue = new WorkQueue(kernel, 'test', new ExponentialLimiter(100, 1000));
  let failures = 2;
  new Reconciler({
    kernel,
    component: 'test',
    queue,
    reconcile: (key) => {
      if (key === 'bad' && failures-- > 0) throw new Error('not yet');
    },
  });
  queue.add('bad');
  queue.add('good');
  kernel.runUntilSettled();
  const spans = kernel.trace.since(0).filter(({ name }) => name.startsWith('reconcile'));
  expect(spans.map(({ attributes }) => attributes)).toEqual([
    { key: 'bad', depth: 1, error: 'not yet', retryMs: 100 },
    { key: 'good', depth: 0 },
    { key: 'bad', depth: 0, retries: 1, error: 'not yet', retryMs: 200 },
    { key: 'bad', depth: 0, retries: 2 },
  ]);
});
