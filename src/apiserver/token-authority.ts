import type { Kernel, Random } from '../kernel/index.ts';
import { formatTime } from '../api/meta.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';
import type { UserInfo } from './request.ts';
import { boundUser, checkBound, checkSecretToken, TokenError, type Lookup } from './tokens/token-checks.ts';
import {
  boundPayload,
  ISSUER,
  SECRET_TOKEN_ISSUER,
  secretPayload,
  type BoundPayload,
  type SecretPayload,
  type SecretTokenClaims,
  type TokenClaims,
} from './tokens/token-claims.ts';
import { drawnSigner, type TokenSigner } from './tokens/token-signer.ts';

/** Whose a good token is, and for whom of those who were asked about. */
export interface Authenticated {
  readonly user: UserInfo;
  readonly audiences: readonly string[];
}

interface Known {
  readonly payload: BoundPayload | SecretPayload;
  /** The same user for the same token, so that what is known of their rights is not worked out anew. */
  user?: UserInfo;
}

const isBound = (payload: BoundPayload | SecretPayload): payload is BoundPayload => 'kubernetes.io' in payload;

/**
 * A token that was granted (the status of a TokenRequest). It is written and signed when it is first read: most Pods
 * never show theirs.
 */
export class IssuedToken {
  readonly #authority: TokenAuthority;
  readonly #claims: TokenClaims;
  readonly #issuedAt: number;
  #token: string | undefined;

  constructor(authority: TokenAuthority, claims: TokenClaims, issuedAt: number) {
    this.#authority = authority;
    this.#claims = claims;
    this.#issuedAt = issuedAt;
  }

  get token(): string {
    return (this.#token ??= this.#authority.signBound(this.#claims, this.#issuedAt));
  }

  get expirationTimestamp(): string {
    return formatTime((this.#issuedAt + this.#claims.expirationSeconds) * 1000);
  }
}

/** How many tokens are remembered as verified; the ones seen first are forgotten first. */
const REMEMBERED = 4096;

/**
 * Issues the tokens of service accounts (JSON Web Tokens, RFC 7519) and recognises them: by their signature, and by what
 * they name being there still.
 */
export class TokenAuthority {
  /** Called with the namespace and name of the Secret whose token has been taken. */
  secretTokenUsed: ((namespace: string, secret: string) => void) | undefined;
  /** Signs what is issued from here on. */
  signer: TokenSigner;
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #lookup: Lookup;
  readonly #known = new Map<string, Known>();

  /** `lookup` finds the objects with which tokens die. */
  constructor(kernel: Kernel, lookup: Lookup) {
    this.#kernel = kernel;
    this.#lookup = lookup;
    this.#random = kernel.random('kube-apiserver/token');
    this.signer = drawnSigner(this.#random);
  }

  /** A token for whoever asked. */
  issue(claims: TokenClaims): IssuedToken {
    return new IssuedToken(this, claims, Math.floor(this.#kernel.now / 1000));
  }

  /** Signs the token of these claims, issued at this second since the epoch. */
  signBound(claims: TokenClaims, issuedAt: number): string {
    return this.#sign(boundPayload(claims, issuedAt, this.#random.uuid()));
  }

  issueForSecret(claims: SecretTokenClaims): string {
    return this.#sign(secretPayload(claims));
  }

  /**
   * Whose token it is, for one of these audiences; undefined when it is not one of this server's. Throws TokenError when
   * it is and must not be taken.
   */
  authenticate(token: string, audiences: readonly string[] = [ISSUER]): Authenticated | undefined {
    const known = this.#known.get(token) ?? this.#verify(token);
    if (!known) return undefined;
    const { payload } = known;
    if (!isBound(payload)) {
      const user = checkSecretToken(payload, token, this.#lookup);
      const meant = audiences.filter((audience) => audience === ISSUER);
      if (meant.length === 0) throw wrongAudience([ISSUER], audiences);
      this.secretTokenUsed?.(
        payload['kubernetes.io/serviceaccount/namespace'],
        payload['kubernetes.io/serviceaccount/secret.name'],
      );
      return { user: (known.user ??= user), audiences: meant };
    }
    const meant = audiences.filter((audience) => payload.aud.includes(audience));
    if (meant.length === 0) throw wrongAudience(payload.aud, audiences);
    checkBound(payload, this.#lookup, this.#kernel.now);
    return { user: (known.user ??= boundUser(payload)), audiences: meant };
  }

  #sign(payload: BoundPayload | SecretPayload): string {
    const { algorithm, keyId } = this.signer;
    const header = encodeBase64Url(JSON.stringify({ alg: algorithm, kid: keyId }));
    const text = `${header}.${encodeBase64Url(JSON.stringify(payload))}`;
    // In one piece: text put together by + stays a chain of its parts.
    const token = [text, this.signer.sign(text)].join('.');
    this.#remember(token, { payload });
    return token;
  }

  /** A token's payload, once its form, issuer and signature were found good. */
  #verify(token: string): Known | undefined {
    const parts = token.split('.');
    if (parts.length !== 3) return undefined;
    const decoded = decodeBase64Url(parts[1]!);
    if (!('text' in decoded)) return undefined;
    const payload = parsed(decoded.text);
    if (payload?.iss !== ISSUER && payload?.iss !== SECRET_TOKEN_ISSUER) return undefined;
    if (!this.signer.verify(`${parts[0]!}.${parts[1]!}`, parts[2]!))
      throw new TokenError('go-jose/go-jose: error in cryptographic primitive');
    const known = { payload: payload as BoundPayload | SecretPayload };
    this.#remember(token, known);
    return known;
  }

  #remember(token: string, known: Known): void {
    if (this.#known.size >= REMEMBERED) this.#known.delete(this.#known.keys().next().value!);
    this.#known.set(token, known);
  }
}

function parsed(json: string): { readonly iss?: string } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const quoted = (list: readonly string[]): string => `[${list.map((one) => JSON.stringify(one)).join(' ')}]`;

const wrongAudience = (of: readonly string[], wanted: readonly string[]): TokenError =>
  new TokenError(`token audiences ${quoted(of)} is invalid for the target audiences ${quoted(wanted)}`);
