import { unauthorized } from '../api/errors.ts';
import type { HttpRequest, UserInfo } from './request.ts';
import type { Authenticated, TokenAuthority } from './token-authority.ts';
import { TokenError } from './tokens/token-checks.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who has which bearer token: --token-auth-file. */
type StaticTokens = Readonly<Record<string, UserInfo>>;

/**
 * The first stage for requests over HTTP: an identity that the caller vouches for, a bearer token (of --token-auth-file
 * or of a service account), or nobody. Throws Unauthorized for tokens that are not, or no longer, good.
 */
export function authenticate(
  { user, headers }: HttpRequest,
  tokens: TokenAuthority,
  staticTokens: StaticTokens,
): UserInfo {
  if (user) return user;
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (bearer === undefined) return ANONYMOUS;
  try {
    const known = authenticateToken(bearer, undefined, tokens, staticTokens);
    if (known) return known.user;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
  }
  throw unauthorized();
}

/** Whose token it is, for one of these audiences; undefined when nobody's. Throws TokenError for those not taken any more. */
export function authenticateToken(
  token: string,
  audiences: readonly string[] | undefined,
  tokens: TokenAuthority,
  staticTokens: StaticTokens,
): Authenticated | undefined {
  const user = Object.hasOwn(staticTokens, token) ? staticTokens[token] : undefined;
  return user ? { user, audiences: audiences ?? [] } : tokens.authenticate(token, audiences);
}
