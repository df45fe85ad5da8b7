import { expect, test } from 'vitest';
import { soak } from './soak.ts';

test('after a day of failures everything is as it should be', { timeout: 180_000 }, () => {
  expect(soak({ seed: 7, nodes: 8, hours: 24, everyMinutes: 8 }).violations).toEqual([]);
});

test('the same seed gives the same history', { timeout: 60_000 }, () => {
  const history = (): string => {
    const { cluster } = soak({ seed: 3, nodes: 5, hours: 2, everyMinutes: 3 });
    return `${cluster.kernel.executed} events, ${cluster.etcd.revision} writes`;
  };
  expect(history()).toBe(history());
});
