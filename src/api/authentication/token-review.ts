import { defineKind } from '../define-kind.ts';
import type { Kind } from '../kind.ts';

/** TokenReviews: a question whose token it is. */
export const TokenReviewKind: Kind = defineKind({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  resource: 'tokenreviews',
  singular: 'tokenreview',
  namespaced: false,
  verbs: ['create'],
  schema: 'io.k8s.api.authentication.v1.TokenReview',
});
