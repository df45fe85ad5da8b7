import { expect, test } from 'vitest';
import { showValue } from '../../src/api/field-error.ts';

test('values are shown as Go writes them', () => {
  expect(showValue('a"b')).toBe('"a\\"b"');
  expect(showValue(undefined)).toBe('null');
  expect(showValue({ key: '<a> & b' })).toBe('{"key":"\\u003ca\\u003e \\u0026 b"}');
});

test('fields of types that are shown as they are come in their declared order', () => {
  expect(showValue({ matchExpressions: [{ key: 'a', operator: 'Exists' }], matchLabels: { b: 'c' } })).toBe(
    '{"matchLabels":{"b":"c"},"matchExpressions":[{"key":"a","operator":"Exists"}]}',
  );
  expect(showValue([{ apiVersion: 'v1', controller: true, kind: 'Pod', name: 'a', uid: '1' }])).toBe(
    '[{"apiVersion":"v1","kind":"Pod","name":"a","uid":"1","controller":true}]',
  );
  expect(showValue({ app: 'web', kind: 'x', name: 'y' })).toBe('{"app":"web","kind":"x","name":"y"}');
});
