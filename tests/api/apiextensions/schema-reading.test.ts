import { expect, test } from 'vitest';
import { CustomResourceDefinitionKind } from '../../../src/api/apiextensions/custom-resource-definition.ts';
import { decodeRaw } from '../../../src/api/schema/decode.ts';

const definition = (spec: object): object => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }] },
});

interface Definition {
  spec: { versions: { schema: { openAPIV3Schema: { properties: { spec: object } } } }[] };
}

const read = (spec: object): object =>
  decodeRaw<Definition>(CustomResourceDefinitionKind, definition(spec), { fieldValidation: 'Strict' }).object.spec
    .versions[0]!.schema.openAPIV3Schema.properties.spec;

const AT =
  'json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties';

test('what is of a wrong type within items is told of at the items', () => {
  expect(() => read({ type: 'array', items: { type: 'object', required: 5 } })).toThrow(`${AT}.items of type []string`);
  expect(() => read({ items: { items: { items: { type: 5 } } } })).toThrow(`${AT}.items of type string`);
  expect(() => read({ additionalProperties: { maxLength: 'x' } })).toThrow('.additionalProperties of type int64');
  expect(() => read({ additionalProperties: 5 })).toThrow('boolean or JSON schema expected');
});

test('unknown fields are found, but not within items', () => {
  expect(() => read({ type: 'array', colour: 'red' })).toThrow('unknown field');
  expect(read({ type: 'array', items: { type: 'string', colour: 'red' } })).toEqual({
    type: 'array',
    items: { type: 'string' },
  });
  expect(read({ type: 'object', additionalProperties: true })).toEqual({ type: 'object', additionalProperties: true });
});
