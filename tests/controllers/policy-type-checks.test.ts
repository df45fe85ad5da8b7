import { expect, test } from 'vitest';
import type { Kind } from '../../src/api/kind.ts';
import type { ValidatingAdmissionPolicy } from '../../src/api/types.ts';
import { checkTypes } from '../../src/controllers/validatingadmissionpolicy-status/type-checker.ts';

const schema = {
  type: 'object',
  properties: { max: { type: 'integer' }, port: { 'x-kubernetes-int-or-string': true } },
};

/** A kind as a CustomResourceDefinition makes it, as far as types go. */
const CAP = {
  group: 'ex.com',
  version: 'v1',
  kind: 'Cap',
  resource: 'caps',
  schema: 'com.ex.v1.Cap',
  custom: { openApi: { v3: schema } },
} as unknown as Kind;

function warnings(paramKind: string, ...expressions: string[]): string[] {
  const rule = { apiGroups: ['ex.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['caps'] };
  const policy = {
    spec: {
      paramKind: { apiVersion: 'ex.com/v1', kind: paramKind },
      matchConstraints: { resourceRules: [rule] },
      validations: expressions.map((expression) => ({ expression })),
    },
  } as ValidatingAdmissionPolicy;
  return checkTypes(policy, [CAP]).map(({ fieldRef, warning }) => `${fieldRef}: ${warning.split('\n')[0]}`);
}

test('custom resources have the types of their definition, as objects and as parameters', () => {
  expect(warnings('Cap', 'object.max > params.max && params.port == 1', "object.max > 'a'", 'params.min > 1')).toEqual([
    "spec.validations[1].expression: ex.com/v1, Kind=Cap: ERROR: <input>:1:12: found no matching overload for '_>_' applied to '(int, string)'",
    "spec.validations[2].expression: ex.com/v1, Kind=Cap: ERROR: <input>:1:7: undefined field 'min'",
  ]);
});

test('parameters of a kind that is not there are not known', () => {
  expect(warnings('Nope', 'object.max > 1', 'params.max > 1')).toEqual([
    "spec.validations[1].expression: ex.com/v1, Kind=Cap: ERROR: <input>:1:1: undeclared reference to 'params' (in container '')",
  ]);
});
