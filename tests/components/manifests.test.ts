import { expect, test } from 'vitest';
import { Manifests } from '../../src/components/lab/manifests.ts';
import { toFragment } from '../../src/components/lab/share-link.ts';

const initial = [
  { path: 'web.yaml', text: 'kind: Deployment\n' },
  { path: 'service.yaml', text: 'kind: Service\n' },
];
const solution = [{ path: 'web.yaml', text: 'kind: Deployment # solved\n' }];

const manifests = () => new Manifests('test', 'test', initial, solution);
const textsOf = ({ files }: Manifests): string[] => files.peek().map(({ text }) => text);

test('Reset and Solution keep what the reader wrote: Undo brings it back, also after more typing', () => {
  const lab = manifests();
  lab.edit('web.yaml', 'mine\n');
  lab.edit('service.yaml', 'mine too\n');
  lab.reset();
  expect(textsOf(lab)).toEqual(initial.map(({ text }) => text));
  lab.edit('web.yaml', 'second thoughts\n');
  lab.undo();
  expect(textsOf(lab)).toEqual(['mine\n', 'mine too\n']);
  lab.undo();
  expect(textsOf(lab)).toEqual(['second thoughts\n', 'kind: Service\n']);
});

test('what a button can bring back needs no Undo', () => {
  const lab = manifests();
  lab.solve();
  expect(lab.replaced.peek()).toBeUndefined();
  lab.reset();
  expect(lab.replaced.peek()).toBeUndefined();
  lab.edit('service.yaml', 'mine\n');
  lab.solve();
  lab.reset();
  lab.undo();
  expect(textsOf(lab)).toEqual(['kind: Deployment # solved\n', 'mine\n']);
  expect(lab.replaced.peek()).toBeUndefined();
});

test('a link shows its texts; a link that cannot be read changes nothing', async () => {
  const lab = manifests();
  const fragment = toFragment('test', [{ path: 'web.yaml', text: 'from afar\n' }])!;
  expect(await lab.restore(fragment)).toBe('link');
  expect(textsOf(lab)).toEqual(['from afar\n', 'kind: Service\n']);
  const other = manifests();
  expect(await other.restore('#lab=test.@@@')).toBe('bad-link');
  expect(textsOf(other)).toEqual(initial.map(({ text }) => text));
});

test('a link does not cost readers what they had typed', async () => {
  const lab = manifests();
  lab.edit('web.yaml', 'mine\n');
  await lab.restore(toFragment('test', [{ path: 'web.yaml', text: 'from afar\n' }])!);
  expect(textsOf(lab)[0]).toBe('from afar\n');
  lab.undo();
  expect(textsOf(lab)[0]).toBe('mine\n');
});

test('to apply: the file in front, and every other that changed since', () => {
  const lab = manifests();
  const paths = (): string[] => lab.toApply().map(({ path }) => path);
  expect(paths()).toEqual(['web.yaml']);
  lab.edit('service.yaml', 'kind: Service # more\n');
  expect(paths()).toEqual(['web.yaml', 'service.yaml']);
  lab.applied(lab.toApply());
  expect(paths()).toEqual(['web.yaml']);
});
