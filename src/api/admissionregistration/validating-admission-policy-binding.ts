import { checkOneOf, refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { duplicate, invalid, required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import type { ValidatingAdmissionPolicyBinding } from '../types.ts';
import { bindingColumns } from './binding-columns.ts';
import { checkMatch, checkParamRef, MATCH_RESOURCES, matchWithDefaults } from './matching.ts';

const ACTIONS = ['Audit', 'Deny', 'Warn'];

function checkBinding({ spec }: ValidatingAdmissionPolicyBinding): Errors {
  const errors: Errors = [];
  const { policyName, paramRef, matchResources, validationActions = [] } = spec;
  if (!policyName) errors.push(required('spec.policyName'));
  else refuse('spec.policyName', policyName, checkDnsSubdomain(policyName), errors);
  checkParamRef(paramRef, 'spec.paramRef', errors);
  if (matchResources) checkMatch(matchResources, false, MATCH_RESOURCES, errors);
  const path = 'spec.validationActions';
  if (validationActions.length === 0) errors.push(required(path, 'at least one validation action is required'));
  validationActions.forEach((action, i) => {
    checkOneOf(action, ACTIONS, `${path}[${i}]`, errors);
    if (validationActions.indexOf(action) < i) errors.push(duplicate(`${path}[${i}]`, action));
  });
  if (validationActions.includes('Deny') && validationActions.includes('Warn'))
    errors.push(
      invalid(
        path,
        validationActions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  return errors;
}

/** ValidatingAdmissionPolicyBindings: where a policy holds, and what comes of breaking it. */
export const ValidatingAdmissionPolicyBindingKind: Kind<ValidatingAdmissionPolicyBinding> =
  defineKind<ValidatingAdmissionPolicyBinding>({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    resource: 'validatingadmissionpolicybindings',
    singular: 'validatingadmissionpolicybinding',
    categories: ['api-extensions'],
    namespaced: false,
    schema: 'io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding',
    hasGeneration: true,
    defaults(draft) {
      const spec = (draft.spec ??= { policyName: '', validationActions: [] });
      if (spec.matchResources) spec.matchResources = matchWithDefaults(spec.matchResources);
    },
    validate: checkBinding,
    columns: bindingColumns,
  });
