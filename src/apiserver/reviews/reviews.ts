import type { Kernel } from '../../kernel/index.ts';
import type { Kind } from '../../api/kind.ts';
import type { Authorizer } from '../authorization/authorization.ts';
import type { RbacPolicy } from '../authorization/rbac-policy.ts';
import { decodeBody } from '../registry/decode-body.ts';
import { settleNamespace, type Scope } from '../registry/scope.ts';
import type { ApiResponse } from '../request.ts';
import type { Authenticated } from '../token-authority.ts';
import { localSubjectAccess, selfSubjectAccess, subjectAccess } from './access.ts';
import { selfSubject, tokenReview } from './identity.ts';
import type { Review } from './review.ts';
import { selfSubjectRules } from './rules.ts';

interface ReviewParts {
  readonly kernel: Kernel;
  readonly authorizer: Authorizer;
  readonly policy: RbacPolicy;
  /** Whose token it is, for one of these audiences, if it is good. Throws TokenError where it is so no longer. */
  readonly authenticate: (token: string, audiences?: readonly string[]) => Authenticated | undefined;
}

/** The kinds that are questions: what is created is answered and not stored. */
export class Reviews {
  readonly #byResource: ReadonlyMap<string, Review>;

  constructor({ kernel, authorizer, policy, authenticate }: ReviewParts) {
    this.#byResource = new Map([
      ['authorization.k8s.io/subjectaccessreviews', subjectAccess(authorizer)],
      ['authorization.k8s.io/selfsubjectaccessreviews', selfSubjectAccess(authorizer)],
      ['authorization.k8s.io/localsubjectaccessreviews', localSubjectAccess(authorizer)],
      ['authorization.k8s.io/selfsubjectrulesreviews', selfSubjectRules(policy)],
      ['authentication.k8s.io/tokenreviews', tokenReview(authenticate)],
      ['authentication.k8s.io/selfsubjectreviews', selfSubject(kernel)],
    ]);
  }

  /** What answers questions of a kind, if it is one of them. */
  of({ group, resource, verbs }: Kind): Review | undefined {
    return verbs ? this.#byResource.get(`${group}/${resource}`) : undefined;
  }

  serve(review: Review, scope: Scope): ApiResponse {
    const question = decodeBody(scope, scope.request.body);
    settleNamespace(scope, question);
    if (question.metadata.name === '') delete (question.metadata as { name?: string }).name;
    return { code: 201, object: review(question, scope.request.user), warnings: scope.warnings };
  }
}
