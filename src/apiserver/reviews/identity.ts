import type { Kernel } from '../../kernel/index.ts';
import { badRequest } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import { ISSUER } from '../token-authority.ts';
import type { UserInfo } from '../request.ts';
import { shownUser, type Review } from './review.ts';

/** SelfSubjectReview: who one is. */
export const selfSubject =
  (kernel: Kernel): Review =>
  (question, user) =>
    ({
      ...question,
      metadata: { ...question.metadata, creationTimestamp: formatTime(kernel.now) },
      status: { userInfo: shownUser(user) },
    }) as UntypedObject;

/** TokenReview: whose token it is; `authenticate` knows the good ones. */
export const tokenReview =
  (authenticate: (token: string) => UserInfo | undefined): Review =>
  (question) => {
    const { token = '', audiences = [] } = (question['spec'] ?? {}) as { token?: string; audiences?: string[] };
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    const user = authenticate(token);
    const status = user
      ? { authenticated: true, user: shownUser(user), audiences: audiences.length > 0 ? audiences : [ISSUER] }
      : { user: {}, error: 'invalid bearer token' };
    return { ...question, status } as UntypedObject;
  };
