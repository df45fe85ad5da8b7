import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** SelfSubjectRulesReviews: a question what one may do in a namespace. */
export const SelfSubjectRulesReviewKind: Kind = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  resource: 'selfsubjectrulesreviews',
  singular: 'selfsubjectrulesreview',
  namespaced: false,
  verbs: ['create'],
  schema: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
});
