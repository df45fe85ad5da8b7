import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withDefaults } from '../../../src/api/apiextensions/defaulting.ts';
import { prune, withoutNulls } from '../../../src/api/apiextensions/pruning.ts';
import type { PropsSchema } from '../../../src/api/apiextensions/schema-checks.ts';
import { checkValue } from '../../../src/api/apiextensions/value-checks.ts';

const key = fc.constantFrom('a', 'b', 'c');

/** Schemas of a few levels, some with defaults. */
const { schema } = fc.letrec<{ schema: PropsSchema }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<PropsSchema>(
      { type: 'string' },
      { type: 'string', default: 'x' },
      { type: 'integer', nullable: true },
      { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      { 'x-kubernetes-int-or-string': true },
    ),
    fc.record({ type: fc.constant('object'), properties: fc.dictionary(key, tie('schema'), { minKeys: 1 }) }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema') }),
  ),
}));

const value = fc.jsonValue({ maxDepth: 4 });

test('pruning twice is pruning once, and leaves nothing unknown', () => {
  fc.assert(
    fc.property(schema, value, (of, json) => {
      const { value: pruned } = prune(json, of, false);
      const again = prune(pruned, of, false);
      expect(again.unknown).toEqual([]);
      expect(again.value).toBe(pruned);
    }),
  );
});

test('defaults are filled in once', () => {
  fc.assert(
    fc.property(schema, value, (of, json) => {
      const filled = withDefaults(withoutNulls(json, of), of);
      expect(withDefaults(filled, of)).toBe(filled);
    }),
  );
});

test('what has not changed is never refused', () => {
  fc.assert(
    fc.property(schema, value, (of, json) => {
      expect(checkValue(json, of, '', json === null ? undefined : structuredClone(json))).toEqual(
        json === null ? checkValue(null, of) : [],
      );
    }),
  );
});
