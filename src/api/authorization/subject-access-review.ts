import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** SubjectAccessReviews: a question whether someone may do something, answered at once and not kept. */
export const SubjectAccessReviewKind: Kind = defineKind({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  resource: 'subjectaccessreviews',
  singular: 'subjectaccessreview',
  namespaced: false,
  verbs: ['create'],
  schema: 'io.k8s.api.authorization.v1.SubjectAccessReview',
});
