import { refuse, type Errors } from '../core/common-checks.ts';
import { defineKind } from '../define-kind.ts';
import { required } from '../field-error.ts';
import type { Kind } from '../kind.ts';
import { checkDnsSubdomain } from '../names.ts';
import type { MutatingAdmissionPolicyBinding } from '../types.ts';
import { bindingColumns } from './binding-columns.ts';
import {
  checkMatch,
  checkMutable,
  checkParamRef,
  MATCH_RESOURCES,
  matchWithDefaults,
  type MatchResources,
  type ParamRef,
} from './matching.ts';

/** MutatingAdmissionPolicyBindings: where a policy's changes are made. */
export const MutatingAdmissionPolicyBindingKind: Kind<MutatingAdmissionPolicyBinding> =
  defineKind<MutatingAdmissionPolicyBinding>({
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    kind: 'MutatingAdmissionPolicyBinding',
    resource: 'mutatingadmissionpolicybindings',
    singular: 'mutatingadmissionpolicybinding',
    categories: ['api-extensions'],
    namespaced: false,
    schema: 'io.k8s.api.admissionregistration.v1.MutatingAdmissionPolicyBinding',
    hasGeneration: true,
    defaults(draft) {
      const spec = (draft.spec ??= {});
      if (spec.matchResources)
        spec.matchResources = matchWithDefaults(spec.matchResources as MatchResources) as typeof spec.matchResources;
    },
    validate({ spec }) {
      const errors: Errors = [];
      if (!spec.policyName) errors.push(required('spec.policyName'));
      else refuse('spec.policyName', spec.policyName, checkDnsSubdomain(spec.policyName), errors);
      checkParamRef(spec.paramRef as ParamRef | undefined, 'spec.paramRef', errors);
      if (spec.matchResources) {
        checkMatch(spec.matchResources as MatchResources, false, MATCH_RESOURCES, errors);
        checkMutable(spec.matchResources as MatchResources, 'spec.matchResources', errors);
      }
      return errors;
    },
    columns: bindingColumns,
  });
