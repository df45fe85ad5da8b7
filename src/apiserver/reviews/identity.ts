import type { Kernel } from '../../kernel/index.ts';
import { badRequest } from '../../api/errors.ts';
import { formatTime } from '../../api/meta.ts';
import type { UntypedObject } from '../../api/object.ts';
import type { Authenticated } from '../token-authority.ts';
import { TokenError } from '../tokens/token-checks.ts';
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
  (authenticate: (token: string, audiences?: readonly string[]) => Authenticated | undefined): Review =>
  (question) => {
    const { token = '', audiences = [] } = (question['spec'] ?? {}) as { token?: string; audiences?: string[] };
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    const refused = (error: string): UntypedObject => ({ ...question, status: { user: {}, error } });
    try {
      const known = authenticate(token, audiences.length > 0 ? audiences : undefined);
      if (!known) return refused('invalid bearer token');
      const status = { authenticated: true, user: shownUser(known.user), audiences: known.audiences };
      return { ...question, status };
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      return refused(`[invalid bearer token, ${error.message}]`);
    }
  };
