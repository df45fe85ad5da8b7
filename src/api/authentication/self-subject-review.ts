import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** SelfSubjectReviews: a question who one is to the API server. */
export const SelfSubjectReviewKind: Kind = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  resource: 'selfsubjectreviews',
  singular: 'selfsubjectreview',
  namespaced: false,
  verbs: ['create'],
  schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
});
