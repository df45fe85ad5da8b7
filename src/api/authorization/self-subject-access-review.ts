import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** SelfSubjectAccessReviews: a question whether one may do something oneself. */
export const SelfSubjectAccessReviewKind: Kind = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  resource: 'selfsubjectaccessreviews',
  singular: 'selfsubjectaccessreview',
  namespaced: false,
  verbs: ['create'],
  schema: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
});
