import { expect, test } from 'vitest';
import { fieldSetOf } from '../../../src/api/apply/field-set-of.ts';
import type { Schema } from '../../../src/api/schema/schema.ts';

const item: Schema = { type: 'object', properties: { k: { type: 'string' }, v: { type: 'integer' } } };
const schema: Schema = {
  type: 'object',
  properties: {
    map: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
    set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
  },
};

test.each([
  [
    { map: [{ v: 1 }] },
    '.map: element 0: associative list with keys has an element that omits key field "k" (and doesn\'t have default value)',
  ],
  [
    { map: [{ k: null }] },
    '.map: element 0: associative list with keys has an element that omits key field "k" (and doesn\'t have default value)',
  ],
  [{ map: [{ k: 'a' }, null] }, '.map: element 1: associative list with keys may not have a null element'],
  [{ map: ['a'] }, '.map: element 0: associative list with keys may not have non-map elements'],
  [{ set: ['a', null] }, ".set: element 1: associative list without keys has an element that's an explicit null"],
  [{ set: [['a']] }, '.set: element 0: not supported: associative list with lists as elements'],
  [{ set: [{ a: 1 }] }, ".set: element 0: associative list without keys has an element that's a map type"],
])('%j cannot be told apart', (config, message) => {
  expect(() => fieldSetOf(config, schema)).toThrow(message);
});
