import { badRequest } from '../../api/errors.ts';
import type { UntypedObject } from '../../api/object.ts';
import { nodeOf } from '../authorization/node.ts';
import type { RbacPolicy } from '../authorization/rbac-policy.ts';
import type { Review } from './review.ts';

/** SelfSubjectRulesReview: what one may do in a namespace, as the roles say it. Other authorizers cannot tell. */
export const selfSubjectRules =
  (policy: RbacPolicy): Review =>
  (question, user) => {
    const { namespace = '' } = (question['spec'] ?? {}) as { namespace?: string };
    if (!namespace) throw badRequest('no namespace on request');
    const { rules, errors } = policy.rulesFor(user, namespace);
    const status = {
      resourceRules: rules
        .filter(({ resources }) => resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(apiGroups?.length ? { apiGroups } : {}),
          resources,
          ...(resourceNames?.length ? { resourceNames } : {}),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: nodeOf(user) !== undefined || errors.length > 0,
      ...(errors.length > 0 ? { evaluationError: errors.join(', ') } : {}),
    };
    return { ...question, spec: {}, status } as UntypedObject;
  };
