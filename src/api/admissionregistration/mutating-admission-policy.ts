import { listType, type CelType } from '../cel/types.ts';
import { checkOneOf, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { invalid, notSupported, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { MutatingAdmissionPolicy } from '../types.ts';
import { hasVariables, PolicyExpressions } from './expressions.ts';
import {
  checkExpression,
  checkMatch,
  checkMatchConditions,
  checkMutable,
  checkParamKind,
  checkVariables,
  FAILURE_POLICIES,
  matchWithDefaults,
  type MatchResources,
} from './matching.ts';
import { JSON_PATCH_TYPE, OBJECT_TYPE } from './patch-types.ts';

type Spec = MutatingAdmissionPolicy['spec'];

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch'];

function checkMutation(
  mutation: NonNullable<Spec['mutations']>[number],
  expressions: PolicyExpressions,
  params: boolean,
  path: string,
  errors: Errors,
): void {
  const { patchType, applyConfiguration, jsonPatch } = mutation;
  const excludes = (part: unknown, field: string): void => {
    if (part)
      errors.push(invalid(`${path}.${field}`, `{${field}}`, `must not be specified when patchType is ${patchType}`));
  };
  const needs = (part: { expression?: string } | undefined, field: string, type: CelType): void => {
    const at = `${path}.${field}.expression`;
    const sight = { params, authorizer: true, patches: true };
    if (!part) errors.push(required(`${path}.${field}`, `must be specified when patchType is ${patchType}`));
    else if (!part.expression?.trim()) errors.push(required(at));
    else checkExpression(expressions, part.expression.trim(), sight, [type], at, errors);
  };
  if (!patchType) errors.push(required(`${path}.patchType`));
  else if (patchType === 'ApplyConfiguration') {
    needs(applyConfiguration, 'applyConfiguration', OBJECT_TYPE);
    excludes(jsonPatch, 'jsonPatch');
  } else if (patchType === 'JSONPatch') {
    needs(jsonPatch, 'jsonPatch', listType(JSON_PATCH_TYPE));
    excludes(applyConfiguration, 'applyConfiguration');
  } else errors.push(notSupported(`${path}.patchType`, patchType, PATCH_TYPES));
}

function checkPolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  const errors: Errors = [];
  const expressions = new PolicyExpressions(hasVariables(spec));
  const params = spec.paramKind !== undefined;
  if (!spec.failurePolicy) errors.push(required('spec.failurePolicy'));
  else checkOneOf(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', errors);
  checkParamKind(spec.paramKind, 'spec.paramKind', errors);
  if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
  else {
    checkMatch(spec.matchConstraints as MatchResources, true, 'spec.matchConstraints', errors);
    checkMutable(spec.matchConstraints as MatchResources, 'spec.matchConstraints', errors);
  }
  checkMatchConditions(spec.matchConditions, params, 'spec.matchConditions', errors);
  checkVariables(spec.variables, expressions, { params, authorizer: true }, 'spec.variables', errors);
  if (!spec.mutations?.length) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
  spec.mutations?.forEach((mutation, i) =>
    checkMutation(mutation, expressions, params, `spec.mutations[${i}]`, errors),
  );
  if (!spec.reinvocationPolicy) errors.push(required('spec.reinvocationPolicy'));
  else checkOneOf(spec.reinvocationPolicy, ['IfNeeded', 'Never'], 'spec.reinvocationPolicy', errors);
  return errors;
}

/** MutatingAdmissionPolicies: changes in CEL that are made to requests. */
export const MutatingAdmissionPolicyKind: Kind<MutatingAdmissionPolicy> = defineKind<MutatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  resource: 'mutatingadmissionpolicies',
  singular: 'mutatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicy',
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {});
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints)
      spec.matchConstraints = matchWithDefaults(
        spec.matchConstraints as MatchResources,
      ) as typeof spec.matchConstraints;
  },
  validate: checkPolicy,
  columns: [
    nameColumn,
    column('Mutations', ({ spec }) => spec.mutations?.length ?? 0, 0, 'integer'),
    column('ParamKind', ({ spec: { paramKind } }) =>
      paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>',
    ),
    ageColumn,
  ],
});
