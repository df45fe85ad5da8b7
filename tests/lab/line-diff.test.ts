import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffLines } from '../../src/lab/line-diff.ts';

test('what is not changed in one text is what is not removed from the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { changed, removed } = diffLines(before.join('\n'), after.join('\n'));
      const kept = after.filter((_line, i) => !changed.includes(i + 1));
      expect(before.filter((_line, i) => !removed.includes(i + 1))).toEqual(kept);
      if (before.join() === after.join()) expect(changed).toEqual([]);
    }),
  );
});

test('one changed value is one changed line', () => {
  expect(diffLines('spec:\n  replicas: 2\nstatus: {}', 'spec:\n  replicas: 3\nstatus: {}')).toEqual({
    changed: [2],
    removed: [2],
  });
});
