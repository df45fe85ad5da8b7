import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** LocalSubjectAccessReviews: a question whether someone may do something in one namespace. */
export const LocalSubjectAccessReviewKind: Kind = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  resource: 'localsubjectaccessreviews',
  singular: 'localsubjectaccessreview',
  namespaced: true,
  verbs: ['create'],
  schema: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
});
