import { BOOL, NULL, STRING } from '../cel/types.ts';
import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { FieldError, Kind } from '../kind.ts';
import { checkQualifiedName } from '../names.ts';
import { ageColumn, column, nameColumn } from '../table.ts';
import type { ValidatingAdmissionPolicy } from '../types.ts';
import { hasVariables, PolicyExpressions } from './expressions.ts';
import {
  checkExpression,
  checkMatch,
  checkMatchConditions,
  checkParamKind,
  checkVariables,
  FAILURE_POLICIES,
  matchWithDefaults,
} from './matching.ts';

type Spec = ValidatingAdmissionPolicy['spec'];

/** The reasons of a refusal that HTTP has a code for; 'Unauthorized' is not among them. */
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_ANNOTATIONS = 20;
const MAX_VALUE_BYTES = 5 * 1024;

function checkValidation(
  validation: NonNullable<Spec['validations']>[number],
  expressions: PolicyExpressions,
  params: boolean,
  path: string,
  errors: Errors,
): void {
  const { expression, message, messageExpression, reason } = validation;
  if (!expression?.trim()) errors.push(required(`${path}.expression`, 'expression is not specified'));
  else checkExpression(expressions, expression, { params, authorizer: true }, [BOOL], `${path}.expression`, errors);
  if (messageExpression) {
    const at = `${path}.messageExpression`;
    if (messageExpression.trim()) checkExpression(expressions, messageExpression, { params }, [STRING], at, errors);
    else errors.push(invalid(at, messageExpression, 'must be non-empty if specified'));
  }
  if (message && !message.trim()) errors.push(invalid(`${path}.message`, message, 'must be non-empty if specified'));
  else if (/[\r\n]/.test(message?.trim() ?? ''))
    errors.push(invalid(`${path}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined) checkOneOf(reason, REASONS, `${path}.reason`, errors);
}

function checkPolicy({ metadata, spec }: ValidatingAdmissionPolicy): FieldError[] {
  const errors: Errors = [];
  const expressions = new PolicyExpressions(hasVariables(spec));
  const params = spec.paramKind !== undefined;
  const { validations = [], auditAnnotations = [], matchConstraints } = spec;
  if (!spec.failurePolicy) errors.push(required('spec.failurePolicy'));
  else checkOneOf(spec.failurePolicy, FAILURE_POLICIES, 'spec.failurePolicy', errors);
  checkParamKind(spec.paramKind, 'spec.paramKind', errors);
  if (!matchConstraints) errors.push(required('spec.matchConstraints'));
  else checkMatch(matchConstraints, true, 'spec.matchConstraints', errors);
  checkMatchConditions(spec.matchConditions, params, 'spec.matchConditions', errors);
  checkVariables(spec.variables, expressions, { params, authorizer: true }, 'spec.variables', errors);
  if (validations.length === 0 && auditAnnotations.length === 0)
    for (const field of ['validations', 'auditAnnotations'])
      errors.push(required(`spec.${field}`, 'validations or auditAnnotations must contain at least one item'));
  validations.forEach((validation, i) =>
    checkValidation(validation, expressions, params, `spec.validations[${i}]`, errors),
  );
  if (auditAnnotations.length > MAX_ANNOTATIONS)
    errors.push(
      invalid(
        'spec.auditAnnotations',
        auditAnnotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression })),
        `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`,
      ),
    );
  const keys = new Set<string>();
  auditAnnotations.forEach(({ key, valueExpression }, i) => {
    const path = `spec.auditAnnotations[${i}]`;
    const name = metadata.name ? `${metadata.name}/${key}` : undefined;
    if (name === undefined) errors.push(invalid(`${path}.key`, key, 'requires metadata.name be non-empty'));
    else refuse(`${path}.key`, name, checkQualifiedName(name), errors);
    const at = `${path}.valueExpression`;
    if (!valueExpression?.trim()) errors.push(required(at, 'valueExpression is not specified'));
    else if (new TextEncoder().encode(valueExpression.trim()).length > MAX_VALUE_BYTES)
      errors.push(required(at, `must not exceed ${MAX_VALUE_BYTES} bytes in length`));
    else {
      const sight = { params, authorizer: true };
      checkExpression(expressions, valueExpression.trim(), sight, [STRING, NULL], at, errors, valueExpression);
    }
    if (keys.has(key)) errors.push(duplicate(`${path}.key`, key));
    keys.add(key);
  });
  return errors;
}

/** ValidatingAdmissionPolicies: rules in CEL that requests must satisfy. */
export const ValidatingAdmissionPolicyKind: Kind<ValidatingAdmissionPolicy> = defineKind<ValidatingAdmissionPolicy>({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  resource: 'validatingadmissionpolicies',
  singular: 'validatingadmissionpolicy',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicy',
  hasStatus: true,
  hasGeneration: true,
  defaults(draft) {
    const spec = (draft.spec ??= {});
    spec.failurePolicy ??= 'Fail';
    if (spec.matchConstraints) spec.matchConstraints = matchWithDefaults(spec.matchConstraints);
  },
  prepareForCreate(draft) {
    draft.status = {};
  },
  validate: checkPolicy,
  columns: [
    nameColumn,
    column('Validations', ({ spec }) => spec.validations?.length ?? 0, 0, 'integer'),
    column('ParamKind', ({ spec: { paramKind } }) =>
      paramKind ? `${paramKind.apiVersion}/${paramKind.kind}` : '<unset>',
    ),
    ageColumn,
  ],
});
