import { expect, test } from 'vitest';
import { checkSchema, type PropsSchema } from '../../../src/api/apiextensions/schema-checks.ts';

const found = (properties: Record<string, PropsSchema>): string[] =>
  checkSchema({ type: 'object', properties }, 'schema').map(({ field, detail }) => `${field}: ${detail.slice(0, 22)}`);

const wrongRule = { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self + 1' }] };

test('a wrong rule is told beside what is wrong elsewhere, before what is not structural', () => {
  expect(found({ a: wrongRule, b: { type: 'map' }, c: { properties: { d: { type: 'string' } } } })).toEqual([
    'schema.properties[b].type: Unsupported value: "ma',
    'schema.properties[a].x-kubernetes-validations[0].rule: Invalid value: {"Rule"',
    'schema.properties[c].type: Required value: must n',
  ]);
});

test('rules are not looked at where what they are about is wrong', () => {
  const rules = [{ rule: 'self.nothing' }];
  const properties: Record<string, PropsSchema> = { b: { type: 'map' } };
  expect(found({ a: { type: 'object', properties, 'x-kubernetes-validations': rules }, ab: wrongRule })).toEqual([
    'schema.properties[a].properties[b].type: Unsupported value: "ma',
    'schema.properties[ab].x-kubernetes-validations[0].rule: Invalid value: {"Rule"',
  ]);
});

test('a schema that cannot be read as a structural one is not called unstructural', () => {
  expect(found({ a: { $ref: '#/x' } as PropsSchema, b: {} })).toEqual([
    'schema.properties[a].$ref: Forbidden: $ref is not',
  ]);
});
