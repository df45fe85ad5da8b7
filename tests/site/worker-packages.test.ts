import { expect, test } from 'vitest';
import { workerPackages } from '../../src/site/worker-packages.ts';

test('the packages of the worker: those imported at once and those imported on demand, and nothing else', () => {
  const packages = workerPackages();
  expect(packages).toEqual(expect.arrayContaining(['comlink', 'js-yaml', 're2js', 'sorted-btree', 'unbash']));
  for (const name of packages) expect(name).toMatch(/^@?[a-z0-9]/);
  expect(packages.filter((name) => /^(node:|astro|virtual:|kubernetes-models)/.test(name))).toEqual([]);
});
