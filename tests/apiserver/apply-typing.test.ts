import { expect, test } from 'vitest';
import { fieldSetOf } from '../../src/api/apply/field-set-of.ts';
import { DeploymentKind } from '../../src/api/apps/deployment.ts';
import { schemaOf } from '../../src/api/schema/schema.ts';

function problems(template: object, spec: object = {}): string[] {
  try {
    fieldSetOf({ spec: { ...spec, template: { spec: template } } }, schemaOf(DeploymentKind.schema));
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.trim());
  }
}

test('what is owned as one is checked all the way down', () => {
  expect(problems({ tolerations: [{ key: 'a', foo: 'b' }, 'x'] })).toEqual([
    'errors:',
    '.spec.template.spec.tolerations[0].foo: field not declared in schema',
    '.spec.template.spec.tolerations[1]: expected map, got &{x}',
  ]);
  expect(problems({ containers: [{ name: 'a', args: [1] }] })).toEqual([
    '.spec.template.spec.containers[name="a"].args[0]: expected string, got &value.valueUnstructured{Value:1}',
  ]);
  expect(problems({}, { selector: { matchLabels: { a: 1 }, bar: 1 } })).toEqual([
    'errors:',
    '.spec.selector.matchLabels.a: expected string, got &value.valueUnstructured{Value:1}',
    '.spec.selector.bar: field not declared in schema',
  ]);
});

test('every wrong value is told, and of unknown fields of a struct the first', () => {
  expect(problems({ hostNetwork: 'yes' }, { foo: 1, goo: 2, replicas: '3' })).toEqual([
    'errors:',
    '.spec.replicas: expected numeric (int or float), got string',
    '.spec.template.spec.hostNetwork: expected boolean, got &{yes}',
    '.spec.foo: field not declared in schema',
  ]);
});
