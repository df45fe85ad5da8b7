import { unauthorized } from '../api/errors.ts';
import type { HttpRequest, UserInfo } from './request.ts';
import type { TokenAuthority } from './token-authority.ts';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * The first stage for requests over HTTP: an identity that the caller vouches for, a bearer token (of --token-auth-file
 * or of a service account), or nobody. Throws Unauthorized for tokens that nobody issued.
 */
export function authenticate(
  { user, headers }: HttpRequest,
  tokens: TokenAuthority,
  staticTokens: Readonly<Record<string, UserInfo>>,
): UserInfo {
  if (user) return user;
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  if (bearer === undefined) return ANONYMOUS;
  const known = staticTokens[bearer] ?? tokens.authenticate(bearer);
  if (!known) throw unauthorized();
  return known;
}
